"""MyST Markdown turned into the Markdown that Colab, JupyterLab, VS Code and GitHub all show."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.editions.plain.contents import Page
from tools.editions.plain.myst import Directive, directive, text_and_target
from tools.editions.plain.references import References, anchor
from tools.editions.plain.targets import Target, Targets, anchor_of, glossary, relative

COMMENT = re.compile(r"<!--.*?-->", re.S)
# Around what the site replaces by a network to play with; the book's texts hold no other <div>.
LIVE = re.compile(r'<div class="live"[^>]*>|</div>')
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
# Blocks that every reader of notebooks knows. Anything else is refused until it has a rule here.
BLOCKS = {"fence", "code_block", "hr", "inline", "math_block"} | {
    f"{name}_{end}"
    for name in (
        *("paragraph", "heading", "bullet_list", "ordered_list", "list_item", "blockquote"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    )
    for end in ("open", "close")
}
INLINES = {"text", "softbreak", "hardbreak", "code_inline", "math_inline"} | {
    f"{name}_{end}" for name in ("em", "strong", "s") for end in ("open", "close")
}


@dataclass
class Plain:
    """Turns the texts of one page of the book in `root` into plain Markdown.

    It notes what they cite and show.
    `reader` is the page in which the texts are put, if that is another one.
    `cited` are the keys of references, in the order of their first mention; `shown` are pictures,
    each with the file of the book that it is in the edition. Every `ValueError`
    begins with the line of the text that is not understood.
    """

    root: Path
    page: Page
    parser: MarkdownIt
    targets: Targets
    references: References
    reader: Page | None = None
    cited: dict[str, None] = field(default_factory=dict)
    shown: dict[str, Path] = field(default_factory=dict)

    def text(self, text: str, first: int = 1, quoted: bool = False) -> str:
        """`text`, whose first line has the number `first`, in plain Markdown.

        What will be quoted has its formulas on one line each: `>` inside one would be a sign of it.
        """
        lines = text.split("\n")
        blocks: dict[tuple[int, int], str] = {}
        inlines: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
        opened = ""
        for token in self.parser.parse(text):
            begin, end = token.map or (0, 0)
            try:
                if token.type == "inline":
                    inlines[begin, end] += self._pieces(token)
                    if opened == "heading_open" and self._is_linked(token):
                        blocks[begin, begin] = f"{anchor(anchor_of(token))}\n"
                elif (block := self._block(token, first, quoted)) is not None:
                    blocks[begin, end] = _indented(block, lines[begin])
            except ValueError as error:
                # What a directive holds has said its own line already.
                known = str(error).startswith("line ")
                raise ValueError(f"{'' if known else f'line {first + begin}: '}{error}") from None
            opened = token.type
        for (begin, end), pieces in inlines.items():
            if pieces:
                blocks[begin, end] = _replaced("\n".join(lines[begin:end]), pieces, first + begin)
        for (begin, end), block in sorted(blocks.items(), reverse=True):
            lines[begin:end] = block.split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def _is_linked(self, heading: Token) -> bool:
        """Whether some page leads to this heading by the anchor of its text."""
        return (self.page.name, anchor_of(heading)) in self.targets.linked

    def _block(self, token: Token, first: int, quoted: bool) -> str | None:
        """What stands for a block; None where it stays as it is."""
        found = directive(token)
        if found is not None:
            if found.name not in DIRECTIVES:
                raise ValueError(f"the directive {{{found.name}}} has no plain form")
            return DIRECTIVES[found.name](self, found, first + found.line)
        if token.type in ("math_block", "math_block_label"):
            return self._formula(token, quoted)
        if token.type == "myst_target":
            return f"{anchor(token.content)}\n"
        if token.type == "html_block":
            return LIVE.sub("", COMMENT.sub("", token.content)).rstrip("\n")
        if token.type not in BLOCKS:
            raise ValueError(f"{token.type} has no plain form")
        return None

    def _formula(self, token: Token, quoted: bool) -> str:
        label, formula = token.info, token.content.strip("\n")
        if token.type == "math_block_label":
            formula += f"\n\\tag{{{self.targets.equations[label].text.strip('()')}}}"
        lines = ["$$", *formula.split("\n"), "$$"]
        text = (" " if quoted else "\n").join(line.strip() if quoted else line for line in lines)
        return text if token.type == "math_block" else f"{anchor(f'eq-{label}')}\n\n{text}"

    def _pieces(self, token: Token) -> list[tuple[str, str]]:
        """What is replaced by what in a line of text, from left to right."""
        pieces, links = [], []
        for child in token.children or []:
            start, end = child.meta.get("span", (0, 0))
            written = token.content[start:end]
            if child.type == "myst_role":
                pieces.append((written, self._role(child)))
            elif child.type == "html_inline" and COMMENT.fullmatch(written):
                pieces.append((written, ""))
            elif child.type == "image":
                pieces.append((written, self._shown(child.content, str(child.attrGet("src")))))
            elif child.type == "link_open":
                links.append((written, str(child.attrGet("href"))))
            elif child.type == "link_close":
                pieces += self._link(*links.pop())
            elif child.type not in INLINES | {"html_inline"}:
                raise ValueError(f"{child.type} has no plain form: {written!r}")
        return pieces

    def _role(self, token: Token) -> str:
        name = str(token.meta["name"])
        if name not in ROLES:
            raise ValueError(f"the role {{{name}}} has no plain form")
        return ROLES[name](self, token.content)

    def _link(self, written: str, address: str) -> list[tuple[str, str]]:
        if written.startswith("<") or ELSEWHERE.match(address):
            return []
        end = written.rindex("](")
        label = address.removeprefix("#")
        known = self.targets.labels.get(label) or self.targets.equations.get(label)
        target = known or self.targets.place(address, self.page)
        text = "" if written[1:end].strip() else target.text
        return [(written[end:], f"{text}]({self._address(target)})")]

    def _address(self, target: Target) -> str:
        place = f"#{target.anchor}" if target.anchor else ""
        reader = self.reader or self.page
        same = target.page == reader and place
        return place if same else relative(target.page.file, reader) + place

    def _to(self, target: Target | None, content: str, text: str = "") -> str:
        if target is None:
            raise ValueError(f"nothing in the book is called {content!r}")
        return f"[{text or target.text}]({self._address(target)})"

    def _shown(self, alt: str, address: str) -> str:
        """A picture, which comes with the edition unless it lies elsewhere."""
        if not ELSEWHERE.match(address):
            place = normpath(PurePosixPath(self.page.name).parent / address)
            if not (self.root / place).is_file():
                raise ValueError(f"there is no picture {place}")
            file = place.removeprefix("chapters/")
            self.shown[file] = self.root / place
            address = relative(file, self.reader or self.page)
        return f"![{alt}]({address})"

    # What directives become.

    def _picture(self, found: Directive, line: int) -> str:
        return self._shown(found.options.get("alt", ""), found.argument)

    def _box(self, found: Directive, line: int) -> str:
        title = found.argument or found.name.capitalize()
        body = self.text(found.body, line, quoted=True)
        return "\n".join(f"> {part}".rstrip() for part in [f"**{title}**", "", *body.split("\n")])

    def _folded(self, found: Directive, line: int, title: str = "") -> str:
        body = self.text(found.body, line)
        title = self.text(title or found.argument, line)
        return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"

    def _exercise(self, found: Directive, line: int) -> str:
        target = self.targets.labels[found.options["label"]]
        mark = "" if found.argument.endswith(("?", "!", ".")) else "."
        title = f"{anchor(target.anchor)}**{target.text}: {found.argument}{mark}**"
        return f"{title}\n\n{self.text(found.body, line)}"

    def _solution(self, found: Directive, line: int) -> str:
        target = self.targets.labels.get(found.argument)
        if target is None:
            raise ValueError(f"a solution of {found.argument!r}, which is no exercise")
        return self._folded(found, line, f"Solution to {target.text}")

    def _glossary(self, found: Directive, line: int) -> str:
        return "\n\n".join(
            f"{anchor(term.anchor)}{' · '.join((f'**{term.names[0]}**', *term.names[1:]))}  \n"
            f"{self.text(term.meaning, line)}"
            for term in glossary(found.body)
        )

    def _bibliography(self, found: Directive, line: int) -> str:
        cited = [key for key in self.references if key in self.targets.cited]
        return self.references.listed(cited)

    # What roles become.

    def _page(self, content: str) -> str:
        text, name = text_and_target(content)
        return self._to(self.targets.page(name, self.page), name, text)

    def _named(self, where: str, content: str) -> str:
        text, label = text_and_target(content)
        label = label.lower() if where == "terms" else label
        target = getattr(self.targets, where).get(label)
        return self._to(target, content, text or (content if where == "terms" else ""))

    def _cited(self, content: str, in_text: bool) -> str:
        keys = [key.strip() for key in content.split(",")]
        self.cited.update(dict.fromkeys(keys))
        links = []
        for key in keys:
            year = self.references.year(key)
            text = f"{self.references.authors(key)} ({year})" if in_text else ""
            text = text or f"{self.references.authors(key)}, {year}"
            links.append(f"[{text}](#ref-{key})")
        if not in_text:
            return f"({'; '.join(links)})"
        return " and ".join([", ".join(links[:-1]), links[-1]] if len(links) > 1 else links)


DIRECTIVES: dict[str, Callable[[Plain, Directive, int], str]] = {
    "admonition": Plain._box,
    "note": Plain._box,
    "dropdown": Plain._folded,
    "exercise": Plain._exercise,
    "image": Plain._picture,
    "solution": Plain._solution,
    "glossary": Plain._glossary,
    "bibliography": Plain._bibliography,
}
ROLES: dict[str, Callable[[Plain, str], str]] = {
    "doc": Plain._page,
    "ref": lambda plain, content: plain._named("labels", content),
    "eq": lambda plain, content: plain._named("equations", content),
    "term": lambda plain, content: plain._named("terms", content),
    "cite:p": partial(Plain._cited, in_text=False),
    "cite:t": partial(Plain._cited, in_text=True),
}


def _indented(block: str, line: str) -> str:
    """A block as far to the right as the line that it replaces."""
    indent = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith(">"):
        raise ValueError("a directive or formula in a quotation has no plain form")
    return "\n".join(indent + part if part else "" for part in block.split("\n"))


def _replaced(text: str, pieces: list[tuple[str, str]], line: int) -> str:
    """`text` with the pieces replaced, each looked for behind the one before."""
    place = 0
    for old, new in pieces:
        place = text.find(old, place)
        if place < 0:
            raise ValueError(f"line {line}: {old!r} stands over two lines; write it on one")
        text = f"{text[:place]}{new}{text[place + len(old) :]}"
        place += len(new)
    return text
