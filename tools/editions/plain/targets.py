"""What a link of the book can lead to, and what each thing is called and numbered on the site."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token
from myst_parser.mdit_to_docutils.base import default_slugify

from tools.editions.plain.contents import Page
from tools.editions.plain.myst import directive, walk


@dataclass(frozen=True)
class Target:
    """A place in a page: `text` is what a link says that has no text of its own."""

    page: Page
    anchor: str
    text: str


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: its names, of which the first is the English one."""

    names: tuple[str, ...]
    meaning: str

    @property
    def anchor(self) -> str:
        """The anchor of the entry."""
        return "term-" + re.sub(r"\W+", "-", self.names[0].lower()).strip("-")


@dataclass
class Targets:
    """Pages by name; equations, terms and the rest (sections, exercises) by label.

    `sections` are headings by their page and by the anchor that the site makes of their text; those
    of `linked` are what some page leads to without a label. `cited` are the keys of the references
    that some page cites.
    """

    pages: dict[str, Target] = field(default_factory=dict)
    equations: dict[str, Target] = field(default_factory=dict)
    labels: dict[str, Target] = field(default_factory=dict)
    terms: dict[str, Target] = field(default_factory=dict)
    sections: dict[tuple[str, str], Target] = field(default_factory=dict)
    linked: set[tuple[str, str]] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)

    def page(self, name: str, source: Page) -> Target:
        """The page that `name` leads to from `source`; raises `ValueError` where there is none."""
        found = self.pages.get(_page_name(name, source))
        if found is None:
            raise ValueError(f"no page {name!r} is in _toc.yml")
        return found

    def place(self, address: str, source: Page) -> Target:
        """The page, or its section behind a `#`, that `address` leads to from `source`.

        Raises `ValueError` where there is none.
        """
        name, _, anchor = address.partition("#")
        target = self.page(name, source)
        if not anchor:
            return target
        found = self.sections.get((target.page.name, anchor))
        if found is None:
            raise ValueError(f"{target.page.name} has no section {anchor!r}")
        return found


def find_targets(pages: Iterable[Page], parser: MarkdownIt) -> Targets:
    """Everything in the pages that has a label or a title.

    Equations and exercises are counted in each numbered page, and in all other pages together, as
    Sphinx does. Raises `ValueError` naming what is there twice, or a page without a title.
    """
    targets = Targets()
    counts: Counter[tuple[str, int | None]] = Counter()
    for page in pages:
        titled = False
        for text in page.texts():
            tokens = list(walk(parser, text))
            for place, token in enumerate(tokens):
                if token.type == "heading_open" and token.tag == "h1" and not titled:
                    targets.pages[page.name] = Target(page, "", tokens[place + 1].content)
                    titled = True
                if token.type == "heading_open" and token.tag in ("h1", "h2", "h3"):
                    heading = tokens[place + 1]
                    section = Target(page, anchor_of(heading), heading.content)
                    targets.sections.setdefault((page.name, section.anchor), section)
                _note(token, tokens[place + 1 : place + 3], page, targets, counts)
        if not titled:
            raise ValueError(f"{page.path}: the page has no title")
    return targets


def _page_name(name: str, source: Page) -> str:
    """The name in `_toc.yml` of what `name` stands for on the page `source`."""
    folder = "/" if name.startswith("/") else PurePosixPath(source.name).parent
    path = normpath(PurePosixPath("/", folder, name.lstrip("/"))).lstrip("/")
    return re.sub(r"\.(md|ipynb)$", "", path)


def anchor_of(heading: Token) -> str:
    """The anchor that the site gives to a heading, from the `inline` token of its text.

    Of equal headings of a page only the first one can be linked to.
    """
    parts = [child for child in heading.children or [] if child.type in ("text", "code_inline")]
    return default_slugify("".join(part.content for part in parts))


def _note(
    token: Token,
    following: list[Token],
    page: Page,
    targets: Targets,
    counts: Counter[tuple[str, int | None]],
) -> None:
    """Enter what one token labels."""
    found = directive(token)
    for child in token.children or []:
        if child.type == "myst_role" and child.meta["name"].startswith("cite:"):
            targets.cited.update(key.strip() for key in child.content.split(","))
        name, _, anchor = str(child.attrGet("href") or "").partition("#")
        if child.type == "link_open" and name and anchor and ":" not in name:
            targets.linked.add((_page_name(name, page), anchor))
    if token.type == "math_block_label":
        number = _number("equation", page, counts)
        _enter(targets.equations, token.info, Target(page, f"eq-{token.info}", f"({number})"))
    elif token.type == "myst_target":
        title = following[1].content if len(following) == 2 else token.content
        _enter(targets.labels, token.content, Target(page, token.content, title))
    elif found and found.name == "exercise":
        called = f"Exercise {_number('exercise', page, counts)}"
        label = found.options.get("label", "")
        _enter(targets.labels, label, Target(page, label, called))
    elif found and found.name == "glossary":
        for term in glossary(found.body):
            for name in term.names:
                _enter(targets.terms, name.lower(), Target(page, term.anchor, name))


def _number(kind: str, page: Page, counts: Counter[tuple[str, int | None]]) -> str:
    counts[kind, page.number] += 1
    count = counts[kind, page.number]
    return str(count) if page.number is None else f"{page.number}.{count}"


def _enter(where: dict[str, Target], label: str, target: Target) -> None:
    if not label:
        raise ValueError(f"{target.page.path}: {target.text} has no label")
    if label in where:
        raise ValueError(f"{target.page.path}: {label!r} is also in {where[label].page.path}")
    where[label] = target


def glossary(body: str) -> list[Term]:
    """The entries of a glossary, sorted: lines with names, then one indented paragraph."""
    terms = []
    for entry in re.split(r"\n\s*\n", re.sub(r"^:sorted:\n", "", body)):
        lines = entry.strip("\n").split("\n")
        names = tuple(line.strip() for line in lines if not line.startswith(" "))
        meaning = " ".join(line.strip() for line in lines if line.startswith(" "))
        terms.append(Term(names, meaning))
    return sorted(terms, key=lambda term: term.names[0].lower())


def relative(target: str | Path, source: Page) -> str:
    """The address of a file of the edition, seen from the page `source`."""
    up = len(PurePosixPath(source.file).parent.parts)
    here, there = PurePosixPath(source.file).parent, PurePosixPath(target)
    if here == there.parent:
        return there.name
    return "/".join([*[".."] * up, str(there)])
