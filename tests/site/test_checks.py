"""Each check of the site finds what it is there to find, on pages with one flaw each."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.site import inspection
from tools.site.browser import Mode, chromium_path
from tools.site.build import build, is_stale, main, page_names
from tools.site.inspection import inspect
from tools.site.links import broken_links, undescribed_pictures
from tools.site.serve import served

PAGE = """<!doctype html><html lang="en"><head><title>A page</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"></head>
<body><main><h1>A page</h1>{}</main></body></html>"""

FLAWS = {
    "request: http://example.invalid": '<img src="http://example.invalid/a.png" alt="A dot.">',
    "request: https://example.invalid": '<script src="https://example.invalid/a.js"></script>',
    "console: a cry": "<script>console.error('a cry')</script>",
    "console: a fall": "<script>throw new Error('a fall')</script>",
    "console: Failed to load": '<img src="missing.png" alt="A picture.">',
    "access: color-contrast": '<p style="color:#bbb;background:#fff">Pale words.</p>',
    "access: image-alt": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "access: link-name": '<a href="#"></a>',
    "overflow: at 1280 px": '<div style="width:1500px">Wide.</div>',
    "overflow: at 390 px": '<div style="width:500px">Too wide for a telephone.</div>',
    "code: at 1280 px, 1 of 1": '<div class="cell_input"><pre tabindex="0" '
    'style="width:90px;overflow:auto">a_line = "that is longer"</pre></div>',
    "cut: at 390 px, nothing scrolls around <pre": '<div style="overflow:hidden">'
    '<pre style="width:500px">A line of code that is longer than the page.</pre></div>',
    "cut: at 390 px, nothing scrolls around <table": "<details><summary>More</summary>"
    '<div style="overflow:hidden"><table style="width:500px"><tr><td>1</table></div></details>',
    "cut: at 390 px, nothing scrolls around <mjx-container": '<span style="display:inline-flex;'
    'max-width:100%;overflow:hidden"><mjx-container><mjx-math style="display:inline-block;'
    'width:500px">x</mjx-math></mjx-container></span>',
    "math: not typeset": r'<span class="math">\(x\)</span>',
    "markup: '{cite}'": "<p>As {cite}<code>someone</code> showed.</p>",
    "markup: '{numref}'": "<p>See {numref}<code>a-figure</code>.</p>",
    "markup: '$$'": "<p>$$ x $$</p>",
    "markup: ':::'": "<p>:::{note}</p>",
}


def inspect_html(folder: Path, html: str, chromium: Browser, mode: Mode = "light") -> list[str]:
    (folder / "index.html").write_text(html, encoding="utf-8")
    with served(folder) as address:
        return inspect(chromium, f"{address}/index.html", mode)


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_found(flaw: str, tmp_path: Path, chromium: Browser) -> None:
    problems = inspect_html(tmp_path, PAGE.format(FLAWS[flaw]), chromium)
    assert any(problem.startswith(flaw) for problem in problems), problems


def test_a_sound_page_has_no_problems(tmp_path: Path, chromium: Browser) -> None:
    sound = (
        "<p>Words, <code>{cite}</code>.</p><pre>$$ :::{note} \\(</pre>"
        '<div style="overflow:auto" tabindex="0"><table style="width:500px"><tr><td>1</table></div>'
    )
    assert inspect_html(tmp_path, PAGE.format(sound), chromium) == []


def test_a_page_that_ignores_dark_mode_is_found(tmp_path: Path, chromium: Browser) -> None:
    html = PAGE.format("").replace("<html", '<html data-theme="light"')
    assert "mode: asked for dark, the page shows light" in inspect_html(
        tmp_path, html, chromium, "dark"
    )


def test_a_file_page_that_asks_the_network_is_found(tmp_path: Path, chromium: Browser) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(FLAWS["request: http://example.invalid"]), encoding="utf-8")
    assert "request: http://example.invalid/a.png" in inspect(chromium, page.as_uri())


def test_overflow_is_found_inside_the_theme(site: Path, tmp_path: Path, chromium: Browser) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    html = (copy / "intro.html").read_text(encoding="utf-8")
    wide = '<div style="width:700px">Too wide for a telephone.</div></article>'
    problems = inspect_html(copy, html.replace("</article>", wide, 1), chromium)
    assert [problem[:20] for problem in problems] == ["overflow: at 390 px,"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_still_has_the_flaws_it_is_excused_for(
    mode: Mode, address: str, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "THEME_VIOLATIONS", {})
    problems = inspect(chromium, f"{address}/intro.html", mode)
    assert [problem.split(":")[1] for problem in problems] == [f" region at .only-{mode}"]


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here">sound</a><a href="#top" id="top">sound</a>'
        '<a href="https://example.invalid">left out</a><a href="other.html#gone">1</a>'
        '<a href="#gone">2</a><a href="gone.html">3</a><img src="gone.png" alt="A dot.">'
        '<a href="/other.html">4</a><a href="../outside.html">5</a>'
    )
    (tmp_path / "other.html").write_text('<h2 id="here">Here</h2>')
    (tmp_path.parent / "outside.html").write_text("")
    assert [problem.partition(" -> ")[2] for problem in broken_links(tmp_path)] == [
        "other.html#gone: no such anchor",
        "#gone: no such anchor",
        "gone.html: no such file",
        "gone.png: no such file",
        "/other.html: absolute path, which breaks where the site is not at the host's root",
        "../outside.html: no such file",
    ]


@pytest.mark.parametrize(
    "alt", ["", 'alt=""', 'alt="../../_images/a1b2.png"', 'alt="<Figure size"']
)
def test_a_picture_without_description_is_found(alt: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f'<img src="a.png" {alt}><img src="b.png" alt="A cat.">')
    assert len(undescribed_pictures(tmp_path)) == 1


def test_a_folder_without_pages_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run `make book` first"):
        broken_links(tmp_path)
    with pytest.raises(ValueError, match="run `make book` first"), served(tmp_path):
        pass


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="apt-get install -y chromium"):
        chromium_path()


def write_book(folder: Path, text: str) -> Path:
    (folder / "_config.yml").write_text("title: A book\nonly_build_toc_files: true\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: intro\n")
    (folder / "intro.md").write_text(text)
    return folder


def test_a_warning_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        build(write_book(tmp_path, "# A book\n\n{ref}`nowhere`\n"))


def test_a_site_is_stale_until_it_is_built_and_after_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = write_book(tmp_path, "# A book\n")
    assert page_names(book) == ["intro.html", "genindex.html", "search.html"]
    assert is_stale(book)
    monkeypatch.setattr(sys, "argv", ["build", "--if-older", str(book)])
    assert main() == 0 and not is_stale(book)
    built = (book / "_build/html/intro.html").stat().st_mtime_ns
    assert main() == 0 and (book / "_build/html/intro.html").stat().st_mtime_ns == built
    later = (book / "_build/html/searchindex.js").stat().st_mtime + 10
    os.utime(book / "intro.md", (later, later))
    assert is_stale(book)
