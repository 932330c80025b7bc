"""What the site ships of a network is the network: ONNX Runtime against PyTorch."""

import base64
import json
import re
from functools import cache

import cv2
import numpy as np
import onnxruntime
import pytest
import torch

from tools.live import export, packing
from tools.live.drawing import image_of
from tools.live.export import onnx_bytes
from tools.live.models import MODELS, LiveModel
from tools.live.packing import FOLDER, LARGEST, handed_over, pack, script, unpack, write

NUMBER = re.compile(r"\d+\.\d+")
PNG = re.compile(r"(?<=data:image/png;base64,)[^\"]+")

# The last bits of these hang on the machine: see test_scene_search, test_inspection.
VECTORS = ("pictures", "said", "recordings")
APART = {"speech-quality": 1e-3}  # more than 1e-5: logarithms of bands that hold next to nothing


@cache
def model_of(name: str) -> LiveModel:
    return MODELS[name]()


def shipped(name: str) -> dict:
    return handed_over((FOLDER / f"{name}.js").read_text(encoding="utf-8"))


def outputs(network: bytes, model: LiveModel, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What ONNX Runtime and what PyTorch make of one input."""
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    (found,) = session.run([model.output], {model.input: values})
    with torch.no_grad():
        return np.asarray(found), model.module(torch.from_numpy(values)).numpy()


@pytest.mark.parametrize("name", [*MODELS])
@pytest.mark.parametrize("seed", range(3))
def test_the_shipped_network_is_the_package_s(name: str, seed: int) -> None:
    model = model_of(name)
    values = np.random.default_rng(seed).random(model.shape, np.float32)
    found, wanted = outputs(unpack(shipped(name)["onnx"]), model, values)
    assert np.abs(found - wanted).max() < APART.get(name, 1e-5)
    assert wanted.std() > 1e-3


@pytest.mark.parametrize("name", [*MODELS])
def test_a_new_export_is_the_network_too_and_names_no_file(name: str) -> None:
    model = model_of(name)
    network = onnx_bytes(model)
    values = np.random.default_rng(3).random(model.shape, np.float32)
    found, wanted = outputs(network, model, values)
    assert np.abs(found - wanted).max() < APART.get(name, 1e-5)
    for content in (network, unpack(shipped(name)["onnx"])):
        assert b".py" not in content and b"stack_trace" not in content


@pytest.mark.parametrize("name", [*MODELS])
def test_the_script_says_how_to_feed_the_network(name: str) -> None:
    model, content = model_of(name), shipped(name)
    assert (content["input"], content["output"]) == (model.input, model.output)
    assert tuple(content["shape"]) == model.shape
    page = {key: value for key, value in model.page.items() if key not in VECTORS}
    page = json.loads(json.dumps(page))
    assert {key: content[key] for key in page} == page
    assert model.licence in (FOLDER / f"{name}.js").read_text(encoding="utf-8")[:300]


@pytest.mark.parametrize("name", [*MODELS])
def test_the_still_image_shows_the_network_s_answer(name: str) -> None:
    found = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    wanted = model_of(name).still
    assert without_numbers(found) == without_numbers(wanted)
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (found, wanted)]
    assert np.abs(np.subtract(*numbers)).max(initial=0) < 0.15  # of a bar's 200 pixels; 0.001 of 1
    for one, other in zip(
        *([*map(pixels, PNG.findall(text))] for text in (found, wanted)), strict=True
    ):
        assert np.abs(one - other).max() <= 1


def without_numbers(text: str) -> str:
    return NUMBER.sub("", PNG.sub("", text))


def pixels(png: str) -> np.ndarray:
    """The shades of an image that an SVG holds."""
    content = np.frombuffer(base64.b64decode(png), np.uint8)
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_UNCHANGED)).astype(int)


@pytest.mark.parametrize("digit", range(10))
def test_each_example_is_read_as_the_digit_that_it_is(digit: int) -> None:
    model = model_of("mnist")
    image = image_of(model.page["examples"][digit]).reshape(model.shape)
    probabilities = outputs(unpack(shipped("mnist")["onnx"]), model, image)[0][0]
    assert probabilities.argmax() == digit and probabilities.max() > 0.7


def test_a_packed_file_comes_back() -> None:
    content = {"a": pack(b"\0\xff" * 9), "b": ["});", "\nlive.add("]}
    text = script("Comment.", "x", content)
    assert handed_over(text) == content
    assert unpack(content["a"]) == b"\0\xff" * 9


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"x\.js would have 4,000,001 bytes"):
        write("x.js", "x" * (LARGEST + 1))
    assert not list(tmp_path.iterdir())


def test_an_unknown_model_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["export", "minst"])
    with pytest.raises(SystemExit):
        export.main()
    assert "no model minst; there are mnist, fusion" in capsys.readouterr().err
