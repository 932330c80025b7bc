"""The drawings of tools: their shapes are those of the libraries and of the network."""

import io

import cv2
import numpy as np
import torch
from PIL import Image
from torchvision.io import decode_image
from torchvision.transforms.v2 import functional

from mmbook.models import load_pretrained
from mmbook.plotting.concepts.tools import (
    EXAMPLE,
    INPUT,
    LANES,
    OUTPUT,
    STEPS,
    draw_export,
    draw_libraries,
)


def written(array) -> str:
    """An array's shape and type, as the drawing writes them."""
    sides = " × ".join(map(str, array.shape))
    return f"{sides}, {str(array.dtype).removeprefix('torch.')}"


def test_every_library_gives_the_shapes_that_are_drawn() -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((400, 600, 3), np.uint8)).save(buffer, "JPEG")
    content = np.frombuffer(buffer.getvalue(), np.uint8)
    by_cv = cv2.imdecode(content, cv2.IMREAD_COLOR)
    by_pil = np.asarray(Image.open(buffer))
    by_torch = decode_image(torch.from_numpy(content.copy()))
    small = cv2.resize(by_cv, (96, 64))
    reduced = np.asarray(Image.fromarray(by_pil).resize((96, 64)))
    resized = functional.resize(by_torch, [64, 96])
    middle = functional.center_crop(resized, [64, 64])
    last = (small[:, 16:80].astype(np.float32) / 255).transpose(2, 0, 1)
    arrays = {
        "OpenCV": [by_cv, small, small[:, 16:80], last],
        "Pillow": [by_pil, reduced, reduced[:, 16:80], last],
        "torchvision": [by_torch, resized, middle, functional.to_dtype(middle, scale=True)],
    }
    for library, steps in LANES.items():
        assert [shape for _, _, shape in steps] == [written(it) for it in arrays[library]]


def test_every_step_of_every_library_is_drawn() -> None:
    words = [text.get_text() for text in draw_libraries().texts]
    assert set(STEPS) <= set(words) and set(LANES) <= set(words)
    for steps in LANES.values():
        for name, default, shape in steps:
            assert shape in words
            assert (f"{name}\n({default})" if default else name) in words


def test_the_exported_network_has_the_shapes_that_are_drawn() -> None:
    words = [text.get_text() for text in draw_export().texts]
    assert words.count(f"pictures: {INPUT}") == words.count(f"scores: {OUTPUT}") == 2
    assert f"example: {EXAMPLE}" in words
    example = torch.zeros([int(side) for side in EXAMPLE.split(" × ")])
    assert INPUT.split(" × ")[1:] == EXAMPLE.split(" × ")[1:]
    scores = load_pretrained("mnist").eval()({"image": example})
    assert str(scores.shape[1]) == OUTPUT.split(" × ")[1]
