"""The search of scenes in a page: sentences and pictures against Python, in a real browser."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from mmbook.datasets.scenes.alterations import sentence
from mmbook.datasets.scenes.checking import check_caption
from mmbook.datasets.scenes.grammar import Mention, Statement, parse_caption
from mmbook.datasets.scenes.layout import Scene, SceneObject, draw_scenes
from mmbook.datasets.scenes.rendering import backgrounds, render
from mmbook.datasets.scenes.words import COLOURS, RELATIONS, SHAPES
from mmbook.models import load_pretrained
from mmbook.models.retrieval import ImageSearch
from tests.site.network_page import cell_of, check_fits, opened, values, write_page
from tools.live.scene_search import SCENES, Index, index
from tools.site.browser import NARROW, WIDE, new_page
from tools.site.serve import served

PARTS = "await live.load('scene-parts')"
CONTENT = "(await live.network('scene-search')).content"


@cache
def model() -> ImageSearch:
    return load_pretrained("scene-search")


@cache
def found() -> Index:
    return index(model())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    write_page(folder, cell_of("scene-search", "scenes"))
    return folder


@pytest.fixture(scope="module")
def home(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def shared(home: str, chromium: Browser) -> Iterator[Page]:
    with opened(new_page(chromium), f"{home}/light.html") as page:
        yield page


def check_pictures(page: Page, text: str) -> None:
    """The pictures that the page shows for a sentence are Python's, in order, with cosines."""
    wanted = found().pictures @ model().embed_sentences([text])[0]
    best = wanted.argsort(descending=True, stable=True)[:6]
    shown = page.locator(".live-pictures")
    names = [found().captions[i] for i in best.tolist()]
    expect(shown.locator("button").first).to_have_attribute("title", names[0])
    assert [b.get_attribute("title") for b in shown.locator("button").all()] == names
    assert np.abs(np.array(values(shown)) - wanted[best].numpy()).max() < 1e-3


def canvas(page: Page) -> torch.Tensor:
    """The picture that the network gets, (3, side, side) bytes."""
    levels = page.locator("canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )
    return torch.tensor(levels, dtype=torch.uint8).reshape(32, 32, 4)[..., :3].movedim(-1, 0)


def check_sentences(page: Page) -> list[str]:
    """The cosines beside the sentences are Python's of the canvas; returns the sentences."""
    rows = page.locator(".live-sentences button > span:nth-child(2)").all_inner_texts()
    seen = model().embed_images(canvas(page)[None])[0]
    wanted = (model().embed_sentences(rows) @ seen).numpy()
    assert np.abs(np.array(values(page.locator(".live-sentences"))) - wanted).max() < 1e-3
    captions = found().said @ seen
    assert values(page.locator(".live-sentences"))[0] >= float(captions.max()) - 1e-3
    return rows


@pytest.mark.parametrize("place", ["http", "file"])
def test_it_opens_with_what_python_says(
    place: str, home: str, folder: Path, chromium: Browser
) -> None:
    address = f"{home}/dark.html" if place == "http" else (folder / "dark.html").as_uri()
    with opened(new_page(chromium), address) as page:
        check_pictures(page, found().captions[0])
        check_sentences(page)
        assert page.locator(".live-chinese").inner_text()


@pytest.mark.parametrize("number", [3, 50, 199])
def test_a_typed_sentence_finds_what_python_finds(number: int, shared: Page) -> None:
    text = found().captions[number]
    shared.locator(".live-typed input").fill(f" {text.upper()}!")
    check_pictures(shared, text)
    statement = parse_caption(text, "en")[0]
    expect(shared.locator(".live-chinese")).to_have_text(sentence(statement, "zh"))
    assert "true stand at place " in shared.locator(".live-ask .live-status").inner_text()
    chosen = shared.locator(".live-ask select").evaluate_all("all => all.map(s => s.value)")
    a, b = statement.a, statement.b
    words = [a.size, a.colour, a.shape, statement.relation, b.size, b.colour, b.shape]
    assert chosen == words


def test_a_chosen_sentence_finds_what_python_finds(shared: Page) -> None:
    shared.locator(".live-typed input").fill(found().captions[0])
    for place, word in enumerate(("large", "red", "star", "below", "small", "grey", "heart")):
        shared.locator(".live-ask select").nth(place).select_option(word)
    expect(shared.locator(".live-typed input")).to_have_value(
        "a large red star below a small grey heart"
    )
    check_pictures(shared, "a large red star below a small grey heart")


def test_unknown_words_are_named_and_none_is_no_search(shared: Page) -> None:
    box, status = shared.locator(".live-typed input"), shared.locator(".live-ask .live-status")
    box.fill("a shiny red <i>heart")
    expect(status).to_contain_text("Unknown, and left out: shiny, i.")
    check_pictures(shared, "a red heart")
    assert shared.locator(".live-chinese").inner_text() == ""
    box.fill("红色的圆形")
    expect(status).to_have_text("The model knows none of these words.")
    box.fill(" . ")
    expect(status).to_have_text("Choose or type a sentence.")
    expect(shared.locator(".live-pictures li")).to_have_count(0)
    box.fill("a heart " * 15)
    expect(status).to_contain_text("Only 16 words are read.")


def test_a_pressed_picture_is_the_other_half_s_and_a_pressed_sentence_this_one_s(
    shared: Page,
) -> None:
    shared.locator(".live-typed input").fill(found().captions[5])
    check_pictures(shared, found().captions[5])
    title = shared.locator(".live-pictures button").nth(2).get_attribute("title") or ""
    shared.locator(".live-pictures button").nth(2).click()
    image = found().scenes.images[found().captions.index(title)].int()
    expect(shared.locator(".live-sentences li")).to_have_count(6)
    shared.wait_for_timeout(1000)
    assert (canvas(shared).int() - image).abs().float().mean() < 1
    rows = check_sentences(shared)
    shared.locator(".live-sentences button").nth(1).click()
    expect(shared.locator(".live-typed input")).to_have_value(rows[1])
    check_pictures(shared, rows[1])


def test_shapes_are_moved_and_changed_with_pointer_and_keys(shared: Page) -> None:
    pad: Any = shared.locator(".live-pad").bounding_box()
    before = canvas(shared)
    for place, word in enumerate(("small", "red", "heart", "large", "green", "ring")):
        shared.locator(".live-show select").nth(place).select_option(word)
    shared.locator(".live-pad").focus()
    for key in ["ArrowLeft"] * 20 + ["ArrowUp"] * 20 + [" "] + ["ArrowRight"] * 20:
        shared.keyboard.press(key)
    shared.mouse.move(pad["x"] + 0.15 * pad["width"], pad["y"] + 0.15 * pad["height"])
    shared.mouse.down()
    shared.mouse.move(pad["x"] + 0.2 * pad["width"], pad["y"] + 0.8 * pad["height"], steps=3)
    shared.mouse.up()
    shared.wait_for_timeout(1500)
    assert (canvas(shared).int() - before.int()).abs().max() > 50
    rows = check_sentences(shared)
    assert len(rows) == 6
    left, right = (canvas(shared)[:, :, half].int() for half in (slice(0, 12), slice(20, 32)))
    assert (left[0] - left[1]).max() > 150  # the red heart
    assert (right[1] - right[0]).max() > 80  # the green ring


def test_marks_say_what_is_true(shared: Page) -> None:
    shared.locator(".live-typed input").fill(found().captions[7])
    check_pictures(shared, found().captions[7])
    for button in shared.locator(".live-pictures button").all():
        scene = found().scenes.objects[found().captions.index(button.get_attribute("title") or "")]
        said = "true" if all(check_caption(found().captions[7], scene, "en").true) else "false"
        assert button.inner_text().split()[-1] == said


def plain(scene: Scene) -> list[dict[str, Any]]:
    return [item._asdict() for item in scene]


def test_the_page_draws_what_the_package_draws(shared: Page) -> None:
    scenes = draw_scenes(SCENES, "train", 40, seed=3)
    wanted = render(scenes, backgrounds([""] * 40, 32)).int()
    drawn = shared.evaluate(
        f"""async (scenes) => {{
            const parts = {PARTS}, content = {CONTENT};
            return scenes.map((scene) => [...parts.pixelsOf(scene, content)]);
        }}""",
        [plain(scene) for scene in scenes],
    )
    apart = (torch.tensor(drawn).reshape(40, 3, 32, 32).int() - wanted).abs().float()
    assert apart.mean() < 0.5 and apart.max() < 40  # of 255
    seen = model().embed_images(torch.tensor(drawn).reshape(40, 3, 32, 32).byte())
    assert (seen * model().embed_images(wanted.byte())).sum(dim=1).min() > 0.98


def test_the_page_speaks_and_judges_as_the_package_does(shared: Page) -> None:
    chance = np.random.default_rng(0)
    scenes = draw_scenes(SCENES, "train", 12, seed=4)
    pairs = product(RELATIONS, ["", "small"], ["", *COLOURS][:3], [*SHAPES][:3])
    for relation, size, colour, shape in pairs:
        scene = scenes[int(chance.integers(12))]
        one: SceneObject = scene[int(chance.integers(2))]
        statement = Statement(
            Mention(size, colour, shape), Mention(one.size, one.colour, one.shape), relation
        )
        said = json.loads(
            shared.evaluate(
                f"""async ([text, scene]) => {{
                    const parts = {PARTS}, content = {CONTENT};
                    const read = parts.parsed(text, content);
                    return JSON.stringify([parts.english(read), parts.chinese(read, content),
                                           parts.isTrue(read, scene)]);
                }}""",
                [sentence(statement, "en"), plain(scene)],
            )
        )
        truth = all(check_caption(sentence(statement, "en"), scene, "en").true)
        assert said == [sentence(statement, "en"), sentence(statement, "zh"), truth]


@pytest.mark.parametrize(("width", "mode"), [*product((WIDE, NARROW), ("light", "dark"))])
def test_it_is_accessible_and_fits(width: int, mode: Any, home: str, chromium: Browser) -> None:
    with opened(new_page(chromium, width, mode), f"{home}/{mode}.html") as page:
        check_fits(page)
