"""Folders that hold a model: what comes back, what is refused, and what a killed save leaves."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from mmbook.models import (
    PretrainedError,
    Recogniser,
    RecogniserConfig,
    load_pretrained,
    pretrained,
    read_facts,
    save_pretrained,
    shipped_language_model,
    shipped_models,
)
from mmbook.models.inputs import DigitImage
from mmbook.models.recognition import ConvolutionalEncoderConfig
from mmbook.paths import data_folder

SHIPPED = (
    "digit-drawing",
    "fashion-mnist",
    "language-model",
    "mnist",
    "scene-captioner",
    "scene-captioner-zh",
    "scene-drawing",
    "scene-search",
    "speech-quality",
    "spoken-digits",
)


def described(width: int = 8) -> RecogniserConfig:
    """A small network that reads digits."""
    encoder = ConvolutionalEncoderConfig(width=width, stages=(4,))
    return RecogniserConfig({"image": DigitImage()}, {"image": encoder}, ("no", "yes"))


def saved(folder: Path, seed: int = 0, width: int = 8) -> Recogniser:
    """A small network with random weights, written into a folder."""
    torch.manual_seed(seed)
    model = described(width).build()
    save_pretrained(folder, described(width), model, card=f"# Seed {seed}", facts={"seed": seed})
    return model


def weights(model: torch.nn.Module) -> list[torch.Tensor]:
    return list(model.state_dict().values())


def is_same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    """Whether two models have the same weights."""
    pairs = list(zip(weights(one), weights(other), strict=False))
    return len(weights(one)) == len(weights(other)) and all(
        a.shape == b.shape and a.equal(b) for a, b in pairs
    )


def test_what_is_saved_comes_back_in_evaluation_mode(tmp_path: Path) -> None:
    model = saved(tmp_path / "new" / "model")
    state = torch.get_rng_state()
    again = load_pretrained(tmp_path / "new" / "model")
    assert torch.get_rng_state().equal(state), "loading draws no random numbers"
    assert is_same(model, again) and not again.training
    assert again.config == described()
    assert read_facts(tmp_path / "new" / "model")["seed"] == 0
    assert (tmp_path / "new" / "model" / "README.md").read_text() == "# Seed 0\n"
    assert sorted(path.name for path in (tmp_path / "new" / "model").iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]


def test_another_process_predicts_the_same(tmp_path: Path) -> None:
    model = saved(tmp_path).eval()
    image = np.zeros((9, 9), np.uint8)
    image[3:6, 2:7] = 255
    code = (
        "import sys, numpy as np\nfrom mmbook.models.pretrained import load_pretrained\n"
        "image = np.zeros((9, 9), np.uint8)\nimage[3:6, 2:7] = 255\n"
        "print(load_pretrained(sys.argv[1]).predict(image).probability)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(model.predict(image).probability, abs=1e-12)


def test_saving_again_replaces_the_model_and_nothing_else(tmp_path: Path) -> None:
    saved(tmp_path, seed=0)
    (tmp_path / "notes.txt").write_text("mine")
    new = saved(tmp_path, seed=1, width=6)
    assert is_same(load_pretrained(tmp_path), new)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "model.safetensors").stat().st_mode & 0o077 == (
        (tmp_path / "config.json").stat().st_mode & 0o077
    ), "whoever may read the one may read the other"


class Killed(BaseException):
    """Stands for the end of the process: nothing in a save catches it or cleans up after it."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the given one of a save's writes, syncs and moves be its last moment."""
    done = iter(range(1, 100))

    def counted(function):
        def call(*arguments, **named):
            if next(done) == step:
                raise Killed
            return function(*arguments, **named)

        return call

    for place, name in ((os, "replace"), (os, "fsync"), (Path, "write_text")):
        monkeypatch.setattr(place, name, counted(getattr(place, name)))
    monkeypatch.setattr("mmbook.models.pretrained.save_model", counted(pretrained.save_model))


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("step", range(1, 11))
def test_a_killed_save_leaves_the_old_model_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, is_first: bool
) -> None:
    old = None if is_first else saved(tmp_path, seed=0)
    torch.manual_seed(1)
    new = described(6).build()
    with monkeypatch.context() as patch:
        killed_at(step, patch)
        try:
            saved(tmp_path, seed=1, width=6)
        except Killed:
            is_killed = True
        else:
            is_killed = False
    # 2 texts, the weights, 3 files made safe, 3 files moved: there is no tenth step.
    assert is_killed == (step < 10)
    try:
        found = load_pretrained(tmp_path)
    except PretrainedError as error:
        assert is_first and step <= 7 and "is missing" in str(error)
    else:
        assert is_same(found, new) if step > 7 else (old and is_same(found, old))
    last = saved(tmp_path, seed=2)
    assert is_same(load_pretrained(tmp_path), last), "the next save is not disturbed"


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        PretrainedError, match=r"no folder 'mnits', and the models that ship .*mnist"
    ):
        load_pretrained("mnits")
    with pytest.raises(PretrainedError, match=r"model\.safetensors is missing"):
        load_pretrained(tmp_path)
    saved(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(PretrainedError, match=rf"{tmp_path}.*config\.json is missing"):
        load_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "lacks a .format"),
        ('{"model": {}}', "lacks a .format"),
        ('{"format": 2, "model": {}}', "format 2, and this mmbook reads 1: use a later version"),
        ('{"format": 1}', 'model must be an object with a "kind"'),
        (
            '{"format": 1, "model": {"kind": "os.system"}}',
            "called 'os.system'; there are: .*mnist|",
        ),
        ('{"format": 1, "model": {"kind": "recogniser"}}', "lacks the field 'encoders'"),
    ],
)
def test_a_damaged_configuration_is_refused(tmp_path: Path, content: str, message: str) -> None:
    saved(tmp_path)
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(PretrainedError, match=message) as error:
        load_pretrained(tmp_path)
    assert str(tmp_path / "config.json") in str(error.value)


def test_a_configuration_that_is_no_text_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PretrainedError, match="no JSON that can be read"):
        load_pretrained(tmp_path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a")
    saved(tmp_path / "b", width=6)
    os.replace(tmp_path / "b" / "model.safetensors", tmp_path / "a" / "model.safetensors")
    with pytest.raises(PretrainedError, match=r"size mismatch for encoders\.image") as error:
        load_pretrained(tmp_path / "a")
    assert str(tmp_path / "a" / "model.safetensors") in str(error.value)
    saved(tmp_path / "a")
    path = tmp_path / "a" / "model.safetensors"
    save_file({f"x.{name}": value for name, value in load_file(path).items()}, path)
    with pytest.raises(PretrainedError, match=r"Missing key.*encoders\.image\.blocks\.0"):
        load_pretrained(tmp_path / "a")


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_truncated_weights_are_refused(tmp_path: Path, length: int) -> None:
    saved(tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(
        PretrainedError, match=r"model\.safetensors is not a whole safetensors file"
    ):
        load_pretrained(tmp_path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
def test_weights_that_are_not_finite_are_refused(
    tmp_path: Path, bad: float, kind: torch.dtype
) -> None:
    model = saved(tmp_path)
    path = tmp_path / "model.safetensors"
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    held = {name: value.to(kind) for name, value in load_file(path).items()}
    name = sorted(held)[-1]
    held[name].view(-1)[0] = bad
    save_file(held, path, metadata)
    with pytest.raises(PretrainedError, match=f"{name} .*not finite") as error:
        load_pretrained(tmp_path)
    assert str(path) in str(error.value)
    model.load_state_dict(held)
    with pytest.raises(PretrainedError, match=f"{name} .*not finite"):
        save_pretrained(tmp_path / "new", described(), model)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("place", [5, None, True, b"mnist", "a\0b", Path("a\0b"), ["mnist"]])
def test_what_is_no_place_is_refused_with_what_would_be(place: Any) -> None:
    model = described().build()
    for use in (load_pretrained, read_facts, lambda p: save_pretrained(p, described(), model)):
        with pytest.raises(PretrainedError, match=r"must be a path, .*, not "):
            use(place)


def test_a_name_that_is_too_long_for_a_folder_is_no_folder() -> None:
    with pytest.raises(PretrainedError, match="there is no folder"):
        load_pretrained("x" * 5000)


def test_a_configuration_of_another_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"'recogniser' is not that of this model: .* is .*6.* and .*8"
    ):
        save_pretrained(tmp_path / "m", described(6), described(8).build())
    assert not (tmp_path / "m").exists()


def test_shipped_models_are_small_and_have_a_card() -> None:
    assert tuple(shipped_models()) == SHIPPED
    for name, folder in shipped_models().items():
        facts = read_facts(name)
        assert {"command", "commit", "seed"} <= facts.keys()
        assert (folder / "model.safetensors").stat().st_size < 2e6
        card = (folder / "README.md").read_text(encoding="utf-8")
        assert facts["command"] in card and facts["commit"] in card and "## Licence" in card
        assert load_pretrained(name).training is False
    assert shipped_models()["mnist"] == data_folder() / "models" / "mnist"


# Computed by the code that read these weights before they had a folder each.
REFERENCE = {
    "mnist": """
        -4.4315839 -2.8167493 -6.0631208 -1.202821 -3.9807663
        -0.8795557 -3.9195664 -2.9777563 -3.3155744 -2.4660091
        -4.4398837 -2.9339156 -6.0187831 -1.1872907 -3.943121
        -0.8959403 -3.9934437 -2.9240019 -3.2269881 -2.4293661""",
    "fashion-mnist": """
        -1.8242264 -2.9147835 -4.3816028 -3.9313686 -3.5917222
        -3.4479079 -5.2098036 -2.1834185 -0.6618066 -2.8315768
        -1.7859391 -2.9810524 -4.2471132 -4.0442166 -3.6031938
        -3.3843589 -5.1308727 -2.0598328 -0.7102289 -2.7529778""",
}


@pytest.mark.parametrize("name", REFERENCE)
def test_shipped_images_networks_answer_as_before(name: str) -> None:
    images = (torch.arange(2 * 28 * 28.0).reshape(2, 1, 28, 28) * 0.37).sin() * 0.5 + 0.5
    with torch.inference_mode():
        scores = load_pretrained(name)({"image": images})
    before = torch.tensor([float(value) for value in REFERENCE[name].split()])
    torch.testing.assert_close(scores.flatten(), before, atol=1e-6, rtol=1e-6)


def test_the_shipped_language_model_answers_as_before() -> None:
    model, vocabulary = shipped_language_model()
    ids = vocabulary.encode(["i", "do", "n't", "know", "what", "you", "want"], marks=True)
    assert ids == [2, 4, 13, 11, 44, 28, 7, 46, 3]
    with torch.inference_mode():
        logs = model(None, torch.tensor([ids])).log_softmax(-1)[0, :-1]
    found = logs.gather(1, torch.tensor(ids)[1:, None])[:, 0]
    before = [-1.4610115, -2.4911013, -0.0316096, -1.6743116]
    before += [-1.4977952, -2.6350617, -2.6937194, -0.9397648]
    torch.testing.assert_close(found, torch.tensor(before), atol=1e-6, rtol=1e-6)


def test_every_shipped_model_loads_in_a_program_that_imports_nothing_else() -> None:
    program = f"from mmbook.models import load_pretrained\nfor n in {SHIPPED}: load_pretrained(n)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-400:]
