"""The search as its users run it: sentences of all kinds, odd pictures, and what comes out."""

import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmbook.cli import pictures, progress, search, sheet
from mmbook.datasets.scenes.collection import load_scenes
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.words import COLOURS, RELATIONS, SHAPES, SIZES
from mmbook.models import load_pretrained, save_pretrained, shipped_models
from mmbook.models.next_word import EnglishWords
from mmbook.models.retrieval import ImageSearch, ImageSearchConfig

ROOT = str(Path(__file__).parents[2])
SENTENCE = "a small red circle left of a large blue star"
ODD = ("new\nline.png", "<b>&amp;.png", "图片 🙂.png", "-x.png", "\x1b[31m.png")


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, and the words of scenes."""
    folder = tmp_path_factory.mktemp("model") / "scene-search"
    relations = (word for relation in RELATIONS for word in relation.split())
    words = tuple(dict.fromkeys(["a", *relations, *COLOURS, *SHAPES, *SIZES]))
    config = ImageSearchConfig(EnglishWords(words), width=16, stages=(4, 8))
    torch.manual_seed(0)
    save_pretrained(folder, config, config.build())
    return folder


@pytest.fixture
def model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> ImageSearch:
    """The same, which the program takes for the one that ships."""
    monkeypatch.setattr(search, "MODEL", model_folder)
    return load_pretrained(model_folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of scenes with plain and with odd names."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, image in zip(("a.png", "b.png", "c.png", *ODD), drawn(8), strict=True):
        (folder / name).write_bytes(cv2.imencode(".png", image[..., ::-1])[1].tobytes())
    return folder


def drawn(count: int) -> list[np.ndarray]:
    """Scenes of two objects, (48, 48, 3) each."""
    config = SceneConfig(objects=(2, 2))
    scenes = load_scenes("train", size=48, count=count, config=config)
    return [image.permute(1, 2, 0).numpy() for image in scenes.images]


def run(*words: object) -> int:
    try:
        return search.main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


Captured = pytest.CaptureFixture[str]


def test_the_order_and_the_scores_are_the_model_s(
    model: ImageSearch, folder: Path, capsys: Captured
) -> None:
    assert run(SENTENCE, folder, "--json", "--top", 100) == 0
    (answer,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert answer["query"] == SENTENCE and answer["unknown_words"] == []
    files = sorted(folder.iterdir())
    wanted = model.predict(SENTENCE, files)
    order = wanted.argsort(descending=True).tolist()
    assert [row["picture"] for row in answer["results"]] == [str(files[i]) for i in order]
    assert [row["rank"] for row in answer["results"]] == list(range(1, len(files) + 1))
    found = torch.tensor([row["score"] for row in answer["results"]])
    assert (found - wanted[order]).abs().max() < 1e-4


def test_text_has_a_line_a_picture_whatever_its_name(
    model: ImageSearch, folder: Path, capsys: Captured
) -> None:
    assert run(SENTENCE, folder, "--top", 100) == 0
    printed = capsys.readouterr()
    rows = printed.out.splitlines()
    assert len(rows) == 8 and printed.err == ""
    assert all(re.match(r" ?-?[01]\.\d{3}  \S", row) for row in rows)
    assert "new\\nline.png" in printed.out and "图片 🙂.png" in printed.out
    assert "\x1b" not in printed.out


def test_top_cuts_and_a_picture_named_twice_counts_once(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "again.png").symlink_to(folder / "a.png")
    assert run(SENTENCE, folder / "a.png", tmp_path / "again.png", folder, "--top", 3) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run(SENTENCE, folder / "a.png", tmp_path / "again.png", folder, "--top", 50) == 0
    names = [row.split("  ")[-1] for row in capsys.readouterr().out.splitlines()]
    assert len(names) == len(set(names)) == 8 and str(folder / "a.png") in names


def test_equal_pictures_stand_in_the_order_of_their_names(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    for name in "dbca":
        (tmp_path / f"{name}.png").write_bytes((folder / "a.png").read_bytes())
    assert run(SENTENCE, tmp_path) == 0
    names = [Path(row).name for row in capsys.readouterr().out.splitlines()]
    assert names == ["a.png", "b.png", "c.png", "d.png"]


def test_many_sentences_a_line_each(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    queries = [SENTENCE, "", "a zebra", "Zebras!", "a red heart", "?"]
    (tmp_path / "q.txt").write_text("\r\n".join(queries) + "\n", encoding="utf-8")
    assert run("--queries", tmp_path / "q.txt", "--json", "--top", 2, folder) == 1
    printed = capsys.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [row["query"] for row in rows] == queries
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [len(row["results"]) for row in rows] == [2, 0, 2, 0, 2, 0]
    assert ["error" in row for row in rows] == [False, True, False, True, False, True]
    assert [row["unknown_words"] for row in rows[:4]] == [[], [], ["zebra"], ["zebras"]]
    said = printed.err.splitlines()
    assert said[0].endswith("q.txt, line 2: '': the sentence is empty: words were expected")
    assert said[1].startswith("note: ") and said[1].endswith("does not know it: zebra")
    assert "line 4: 'Zebras!': the model knows none of these words, only: a, above" in said[2]
    assert len(said) == 4


def test_unknown_words_are_left_out(model: ImageSearch, folder: Path, capsys: Captured) -> None:
    scores = []
    for sentence in ("a red circle", "a  shiny RED circle, really"):
        assert run(sentence, folder, "--json") == 0
        scores.append(json.loads(capsys.readouterr().out)["results"])
    assert scores[0] == scores[1]


def test_text_of_many_sentences_names_each(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "q.txt").write_text(f"{SENTENCE}\na heart", encoding="utf-8")
    assert run("--queries", tmp_path / "q.txt", "--top", 1, folder) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 4 and rows[0] == SENTENCE and rows[2] == "a heart"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "name a sentence and where to look for it"),
        (["a star"], 2, "behind the sentence 'a star'"),
        (["a star", "{folder}", "--top", "0"], 2, "--top must be 1 or more pictures, not 0"),
        (["a star", "{folder}", "--top", "x"], 2, "top"),
        (["a star", "{folder}", "--best", "3"], 2, "--best"),
        (["a star", "{folder}", "--html", "{folder}"], 2, "is no file that can be replaced"),
        (["a star", "{folder}", "--html", "/no/folder/x.html"], 2, "there is no folder /no/folder"),
        (["--queries", "none.txt", "{folder}"], 2, "none.txt: cannot be read: No such file"),
        (["--queries", "{folder}/a.png", "{folder}"], 2, "UTF-8"),
        (["--queries", "/dev/null"], 2, "holds no sentence"),
        (["", "{folder}"], 1, "'': the sentence is empty"),
        ([" ... ", "{folder}"], 1, "the sentence is empty"),
        (["zebra", "{folder}"], 1, "'zebra': the model knows none of these words, only: a, above"),
        (["{folder}", "a star"], 1, "; the sentence comes before the files"),
        (["a star " * 40, "{folder}"], 1, "the sentence has 80 words, and 64 are the most"),
        (["a \udcff star", "{folder}"], 1, "lone surrogate U+DCFF"),
        (["红色的圆形", "{folder}"], 1, "'红色的圆形': the model knows none of these words"),
        (["a star", "gone.png"], 1, "gone.png: there is no such file or folder"),
        (["a star", "{empty}"], 1, "the folder holds no file that ends in .jpeg, .jpg, .png"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    words: list[str],
    status: int,
    said: str,
    model: ImageSearch,
    folder: Path,
    tmp_path: Path,
    capsys: Captured,
) -> None:
    assert run(*(w.format(folder=folder, empty=tmp_path) for w in words)) == status
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err
    lines = printed.err.splitlines()
    assert all(line.startswith("error: ") for line in lines) and len(lines) in (1, 2)
    assert len(lines) == 1 or lines[1].startswith("error: there is no picture to search in")


def test_a_missing_model_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(search, "MODEL", "no-such-model")
    assert run(SENTENCE, folder) == 2
    assert "there is no folder 'no-such-model'" in capsys.readouterr().err


def content(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def test_pictures_of_all_kinds(model: ImageSearch, tmp_path: Path, capsys: Captured) -> None:
    scene = Image.fromarray(drawn(1)[0])
    (tmp_path / "scene.png").write_bytes(content(scene, "PNG"))
    (tmp_path / "cmyk.jpg").write_bytes(content(scene.convert("CMYK"), "JPEG"))
    (tmp_path / "pixel.png").write_bytes(content(Image.new("RGB", (1, 1), "red"), "PNG"))
    (tmp_path / "line.png").write_bytes(content(Image.new("L", (3000, 1), 9), "PNG"))
    (tmp_path / "large.jpg").write_bytes(content(scene.resize((5000, 4000)), "JPEG"))
    (tmp_path / "clear.png").write_bytes(content(Image.new("LA", (9, 9)), "PNG"))
    assert run(SENTENCE, tmp_path, "--top", 9, "--html", tmp_path / "sheet.html", "--json") == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    scores = {Path(r["picture"]).stem: r["score"] for r in json.loads(printed.out)["results"]}
    assert scores.keys() == {"scene", "cmyk", "pixel", "line", "large", "clear"}
    assert scores["cmyk"] == pytest.approx(scores["scene"], abs=0.03)
    assert (tmp_path / "sheet.html").read_text(encoding="utf-8").count("<img") == 6


def test_unreadable_pictures_are_named_and_the_rest_is_done(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    whole = (folder / "a.png").read_bytes()
    (tmp_path / "cut\n.png").write_bytes(whole[:100])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "whole.png").write_bytes(whole)
    huge = bytearray(whole)
    huge[16:24] = (30_000).to_bytes(4, "big") * 2  # its header says so
    (tmp_path / "huge.png").write_bytes(huge)
    assert run(SENTENCE, tmp_path, "gone.png") == 1
    printed = capsys.readouterr()
    assert [Path(row).name for row in printed.out.splitlines()] == ["whole.png"]
    said = printed.err.splitlines()
    assert len(said) == 5 and all(line.startswith("error: ") for line in said)
    assert "cut\\n.png: a PNG file of 48 x 48 pixels that is cut short" in said[0]
    assert "pass at_least" not in printed.err


def test_memory_holds_one_batch(
    model: ImageSearch,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    sizes: list[int] = []
    embed = ImageSearch.embed_images

    def noted(self: ImageSearch, images: torch.Tensor) -> torch.Tensor:
        sizes.append(len(images))
        return embed(self, images)

    monkeypatch.setattr(pictures, "BATCH", 3)
    monkeypatch.setattr(search, "BATCH", 2)
    monkeypatch.setattr(ImageSearch, "embed_images", noted)
    found = pictures.read_pictures(model, [folder])
    assert sizes == [3, 3, 2] and found.vectors.shape == (8, 16)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a star\n" * 5)))
    assert run("--queries", "-", folder, "--top", 1) == 0
    assert len(capsys.readouterr().out.splitlines()) == 10


def test_progress_is_lines_in_a_file_and_a_bar_in_a_terminal(
    model: ImageSearch, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0)
    assert run(SENTENCE, folder) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[1] == "1 of 8 pictures are read" and len(said) == 8
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(SENTENCE, folder) == 0
    assert "pictures" in (said := capsys.readouterr().err) and "\r" in said


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_sheet_needs_no_other_file_and_takes_no_name_for_markup(
    model: ImageSearch, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    queries = tmp_path / "q.txt"
    queries.write_text("<script>a red star</script>\n{searched} <i>\na heart", encoding="utf-8")
    place = tmp_path / "sheet.html"
    assert run("--queries", queries, "--top", 50, "--html", place, folder) == 1
    text = place.read_text(encoding="utf-8")
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "b&amp;", "i", "link", "a"})
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 16 and all(i["src"].startswith("data:image/png;") for i in images)
    assert "<b>&amp;.png" in page.text and "new\\nline.png" in page.text
    assert "<script>a red star</script>" in page.text and "{searched} <i>" in page.text
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert not re.search(r"(?:src|href)=\"(?!data:)|url\(|https?:", text)
    assert os.listdir(tmp_path) == ["q.txt", "sheet.html"] or len(os.listdir(tmp_path)) == 2


def test_a_sheet_that_cannot_be_finished_leaves_the_old_one(
    model: ImageSearch,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    place = tmp_path / "sheet.html"
    place.write_text("old")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sheet, "item", full)
    assert run(SENTENCE, folder, "--html", place) == 1
    printed = capsys.readouterr()
    assert "sheet.html: cannot be written: No space left on device" in printed.err
    assert len(printed.out.splitlines()) == 5
    assert place.read_text() == "old" and os.listdir(tmp_path) == ["sheet.html"]


def test_a_sheet_goes_through_a_link_and_a_picture_may_have_gone(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.html").touch()
    (tmp_path / "link.html").symlink_to(tmp_path / "there.html")
    result = {"rank": 1, "picture": str(tmp_path / "\udcff.png"), "score": 0.5}
    answer = {"query": "a star", "unknown_words": [], "results": [result]}
    sheet.write_sheet(tmp_path / "link.html", [answer], 1)
    text = (tmp_path / "there.html").read_text(encoding="utf-8")
    assert (tmp_path / "link.html").is_symlink()
    assert "no longer there" in text and "\\udcff.png" in text


def test_as_a_process_with_sentences_from_stdin_and_names_that_are_no_text(
    model_folder: Path, folder: Path, tmp_path: Path
) -> None:
    odd = os.fsdecode(b"\xff\xfe.png")
    (tmp_path / odd).write_bytes((folder / "a.png").read_bytes())
    code = (
        "import sys; from mmbook.cli import search; from mmbook.__main__ import run; "
        f"search.MODEL = {str(model_folder)!r}; sys.exit(run())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "search", "--queries", "-", "--json", odd],
        input="\ufeffa star\na 心 heart\n".encode(),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ROOT, "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [row["query"] for row in rows] == ["a star", "a 心 heart"]
    assert [row["results"][0]["picture"] for row in rows] == [odd, odd]
    assert done.stderr.startswith(b"note: -, line 2: ") and done.stderr.count(b"\n") == 1


def test_stdin_that_is_no_text_is_named(
    model: ImageSearch, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a star\n\xff")))
    assert run("--queries", "-", folder) == 2
    assert "stdin, byte 8: not UTF-8" in capsys.readouterr().err


def test_help_says_what_the_model_knows_and_what_not(capsys: Captured) -> None:
    assert run("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "python -m mmbook search" in said and "--queries" in said
    assert "two coloured shapes" in said and "photographs" in said and "counting" in said
    for word in (*COLOURS, *SHAPES, *SIZES, *RELATIONS):
        assert word in said


@pytest.mark.skipif("scene-search" not in shipped_models(), reason="the model is not there yet")
def test_the_model_that_ships_finds_what_is_asked_for(tmp_path: Path, capsys: Captured) -> None:
    config = SceneConfig(objects=(2, 2), radii=((0.12, 0.15), (0.2, 0.24)))
    scenes = load_scenes("test", size=64, count=40, seed=9, level="relation", config=config)
    for number, image in enumerate(scenes.images):
        pixels = image.permute(1, 2, 0).numpy()[..., ::-1]
        (tmp_path / f"{number}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    captions = [caption for (caption,) in scenes.captions["en"]]
    (tmp_path / "q.txt").write_text("\n".join(captions), encoding="utf-8")
    assert run("--queries", tmp_path / "q.txt", "--json", tmp_path) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [Path(row["results"][0]["picture"]).stem for row in rows]
    right = sum(name == str(number) for number, name in enumerate(found))
    assert right >= 30 and all(row["unknown_words"] == [] for row in rows)
