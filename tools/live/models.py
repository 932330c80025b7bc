"""The networks that pages run. A new one is a function here and its line in `MODELS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from mmbook.datasets.digits.items import SPECTROGRAM
from mmbook.models import Captioner, Drawing, SceneDrawing, load_pretrained
from mmbook.models.inspection import SpeechInspector
from tools.live import captioning, digit_drawing, inspection, scene_drawing
from tools.live.drawing import FIELD, example_digits
from tools.live.fusions import load_fusions
from tools.live.scene_search import SceneSearcher, index, page_of
from tools.live.senses import CONTROLS, EXAMPLES, START, Explorer, held_out_samples, parts, split
from tools.live.still import still_of_digit
from tools.live.still_captions import still_of_caption, still_of_drawings, still_of_forming
from tools.live.still_inspection import still_of_inspection
from tools.live.still_scenes import still_of_search
from tools.live.still_senses import still_of_senses


@dataclass(frozen=True)
class LiveModel:
    """A network as a page runs it.

    module: takes one tensor of shape `shape` (float32) and returns one. input, output: their
    names. licence: of the weights. still: the SVG for a page without scripts. page: what else the
    page needs, as JSON can write it.
    """

    module: nn.Module
    shape: tuple[int, ...]
    input: str
    output: str
    licence: str
    still: str
    page: Mapping[str, Any] = field(default_factory=dict)


class Probabilities(nn.Module):
    """A classifier of one modality that takes the tensor alone and returns probabilities."""

    def __init__(self, classifier: nn.Module, modality: str) -> None:
        super().__init__()
        self.classifier, self.modality = classifier, modality

    def forward(self, values: Tensor) -> Tensor:
        return torch.softmax(self.classifier({self.modality: values}), dim=-1)


def mnist() -> LiveModel:
    """The shipped network that reads handwritten digits, with a drawing of each to try."""
    digits = example_digits()
    reader = Probabilities(load_pretrained("mnist"), "image").eval()
    return LiveModel(
        module=reader,
        shape=(1, 1, FIELD, FIELD),
        input="image",
        output="probabilities",
        licence="CC BY-SA 3.0, the MMBook authors",
        still=still_of_digit(reader, digits["3"]),
        page={"examples": list(digits.values())},
    )


def fusion() -> LiveModel:
    """Three fusions of a picture and a voice, each with noise, and the samples to try them on."""
    samples = held_out_samples()
    explorer, where = Explorer(load_fusions(), samples).eval(), parts(samples)
    with torch.no_grad():
        shown = split(explorer(torch.tensor(START)), where)
    seen, heard, _, sigma, snr_db = START
    captions = [f"Picture of {seen:g}, σ {sigma:g}", f"Voice says {heard:g}, −{-snr_db:g} dB"]
    return LiveModel(
        module=explorer,
        shape=(len(CONTROLS),),
        input="controls",
        output="shown",
        licence="CC BY 4.0, the MMBook authors. Pictures: E. Alpaydin and C. Kaynak, Optical "
        "Recognition of Handwritten Digits, CC BY 4.0. Voices: espeak-ng, CC0 1.0",
        still=still_of_senses(shown, int(seen), int(heard), captions),
        page={"parts": where, "start": START, "examples": EXAMPLES, "rate": SPECTROGRAM.rate},
    )


def scene_search() -> LiveModel:
    """The shipped search of scenes by sentences, with an index of pictures that it never saw."""
    model = load_pretrained("scene-search")
    searcher, found = SceneSearcher(model).eval(), index(model)
    cosines = (found.pictures @ found.said[0]).tolist()
    return LiveModel(
        module=searcher,
        shape=searcher.shape,
        input="values",
        output="vectors",
        licence="MIT, the MMBook authors",
        still=still_of_search(found.captions[0], found.scenes.objects, cosines),
        page=page_of(model, found),
    )


def captions(model: Captioner) -> LiveModel:
    """A captioner that writes about scenes, and says where it looks for each word."""
    writer = captioning.CaptionWriter(model).eval()
    return LiveModel(
        module=writer,
        shape=writer.shape,
        input="values",
        output="words",
        licence="MIT, the MMBook authors",
        still=still_of_caption(model, captioning.offered()[0]),
        page=captioning.page_of(model),
    )


def digits_from_words(model: Drawing) -> LiveModel:
    """A network that draws the digit that a word asks for, from noise that the page makes."""
    drawer = digit_drawing.WordDrawer(model).eval()
    with torch.no_grad():
        drawn = {w: drawer(digit_drawing.inputs_of(model, w)) for w in ("three", "七", "eight")}
    return LiveModel(
        module=drawer,
        shape=drawer.shape,
        input="values",
        output="drawings",
        licence="CC BY-SA 3.0, the MMBook authors",
        still=still_of_drawings(drawn),
        page=digit_drawing.page_of(model),
    )


def scenes_from_sentences(model: SceneDrawing) -> LiveModel:
    """A network that says where a picture flows on its way from noise to what a sentence asks."""
    step = scene_drawing.FlowStep(model).eval()
    shown = {
        sentence: scene_drawing.forming(model, sentence)
        for sentence in scene_drawing.SHOWN[model.config.tokenizer.language]
    }
    return LiveModel(
        module=step,
        shape=step.shape,
        input="values",
        output="velocity",
        licence="MIT, the MMBook authors",
        still=still_of_forming(shown),
        page=scene_drawing.page_of(model),
    )


def recordings_inspected(model: SpeechInspector) -> LiveModel:
    """An inspector of recordings that the page makes or offers, with noise and clipping."""
    inspector = inspection.LiveInspector(model).eval()
    return LiveModel(
        module=inspector,
        shape=inspector.shape,
        input="values",
        output="shown",
        licence="MIT, the MMBook authors. Voices: espeak-ng, CC0 1.0",
        still=still_of_inspection(inspection.example(inspector), model.config, inspection.CAPTION),
        page=inspection.page_of(model),
    )


MODELS: Mapping[str, Callable[[], LiveModel]] = {
    "mnist": mnist,
    "fusion": fusion,
    "scene-search": scene_search,
    "scene-captioner": lambda: captions(load_pretrained("scene-captioner")),
    "scene-captioner-zh": lambda: captions(load_pretrained("scene-captioner-zh")),
    "digit-drawing": lambda: digits_from_words(load_pretrained("digit-drawing")),
    "scene-drawing": lambda: scenes_from_sentences(load_pretrained("scene-drawing")),
    "speech-quality": lambda: recordings_inspected(load_pretrained("speech-quality")),
}
