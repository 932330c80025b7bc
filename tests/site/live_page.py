"""The first page of the book as its tests use it: to draw, and to read the network's answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page, expect

from tools.live.drawing import example_digits
from tools.live.models import MODELS, LiveModel
from tools.site.inspection import watched

DIGITS = example_digits()
Strokes = list[list[list[float]]]


@cache
def reader() -> LiveModel:
    return MODELS["mnist"]()


def probabilities_of(image: np.ndarray) -> np.ndarray:
    """What PyTorch says of an image."""
    with torch.no_grad():
        return reader().module(torch.from_numpy(image).reshape(reader().shape))[0].numpy()


def placed(strokes: Strokes, x: float = 0, y: float = 0, size: float = 1) -> Strokes:
    """A drawing that is smaller, and elsewhere."""
    return [[[x + size * a, y + size * b] for a, b in stroke] for stroke in strokes]


@contextmanager
def opened(page: Page, address: str, problems: tuple[str, ...] = ()) -> Iterator[Page]:
    """The first page of the book, its field on the screen; ends with what the browser reported."""
    with watched(page, address) as reported:
        page.goto(address)
        page.locator(".live-pad").scroll_into_view_if_needed()
        yield page
        assert [text for text in reported if not any(known in text for known in problems)] == []
    page.close()


def draw(page: Page, strokes: Strokes) -> Strokes:
    """Draw with the mouse, at whole pixels; returns the points that the page was given."""
    box: Any = page.locator(".live-pad").bounding_box()
    corner, size = (box["x"], box["y"]), (box["width"], box["height"])
    drawn = []
    for stroke in strokes:
        pixels = np.round(np.multiply(stroke, size) + corner)
        page.mouse.move(*pixels[0])
        page.mouse.down()
        for pixel in pixels[1:]:
            page.mouse.move(*pixel)
        page.mouse.up()
        drawn.append(((pixels - corner) / size).tolist())
    return drawn


def answer(page: Page) -> str:
    """The sentence about the drawing, once the network has read it."""
    expect(page.locator(".live-status")).to_contain_text("The network reads", timeout=30_000)
    return page.locator(".live-status").inner_text()


def bars(page: Page) -> np.ndarray:
    return np.array([float(text) for text in page.locator(".live-value").all_inner_texts()])


def seen(page: Page) -> np.ndarray:
    """The image that the page shows as the network's input."""
    values = page.evaluate(
        """() => [...document.querySelector(".live-seen canvas").getContext("2d")
                     .getImageData(0, 0, 28, 28).data]"""
    )
    return np.reshape(values, (28, 28, 4))[:, :, 0] / 255
