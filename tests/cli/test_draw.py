"""Drawing from words as users do it: what is written, and what is refused."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from mmbook.cli import draw
from mmbook.cli.draw import BETWEEN, CELL, GAP, sheet
from mmbook.cli.files import InputError
from mmbook.cli.painters import CHINESE, ENGLISH, Digits, Manner, Scenes
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.layout import SceneConfig, SceneObject
from mmbook.datasets.scenes.words import PLACES
from mmbook.datasets.small import spoken_digits
from mmbook.experiments.scene_captioning.training import words_of
from mmbook.models import (
    Drawing,
    DrawingConfig,
    SceneDrawing,
    SceneDrawingConfig,
    load_pretrained,
    save_pretrained,
    shipped_models,
)
from mmbook.preprocessing.images.files import read_image

Captured = pytest.CaptureFixture[str]
READER = Scenes({"en": "english", "zh": "chinese"})
TWO = "a large green circle at the top left and a small blue square at the bottom right"
ZWEI = "左上方有一个绿色的大圆形，右下方有一个蓝色的小正方形"


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
    monkeypatch.setattr(draw, "PAINTERS", [Digits(model_folder), *draw.PAINTERS[1:]])
    return load_pretrained(model_folder)


@pytest.fixture(scope="module")
def scene_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models of both languages with random weights."""
    folders = {}
    for language in ("en", "zh"):
        config = SceneDrawingConfig(words_of(language), 8, 16, 8, 1, steps=2, guidance=1.5)
        torch.manual_seed(0)
        folders[language] = tmp_path_factory.mktemp("scenes") / f"scene-drawing-{language}"
        save_pretrained(folders[language], config, config.build())
    return folders


@pytest.fixture
def scenes(
    scene_folders: dict[str, Path], model: Drawing, monkeypatch: pytest.MonkeyPatch
) -> dict[str, SceneDrawing]:
    """The same, which the program takes for those that ship; digits are drawn as before."""
    monkeypatch.setattr(draw, "PAINTERS", [draw.PAINTERS[0], Scenes(scene_folders)])
    return {language: load_pretrained(folder) for language, folder in scene_folders.items()}


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


def test_a_sentence_of_a_language_that_no_network_draws_is_named_and_the_rest_drawn(
    model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    assert run(ZWEI, "seven", "-o", tmp_path / "out.png") == 1
    said = capsys.readouterr().err
    assert "no network draws such sentences" in said and "a large red circle" in said
    assert (tmp_path / "out.png").is_file()
    assert "有" not in draw.PAINTERS[1].knows and "有" in READER.knows


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
    place, texts = tmp_path / "out.png", ["ten", "one", "a hundred", "", "三", "五五"]
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
    assert run("a large blue ring above a small red cat", "-o", place) == 1
    assert place.read_text() == "old" and os.listdir(tmp_path) == ["out.png"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "{}/x.png"], "name a text to draw"),
        (["one"], "output"),
        (["one", "-o", "{}/x.jpg"], "x.jpg does not end in .png"),
        (["one", "-o", "{}/no/x.png"], "there is no folder"),
        (["one", "-o", "{}/x.png", "--count", "0"], "--count must be 1 or more drawings, not 0"),
        (["one", "2", "-o", "{}/x.png", "--count", "201"], "400 drawings at most, not 402"),
        (["one", "-o", "{}/x.png", "--seed", "-1"], "--seed must be 0 to 2^63 - 1, not -1"),
        (["one", "-o", "{}/x.png", "--steps", "0"], "--steps must be 1 to 100, not 0"),
        (["one", "-o", "{}/x.png", "--guidance", "nan"], "--guidance must be 0 to 10, not nan"),
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
    monkeypatch.setattr(draw, "PAINTERS", [Digits("no-such-model")])
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
    assert (ENGLISH, CHINESE) == (spoken_digits.ENGLISH, spoken_digits.CHINESE)
    assert run("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "What they cannot do" in said
    assert all(word in said for word in (*ENGLISH, *CHINESE, "32 pixels", "one or two shapes"))


def test_sentences_become_scenes_and_words_stay_digits(
    scenes: dict[str, SceneDrawing], model: Drawing, tmp_path: Path, capsys: Captured
) -> None:
    place = tmp_path / "out.png"
    assert run(TWO, "seven", ZWEI, "-o", place, "--count", 2, "--seed", 3) == 0
    assert "".join(capsys.readouterr()) == ""
    first, digits, last = cells(place, 3, 2)
    for row, language, sentence in ((first, "en", TWO), (last, "zh", ZWEI)):
        wanted = (255 * scenes[language].draw([sentence] * 2, 3)).round().byte().movedim(1, -1)
        assert (row == wanted.numpy()).all()
    assert (
        digits == (255 * model.predict("seven", 2, 3)).round().byte().movedim(1, -1).numpy()
    ).all()
    assert (first != last).any() and (first[0] != first[1]).any()


def test_a_flow_is_followed_as_the_command_says(
    scenes: dict[str, SceneDrawing], tmp_path: Path
) -> None:
    ways = {
        "shipped": (),
        "the same": ("--steps", 2, "--guidance", 1.5),
        "steps": ("--steps", 3),
        "guidance": ("--guidance", 1),
    }
    found = {}
    for name, options in ways.items():
        assert run(TWO, "-o", tmp_path / "x.png", *options) == 0
        found[name] = read_image(tmp_path / "x.png")
    assert (found["shipped"] == found["the same"]).all()
    assert (found["shipped"] != found["steps"]).any()
    assert (found["shipped"] != found["guidance"]).any()
    assert scenes["en"].config.steps == 2


def asked(text: str, seed: int = 0) -> str:
    request = READER.read(text, seed)
    assert request is not None
    return request.text


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (TWO, TWO),
        ("A small blue square on the bottom right, a  large green circle in the top left.", TWO),
        ("右下方有一个蓝色的小正方形, 左上方有一个绿色的大圆形。", ZWEI),
        ("a large gray ring at the top left", "a large grey ring at the top left"),
        ("a small orange star at the top left", "a small orange star at the top left"),
        ("an large orange star at the top left", "a large orange star at the top left"),
    ],
)
def test_a_sentence_is_asked_in_the_words_and_the_order_of_the_training(
    written: str, wanted: str
) -> None:
    assert asked(written) == wanted


def scene_of(sentence: str, language: str) -> tuple[SceneObject, ...]:
    """What a sentence that is asked of a network describes, read by its words' places alone."""
    found = []
    for part in sentence.split(" and " if language == "en" else "，"):
        for name, chinese in PLACES.items():
            if part.endswith(f"at the {name}") or part.startswith(f"{chinese}有"):
                y, x = (
                    {"top": 0.2, "bottom": 0.8, "left": 0.2, "right": 0.8}[w] for w in name.split()
                )
                found.append((part, x, y))
    (one, x, y), (_, other_x, other_y) = found
    red, blue = ("circle", "red", "large"), ("square", "blue", "small")
    first, second = (red, blue) if "circle" in one or "圆形" in one else (blue, red)
    return SceneObject(*first, x, y, 0.2), SceneObject(*second, other_x, other_y, 0.1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"a large red circle {relation} a small blue square"
            for relation in ("left of", "right of", "above", "below")
        ),
        *(
            f"一个蓝色的小正方形的{side}有一个红色的大圆形"
            for side in ("左边", "右边", "上方", "下方")
        ),
    ],
)
def test_a_relation_becomes_places_that_bear_it_out(text: str) -> None:
    language = "en" if text.isascii() else "zh"
    sentences = {asked(text, seed) for seed in range(20)}
    assert len(sentences) == 2 and asked(text, 5) == asked(text, 5)
    for sentence in sentences:
        one, other = scene_of(sentence, language)
        assert check_caption(text, (one, other), language).complete
        assert (one.x == other.x) != (one.y == other.y)


def test_the_left_of_people_is_that_of_the_grammar() -> None:
    text = "a large red circle to the left of a small blue square"
    assert asked(text) == asked(text.replace("to the left", "left"))


def test_what_is_left_open_is_chosen_of_what_was_learned_from() -> None:
    found = [READER.read("a star and an object", seed) for seed in range(200)]
    texts = {request.text for request in found if request}
    assert len(texts) > 100
    assert all(request is not None and request.notes == () for request in found)
    assert asked("a star").startswith(("a small", "a large"))
    colours = {text.split()[2] for text in (asked("a star", seed) for seed in range(100))}
    shown = {colour for shape, colour in SceneConfig().pairs("train") if shape == "star"}
    assert colours == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a large red dog", "'dog' cannot be drawn; the words are small, large; red, orange"),
        ("three red circles", "'three', 'circles' cannot be drawn"),
        ("一个红色的大猫", "'猫' cannot be drawn; the words are 小, 大; 红色"),
        ("red circle", "'red circle' says no shape and place as 'a large red circle left of"),
        ("a red circle left", "says no shape and place"),
        ("a star, a ring and a heart", "one or two shapes can be drawn at a time, not 3"),
        ("a star above a ring and a heart", "one or two shapes can be drawn at a time, not 3"),
    ],
)
def test_a_sentence_that_is_nearly_right_is_told_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        READER.read(text, 0)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["one hundred", "a string quartet", "start", "五五", ""])
def test_what_is_about_no_shape_is_left_to_others(text: str) -> None:
    assert READER.read(text, 0) is None


def test_what_was_chosen_and_what_no_picture_showed_is_said(
    scenes: dict[str, SceneDrawing], tmp_path: Path, capsys: Captured
) -> None:
    place = tmp_path / "out.png"
    held_out = "a large red circle left of a small blue square"
    assert ("circle", "red") not in SceneConfig().pairs("train")
    assert run(held_out, "-o", place) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(f"'{held_out}': asked for 'a large red circle at the ")
    assert printed.err == (
        f"note: '{held_out}': no picture that the network learned from shows a red circle\n"
    )
    twice = "a large red star left of a small red star"
    assert run(held_out, twice, "a large red dog", "one", "-o", place, "--json") == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row.get("row") for row in rows] == [0, 1, None, 2]
    assert rows[0]["asked"] == asked(held_out) and "shows a red circle" in rows[0]["notes"][0]
    assert rows[1]["notes"] == [
        "no picture that the network learned from shows two of one shape in one colour"
    ]
    assert rows[2]["error"].startswith("'dog' cannot be drawn")
    assert rows[3]["asked"] == "one" and rows[3]["notes"] == []


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


@pytest.mark.skipif("scene-drawing" not in shipped_models(), reason="the model is not there yet")
@pytest.mark.parametrize(
    "text",
    [
        "a large red star left of a small green square",
        "a large red circle at the top left and a small blue square at the bottom right",
    ],
)
def test_the_scene_that_ships_has_its_colours_where_they_were_asked_for(
    text: str, tmp_path: Path
) -> None:
    request = draw.PAINTERS[1].read(text, 0)
    assert request is not None
    pictures = draw.PAINTERS[1].draw(request, Manner(count=8))
    left, right = pictures.split(16, dim=3)
    red = [(half[:, 0] - half[:, 2] > 0.3).sum(dim=(1, 2)) for half in (left, right)]
    assert (red[0] > 2 * red[1]).sum() >= 6  # a large shape may reach across the middle
