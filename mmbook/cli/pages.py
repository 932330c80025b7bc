"""What the pages that programs write share: one file that needs no other, light and dark."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from mmbook.cli.files import printable, replaced

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; img-src data:; style-src 'unsafe-inline'{sources}">
<title>{title}</title>
<style>
:root { color-scheme: light dark; --page: #fff; --ink: #22282d; --muted: #55606a; --rule: #d8dde2;
  --card: #f5f7f9; --link: #1f5f8b; --wrong: #a3262a; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181b; --ink: #dbe1e6; --muted: #a3aeb8; --rule: #3b444c; --card: #1d2327;
    --link: #8cc4ea; --wrong: #f0928f; }
}
body { max-width: 70rem; margin: 0 auto; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; }
h2 { margin: 2rem 0 0.3rem; font-size: 1.15rem; }
p { margin: 0.3rem 0; color: var(--muted); }
.wrong { color: var(--wrong); }
{style}</style>
"""


def head(title: str, style: str, sources: str = "") -> str:
    """The beginning of a page: its title, its CSS, and what it may load, as "; media-src data:"."""
    text = HEAD.replace("{sources}", sources).replace("{style}", style)
    return text.replace("{title}", shown(title))  # last: a title may hold "{style}" itself


def shown(text: object) -> str:
    """A text as HTML shows it on one line, whatever is in it."""
    return escape(printable(text))


def write_page(place: Path, parts: Iterable[str]) -> None:
    """Write the page; whoever reads it meanwhile sees the old one or all of the new one.

    Raises OSError, and then leaves nothing.
    """
    # Half a character, as a name may hold, is no UTF-8.
    with (
        replaced(place) as half,
        half.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        for part in parts:
            file.write(part)
