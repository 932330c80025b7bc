"""What the README says to do works: its example, with fewer steps, and its first command."""

import re
from pathlib import Path

import pytest
import yaml

from tools.address import fill_address, stored_address

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
URL = "https://github.com/somebody/multimodal"
QUICK = {"10_000": "256", "2_000": "64", "steps=500": "steps=3, device='cpu'"}


def test_the_example_runs_and_prints_an_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    for part, smaller in QUICK.items():
        assert example.count(part) == 1
        example = example.replace(part, smaller)
    exec(example, {})
    assert re.fullmatch(r"\d+% right on .*\n", capsys.readouterr().out)


def test_it_says_how_long_the_example_takes() -> None:
    after = README.split("```python")[1].split("```")[1].split("\n\n")[1]
    assert re.search(r"takes about .*(seconds|minute).*prints how often", after, re.S)


@pytest.mark.parametrize("address", [URL, ""])
def test_the_first_command_is_git_clone(address: str) -> None:
    shown = re.sub(r"<!--.*?-->", "", fill_address(README, address), flags=re.S)
    first = re.findall(r"```bash\n(.*?)```", shown, re.S)[0]
    assert first.startswith(f"git clone {address or 'ADDRESS'} mmbook && cd mmbook\n")
    assert ("this copy" in shown) != bool(address)


def test_the_readme_is_filled_for_the_address_that_is_set() -> None:
    assert fill_address(README, stored_address(ROOT)) == README


def rows_of(text: str) -> list[tuple[str, str, str]]:
    """The rows of the table of what runs today: part, chapters, state."""
    table = text.split("## What runs today")[1].split("\n## ")[0]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [(a.strip(), b.strip(), c.strip()) for a, b, c in cells[1:]]


def chapters() -> dict[str, list[str]]:
    """{caption of a part: names of its chapters}, as the book has them."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    return {p["caption"]: [Path(c["file"]).name for c in p["chapters"]] for p in parts}


def test_the_readme_names_every_chapter_that_runs_and_no_other() -> None:
    named: dict[str, list[str]] = {}
    part = ""
    for title, names, state in rows_of(README):
        part = re.sub(r"^\d+ ", "", title) or part
        if state == "runs":
            named.setdefault(part, []).extend(re.findall(r"`([\w-]+)`", names))
    expected = {part: names for part, names in chapters().items() if part != "Appendix"}
    del named["Appendix"]  # in words
    assert named == expected


def test_the_first_page_says_of_no_part_with_chapters_that_all_of_it_is_to_come() -> None:
    intro = (ROOT / "intro.md").read_text(encoding="utf-8")
    running = [chapter for _, chapter, state in rows_of(intro) if state == "runs"]
    for part in chapters():
        if part != "Appendix":
            assert any(row.startswith(part) for row in running), part
