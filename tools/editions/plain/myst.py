"""MyST Markdown as its own parser reads it, with the place of every piece of syntax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

NAME = re.compile(r"\{(?P<name>[^}]+)\}[ ]*(?P<argument>.*)")
OPTION = re.compile(r":(?P<key>[\w-]+):[ ]*(?P<value>.*)")
CODE_OF = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.S)


@dataclass(frozen=True)
class Directive:
    """A fence with a name in braces. `body` begins at line `line` of the text it stands in."""

    name: str
    argument: str
    options: dict[str, str]
    body: str
    line: int


def myst_parser(root: Path) -> MarkdownIt:
    """The parser of the book in `root`, with the extensions that its `_config.yml` asks for.

    A token that belongs to a line of text notes in its `meta["span"]` where in that text it began
    and ended, which markdown-it does not tell by itself.
    """
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    extensions = settings.get("parse", {}).get("myst_enable_extensions", [])
    parser = create_md_parser(MdParserConfig(enable_extensions=set(extensions)), RendererHTML)
    rules = parser.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        rules.at(name, _placed(rule))
    return parser


def _placed(rule: Any) -> Any:
    """An inline rule that notes the span of what it recognised."""

    def placed(state: Any, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            for token in state.tokens[count:]:
                if token.type != "text" and "span" not in token.meta:
                    token.meta["span"] = (start, state.pos)
                    break
        return found

    return placed


def directive(token: Token) -> Directive | None:
    """The directive that a token is; None for code and everything else."""
    named = NAME.match(token.info) if token.type in ("fence", "colon_fence") else None
    if named is None:
        return None
    lines = token.content.split("\n")
    options = {}
    while lines and (option := OPTION.fullmatch(lines[0])):
        options[option["key"]] = option["value"]
        del lines[0]
    blank = len(lines)
    body = "\n".join(lines).lstrip("\n")
    blank -= len(body.split("\n"))
    line = (token.map or [0])[0] + 1 + len(options) + blank
    return Directive(named["name"], named["argument"].strip(), options, body.rstrip(), line)


def walk(parser: MarkdownIt, text: str) -> Iterator[Token]:
    """Every block of a text, with what stands inside its directives, in order."""
    for token in parser.parse(text):
        yield token
        found = directive(token)
        if found is not None:
            yield from walk(parser, found.body)


def text_and_target(content: str) -> tuple[str, str]:
    """The two halves of a role's `text <target>`; the first is empty where there is no text."""
    both = CODE_OF.match(content)
    return (both["text"], both["target"]) if both else ("", content)
