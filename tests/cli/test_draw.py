"""Drawing from words as users do it: what is written, and what is refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from mmbook.cli import draw
from mmbook.cli.draw import BETWEEN, CELL, GAP, Painter, painted, sheet
from mmbook.datasets.small.spoken_digits import CHINESE, ENGLISH
from mmbook.models import Drawing, DrawingConfig, load_pretrained, save_pretrained, shipped_models
from mmbook.preprocessing.images.files import read_image

Captured = pytest.CaptureFixture[str]
DIGITS = draw.PAINTERS[0]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights that knows the characters of all digits."""
    folder = tmp_path_factory.mktemp("models") / "digit-drawing"
    characters = "".join(sorted(set("".join(ENGLISH + CHINESE))))
    config = DrawingConfig(characters, size=8, width=6, noise=4, channels=2, hidden=5)
    torch.manual_seed(0)
    save_pretrained(folder, config, config.build())
    return folder


@pytest.fixture
def model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Drawing:
    """The same, which the program takes for the one that ships."""
    painter = Painter(model_folder, DIGITS.knows, DIGITS.read)
    monkeypatch.setattr(draw, "PAINTERS", [painter])
    return load_pretrained(model_folder)


def run(*words: object) -> int:
    try:
        return draw.main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


def cells(place: Path, rows: int, columns: int) -> np.ndarray:
    """The drawings of a picture, pixel by pixel: (rows, columns, 8, 8, 3)."""
    step, page = CELL + GAP, read_image(place)
    assert page.shape == (rows * step - GAP, columns * step - GAP, 3)
    each = [
        [page[y * step : y * step + CELL, x * step : x * step + CELL] for x in range(columns)]
        for y in range(rows)
    ]
    zoom = CELL // 8
    small = np.array(each)[:, :, ::zoom, ::zoom]
    assert (small.repeat(zoom, 2).repeat(zoom, 3) == each).all()
    return small


def test_a_row_a_word_and_a_column_a_drawing(
    model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    place = tmp_path / "out.png"
    assert run("seven", " 七", "TWO", "-o", place, "--count", 3, "--seed", 5) == 0
    assert "".join(capsys.readouterr()) == ""
    for row, word in zip(cells(place, 3, 3), ("seven", "七", "two"), strict=True):
        wanted = (255 * model.predict(word, 3, 5)).round().byte().movedim(1, -1)
        assert (row == wanted.numpy()).all()


def test_the_same_command_gives_the_same_picture(
    model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    for name, *options in (("a",), ("b",), ("c", "--seed", 1)):
        assert run("nine", *options, "-o", tmp_path / f"{name}.png") == 0
    a, b, c = (read_image(tmp_path / f"{name}.png") for name in "abc")
    assert (a == b).all() and (a != c).any()


def test_what_cannot_be_drawn_is_named_with_what_can_and_the_rest_is_done(
    model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    place, texts = tmp_path / "out.png", ["ten", "one", "a red star", "", "三", "五五"]
    assert run(*texts, "-o", place, "--json") == 1
    printed = capsys.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [row["text"] for row in rows] == texts
    assert [row.get("row") for row in rows] == [None, 0, None, None, 1, None]
    assert all(row["picture"] == str(place) for row in rows if "row" in row)
    wrong = "what can be drawn is: a digit, zero, one, two, three, four, five, six, seven, "
    assert all(row["error"].startswith(wrong) for row in rows if "row" not in row)
    assert len(printed.err.splitlines()) == 4
    assert printed.err.startswith("error: 'ten': what can be drawn is: a digit")
    assert len(cells(place, 2, 1)) == 2


def test_nothing_is_written_where_nothing_can_be_drawn(
    model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    place = tmp_path / "out.png"
    place.write_text("old")
    assert run("a large blue ring above a small red heart", "-o", place) == 1
    assert place.read_text() == "old" and os.listdir(tmp_path) == ["out.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "{}/x.png"], "name a word to draw"),
        (["one"], "output"),
        (["one", "-o", "{}/x.jpg"], "x.jpg does not end in .png"),
        (["one", "-o", "{}/no/x.png"], "there is no folder"),
        (["one", "-o", "{}/x.png", "--count", "0"], "--count must be 1 or more drawings, not 0"),
        (["one", "2", "-o", "{}/x.png", "--count", "201"], "400 drawings at most, not 402"),
        (["one", "-o", "{}/x.png", "--seed", "-1"], "--seed must be 0 to 2^63 - 1, not -1"),
    ],
)
def test_a_wrong_command_is_said_in_a_line(
    words: list[str], said: str, tmp_path: Path, capsys: Captured
) -> None:
    assert run(*(word.format(tmp_path) for word in words)) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and len(printed.err.splitlines()) == 1
    assert not os.listdir(tmp_path)


def test_a_missing_model_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(draw, "PAINTERS", [Painter("no-such-model", "digits", DIGITS.read)])
    assert run("one", "-o", tmp_path / "x.png") == 2
    assert "there is no folder 'no-such-model'" in capsys.readouterr().err


def test_a_disk_that_is_full_leaves_the_old_picture(
    model: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    place = tmp_path / "out.png"
    place.write_text("old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert run("one", "-o", place, "--json") == 1
    printed = capsys.readouterr()
    assert "out.png cannot be written: No space left on device" in printed.err
    assert "No space left" in json.loads(printed.out)["error"]
    assert place.read_text() == "old" and os.listdir(tmp_path) == ["out.png"]


def test_the_words_are_those_of_the_digits_and_help_names_them(capsys: Captured) -> None:
    assert (draw.ENGLISH, draw.CHINESE) == (ENGLISH, CHINESE)
    assert run("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "no sentences" in said and all(word in said for word in ENGLISH + CHINESE)


def test_a_text_is_drawn_by_the_first_painter_that_can(
    model: Drawing, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_word(text: str) -> str | None:
        return text.split()[-1] if text.startswith("draw ") else None

    other = Painter(model_folder, "what follows the word draw", last_word)
    monkeypatch.setattr(draw, "PAINTERS", [*draw.PAINTERS, other])
    found, wanted = painted("draw six", 2, 0), painted("six", 2, 0)
    assert not isinstance(found, str) and not isinstance(wanted, str)
    assert (found == wanted).all() and found.shape == (2, 8, 8, 3)
    assert str(painted("sketch six", 1, 0)).endswith("; or what follows the word draw")


def test_a_drawing_that_does_not_fill_its_cell_stands_in_the_middle() -> None:
    page = sheet([np.zeros((1, 100, 100, 3), np.uint8), np.ones((1, 64, 64, 3), np.uint8)])
    assert page.shape == (2 * CELL + GAP, CELL, 3)
    assert (page[12 : 12 + 200, 12 : 12 + 200] == 0).all()
    assert (page[CELL + GAP + 16 : -16, 16:-16] == 1).all()
    assert page[11, 11, 0] == page[-16, 50, 0] == BETWEEN


@pytest.mark.skipif("digit-drawing" not in shipped_models(), reason="the model is not there yet")
@pytest.mark.parametrize("word", ["seven", "七"])
def test_the_model_that_ships_draws_what_the_one_that_reads_reads(
    word: str, tmp_path: Path
) -> None:
    digits = [
        load_pretrained("mnist").predict(picture)
        for picture in (255 * load_pretrained("digit-drawing").predict(word, 20)).byte()
    ]
    assert sum(digit.label == "7" for digit in digits) >= 15
    assert run(word, "-o", tmp_path / "out.png") == 0
    assert load_pretrained("mnist").predict(tmp_path / "out.png").label == digits[0].label
