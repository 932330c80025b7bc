"""The speed of generated scenes."""

import time

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.compare import ROUNDS, compare
from mmbook.datasets.scenes.collection import SORT_OF_CLEVR, SceneConfig, load_scenes
from mmbook.datasets.scenes.rendering import BACKGROUND, RGB, backgrounds, outline, render

COUNT, SIZE, FINER = 256, 64, 8


def drawing() -> None:
    """Our patches of a finer grid against Pillow drawing the whole image eight times as large."""
    scenes = load_scenes("train", size=16, count=COUNT)

    def ours() -> np.ndarray:
        return render(scenes.objects, backgrounds(scenes.names, SIZE)).numpy()

    def reference() -> np.ndarray:
        images = []
        for scene in scenes.objects:
            image = Image.new("RGB", (SIZE * FINER, SIZE * FINER), BACKGROUND)
            canvas = ImageDraw.Draw(image)
            for item in scene:
                colours = (RGB[item.colour], BACKGROUND)  # a second contour is the hole of a ring
                for (contour, _), colour in zip(outline(item.shape), colours, strict=False):
                    points = (np.array([item.x, item.y]) + item.radius * contour) * SIZE * FINER
                    canvas.polygon([*map(tuple, points)], colour)
            images.append(np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BOX)))
        return np.stack(images).transpose(0, 3, 1, 2)

    worst = np.abs(ours().astype(float) - reference()).mean()
    assert worst < 1, f"the two draw different images: {worst:.2f} of 255 apart on average"
    compare(f"{COUNT} scenes of {SIZE} x {SIZE} drawn / with Pillow", ours, reference)


def images_a_minute() -> None:
    """How many images with captions in both languages are made a minute, on one core."""
    for name, config, size in (
        ("scenes", SceneConfig(), 64),
        ("scenes with noise", SceneConfig(noise=0.1), 64),
        ("Sort-of-CLEVR", SORT_OF_CLEVR, 75),
    ):
        rates = []
        for _ in range(ROUNDS):
            started = time.process_time()
            load_scenes("train", size=size, count=COUNT, config=config)
            rates.append(60 * COUNT / (time.process_time() - started))
        rates.sort()
        print(
            f"{f'{name} of {size} x {size} with captions':58} {rates[ROUNDS // 2]:,.0f} a minute "
            f"of processor time ({rates[0]:,.0f} to {rates[-1]:,.0f})"
        )


BENCHMARKS = (drawing, images_a_minute)
