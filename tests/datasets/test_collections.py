import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmbook.datasets.collections import Emoji, LabelledAudio, LabelledImages, ParallelSentences
from mmbook.preprocessing.audio.mel import SpectrogramConfig


def labelled(count: int) -> LabelledImages:
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(count, 1, 2, 2)
    return LabelledImages(images, torch.arange(count) % 3, ("a", "b", "c"))


def sounds(count: int, rate: int = 8000) -> LabelledAudio:
    return LabelledAudio(
        waveforms=torch.randn(count, 800, generator=torch.Generator().manual_seed(0)),
        lengths=torch.full((count,), 800),
        labels=torch.arange(count) % 2,
        texts=("word",) * count,
        origins=("ada",) * count,
        files=(),  # type: ignore[arg-type]
        classes=("yes", "no"),
        rate=rate,
    )


@given(count=st.integers(0, 30), start=st.integers(-40, 40), step=st.sampled_from([-2, -1, 1, 3]))
def test_slices_are_those_of_a_list(count, start, step):
    images = labelled(count)
    expected = list(range(count))[start::step]
    chosen = images[start::step]
    assert chosen.images[:, 0, 0, 0].tolist() == expected
    assert chosen.labels.tolist() == [row % 3 for row in expected]
    assert len(chosen) == len(expected)
    assert chosen.classes == ("a", "b", "c")


@given(rows=st.lists(st.integers(0, 9), max_size=20))
def test_rows_and_masks_choose_the_same(rows):
    images = labelled(10)
    assert images[rows].labels.tolist() == [row % 3 for row in rows]
    mask = torch.zeros(10, dtype=torch.bool)
    mask[rows] = True
    assert torch.equal(images[mask].images, images[sorted(set(rows))].images)


def test_texts_and_languages_are_chosen_too():
    pairs = ParallelSentences({"en": ("one", "two"), "zh": ("一", "二")}, ("x", "y"))
    assert pairs[[1]].sentences == {"en": ("two",), "zh": ("二",)}
    assert pairs[torch.tensor([1, 0])].origins == ("y", "x")


@pytest.mark.parametrize(
    "build",
    [
        lambda: LabelledImages(torch.zeros(2, 1, 2, 2), torch.zeros(3), ("a",)),
        lambda: ParallelSentences({"en": ("one",), "zh": ()}, ("x",)),
        lambda: Emoji(torch.zeros(1, 3, 2, 2), ("x",), {"en": ("a", "b")}, {"en": ((),)}, ()),
        lambda: sounds(3),
    ],
)
def test_unequal_numbers_are_refused(build):
    with pytest.raises(ValueError, match="length"):
        build()


def test_images_become_samples():
    samples = labelled(4).samples()
    assert samples.inputs["image"].dtype == torch.float32
    assert float(samples.inputs["image"].max()) == pytest.approx(3 / 255)
    assert samples.target.tolist() == [0, 1, 2, 0]


def test_sounds_become_samples():
    clips = sounds(0)
    three = LabelledAudio(
        torch.randn(300, 1600, generator=torch.Generator().manual_seed(1)),
        torch.tensor([1600, 900, 200]).repeat(100),
        torch.arange(300) % 2,
        ("word",) * 300,
        ("ada",) * 300,
        tuple("f" * 300),  # type: ignore[arg-type]
        clips.classes,
        8000,
    )
    samples = three.samples()
    assert samples.inputs["audio"].shape == (300, 8, 40)
    speech = samples.inputs["audio"]
    assert float(speech.mean(1).abs().max()) < 1e-4
    # 900 samples reach the centres of 5 frames; what one frame alone holds is its mean.
    assert (speech.abs().sum(2) > 0).sum(1).tolist() == [8, 5, 0] * 100
    alone = three[[280]].samples().inputs["audio"]
    assert torch.allclose(alone, samples.inputs["audio"][280:281], atol=1e-4)
    with pytest.raises(ValueError, match="8000 samples a second, not 16000"):
        three.samples(SpectrogramConfig(rate=16_000))
