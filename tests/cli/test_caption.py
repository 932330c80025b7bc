"""Sentences about pictures as users get them: many files, damaged ones, and what is no scene."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
import torch
from sklearn.datasets import load_digits

from mmbook.cli import caption, progress
from mmbook.datasets.scenes.collection import Scenes, load_scenes
from mmbook.datasets.scenes.layout import SceneConfig
from mmbook.datasets.scenes.rendering import BACKGROUND
from mmbook.datasets.scenes.words import COLOURS, SHAPES, SIZES
from mmbook.models import CaptionerConfig, load_pretrained, save_pretrained, shipped_models
from mmbook.models.captioning import (
    Captioner,
    CaptionWords,
    FeatureGridEncoderConfig,
    RecurrentDecoderConfig,
)
from mmbook.preprocessing.text.special import FIRST

Captured = pytest.CaptureFixture[str]
NAMES = ("a.png", "b.png", "图片 🙂.png", "new\nline.png")
PHOTOGRAPHS = sorted(
    path
    for path in (Path(skimage.__file__).parent / "data").iterdir()
    if path.suffix in (".png", ".jpg")
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder of an untrained model for each language."""
    place, words = (
        tmp_path_factory.mktemp("models"),
        {"en": ("a", "red", ","), "zh": ("红色", "，")},
    )
    for language, known in words.items():
        torch.manual_seed(1)
        config = CaptionerConfig(
            CaptionWords(known, language),  # type: ignore[arg-type]
            FeatureGridEncoderConfig(width=8, stages=(4,), strides=(4, 4)),
            RecurrentDecoderConfig(heads=1),
            longest=5,
        )
        model = config.build()
        with torch.no_grad():
            for values in model.model.parameters():
                values *= 6  # so that what it says hangs on the picture
            model.model.output.bias[:FIRST] -= 99  # words alone, as many as it may
        save_pretrained(place / language, config, model)
    return {language: place / language for language in words}


@pytest.fixture
def models(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, Captioner]:
    """The same, which the program takes for those that ship."""
    monkeypatch.setattr(caption, "MODELS", folders)
    return {language: load_pretrained(place) for language, place in folders.items()}


def scenes_of(count: int) -> Scenes:
    return load_scenes("test", size=64, count=count, seed=9, config=SceneConfig())


def write(path: Path, image: torch.Tensor) -> None:
    """An image (3, height, width) of bytes as a file."""
    pixels = image.permute(1, 2, 0).numpy()[..., ::-1]
    path.write_bytes(cv2.imencode(path.suffix, pixels)[1].tobytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of scenes with plain and with odd names."""
    folder = tmp_path_factory.mktemp("scenes")
    for name, image in zip(NAMES, scenes_of(4).images, strict=True):
        write(folder / name, image)
    return folder


def run(*words: object) -> int:
    try:
        return caption.main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("beam", [1, 3])
def test_each_picture_gets_the_sentence_of_the_model(
    language: str,
    beam: int,
    models: dict[str, Captioner],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    monkeypatch.setattr(caption, "BATCH", 3)
    assert run(folder, folder / "a.png", "--language", language, "--beam", beam, "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    files = sorted(folder.iterdir())
    assert [row["input"] for row in rows] == [str(file) for file in files]
    assert [row["caption"] for row in rows] == [
        models[language].predict(file, beam) for file in files
    ]
    assert len({row["caption"] for row in rows}) > 1


def test_text_has_a_line_a_picture_whatever_its_name(
    models: dict[str, Captioner], folder: Path, capsys: Captured
) -> None:
    assert run(folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[0].startswith(f"{folder}/a.png: ")
    assert any("new\\nline.png: " in line for line in lines)


def test_unreadable_pictures_are_named_and_the_rest_is_done(
    models: dict[str, Captioner], folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    whole = (folder / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:100])
    (tmp_path / "empty.png").touch()
    (tmp_path / "whole.png").write_bytes(whole)
    assert run(tmp_path, "gone.png", "--json") == 1
    printed = capsys.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [Path(row["input"]).name for row in rows] == [
        "cut.png",
        "empty.png",
        "whole.png",
        "gone.png",
    ]
    assert ["error" in row for row in rows] == [True, True, False, True]
    assert "cut short" in rows[0]["error"] and "no such file" in rows[3]["error"]
    assert [line.split(": ")[0] for line in printed.err.splitlines()] == ["error"] * 3
    assert run(tmp_path) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_progress_is_a_line_now_and_then(
    models: dict[str, Captioner], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0)
    assert run(folder) == 0
    assert "1 of 4 pictures are read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a picture or a folder"),
        (["x.png", "--beam", "0"], "--beam must be 1 to 16 candidates, not 0"),
        (["x.png", "--beam", "17"], "--beam must be 1 to 16 candidates, not 17"),
        (["x.png", "--language", "de"], "--language"),
        (["x.png", "--no-such-option"], "no-such-option"),
    ],
)
def test_a_wrong_command_is_said_in_a_line(words: list[str], said: str, capsys: Captured) -> None:
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and len(printed.err.splitlines()) == 1


def test_a_missing_model_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setitem(caption.MODELS, "zh", "no-such-model")
    assert run(folder, "--language", "zh") == 2
    assert "there is no folder 'no-such-model'" in capsys.readouterr().err


def test_help_says_what_the_models_know_and_what_not(capsys: Captured) -> None:
    assert run("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "photographs" in said and "doubtful" in said and "one to four" in said
    for word in (*COLOURS, *SHAPES, *SIZES):
        assert word in said


def test_the_background_is_that_of_scenes() -> None:
    assert {level / 255 for level in BACKGROUND} == {caption.BACKGROUND}


def is_elsewhere(models: dict[str, Captioner], image: torch.Tensor) -> bool:
    return caption.ELSEWHERE in caption.doubts(models["en"], image.float() / 255, "a red")


def test_scenes_have_the_background_and_photographs_and_digits_do_not(
    models: dict[str, Captioner],
) -> None:
    large = SceneConfig(objects=(2, 2), radii=((0.12, 0.15), (0.2, 0.24)))
    scenes = [scenes_of(200), load_scenes("test", size=64, count=100, config=large)]
    assert not any(is_elsewhere(models, image) for part in scenes for image in part.images)
    square = models["en"].config.image
    assert len(PHOTOGRAPHS) > 20
    assert all(is_elsewhere(models, 255 * square(path)) for path in PHOTOGRAPHS)
    shades = load_digits().images[:50] / 16
    for paper, ink in ((1.0, 0.0), (0.0, 1.0)):
        drawn = (255 * (paper + (ink - paper) * shades)).astype(np.uint8).repeat(8, 1).repeat(8, 2)
        assert all(is_elsewhere(models, 255 * square(pixels)) for pixels in drawn)


def test_a_doubtful_sentence_is_marked_with_the_reason(
    models: dict[str, Captioner], folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    write(tmp_path / "white.png", torch.full((3, 9, 9), 255, dtype=torch.uint8))
    assert run(tmp_path) == 0
    printed = capsys.readouterr()
    assert "white.png: [doubtful] " in printed.out
    assert f"note: {tmp_path}/white.png: doubtful, as {caption.ELSEWHERE}" in printed.err
    assert run(tmp_path, "--json") == 0
    assert caption.ELSEWHERE in json.loads(capsys.readouterr().out)["doubts"]


def test_a_sentence_without_an_end_is_doubtful(models: dict[str, Captioner]) -> None:
    picture = torch.full((3, 64, 64), caption.BACKGROUND)
    assert caption.doubts(models["en"], picture, "a red a red") == []
    assert caption.doubts(models["en"], picture, "a red, a red") == [caption.ENDLESS]
    assert caption.doubts(models["zh"], picture, "红色，红色，红色") == [caption.ENDLESS]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_model_that_ships_describes_scenes_and_doubts_photographs(
    language: str, tmp_path: Path, capsys: Captured
) -> None:
    if caption.MODELS[language] not in shipped_models():  # type: ignore[index]
        pytest.skip("the model is not there yet")
    found = scenes_of(30)
    for number, image in enumerate(found.images):
        write(tmp_path / f"{number:02}.png", image)
    assert run(tmp_path, *PHOTOGRAPHS, "--language", language, "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = [said for (said,) in found.captions[language]]
    right = sum(row["caption"] == said for row, said in zip(rows, wanted, strict=False))
    assert right >= 15 and sum(bool(row["doubts"]) for row in rows[:30]) <= 3
    assert all(row["doubts"] for row in rows[30:])
