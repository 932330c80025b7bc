"""What is measured of generated images, beside real ones of the same digits."""

import copy
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from mmbook.batch import Batch
from mmbook.evaluation import accuracy, predict
from mmbook.evaluation.generation import (
    class_accuracies,
    class_spreads,
    frechet_distance,
    nearest_distances,
    precision_and_recall,
)
from mmbook.experiments.digit_gan.training import LANGUAGES, word_ids
from mmbook.layers.modes import evaluating
from mmbook.models.drawing import Drawing
from mmbook.models.multimodal import MultimodalModel
from mmbook.training.averaging import estimating_statistics

BATCH = 100  # images that are drawn at a time
ESTIMATED = 50  # batches from which the statistics of averaged weights are estimated
COMPARED = 500  # images whose nearest training image is looked for

Measured = tuple[str, float, dict[str, str]]


class Features(torch.nn.Module):
    """What a judge makes of images before it names a class: {"image": ...} to (n, width)."""

    def __init__(self, judge: MultimodalModel) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.judge.encode(inputs)["image"].mean()


class Reference:
    """Real images that others are compared with, for each of which one of its digit is asked for.

    test: unseen images; train: what the generators learned from. `training` are as many images of
    these as there are in test, of the same digits: as good as a generator can be, but for copying.
    """

    def __init__(self, judge: MultimodalModel, train: Batch, test: Batch) -> None:
        self.judge, self.features = judge, Features(judge)
        self.labels, self.test = test.target, test.inputs["image"]
        self.known = train.inputs["image"].flatten(1)
        self.training = train.inputs["image"][_same_digits(train.target, self.labels)]
        self.seen = predict(self.features, test)
        self.spreads = class_spreads(self.test.flatten(1), self.labels)
        self.distance = self._nearest(self.test)
        self.floor = frechet_distance(self._read(self.training), self.seen)

    def measured(self, images: Tensor) -> Iterator[Measured]:
        """Metric, value and condition of images (n, 1, size, size) of the digits asked for."""
        scores = predict(self.judge, Batch({"image": images}))
        yield "accuracy", accuracy(scores, self.labels), {}
        yield "worst_class_accuracy", class_accuracies(scores, self.labels).min().item(), {}
        for number, language in enumerate(LANGUAGES):
            asked = slice(number, None, len(LANGUAGES))
            value = accuracy(scores[asked], self.labels[asked])
            yield "accuracy", value, {"language": language}
        spreads = class_spreads(images.flatten(1), self.labels)
        yield "diversity", (spreads / self.spreads).mean().item(), {}
        features = self._read(images)
        distance = frechet_distance(features, self.seen)
        yield "frechet_distance", distance, {}
        yield "frechet_distance_over_floor", distance / self.floor, {}
        precision, recall = precision_and_recall(self.seen, features)
        yield "precision", precision, {}
        yield "recall", recall, {}
        yield "nearest_training_image", self._nearest(images) / self.distance, {}

    def _read(self, images: Tensor) -> Tensor:
        return predict(self.features, Batch({"image": images}))

    def _nearest(self, images: Tensor) -> float:
        vectors = images[:COMPARED].flatten(1)
        return nearest_distances(vectors, self.known).mean().item()


def _same_digits(labels: Tensor, wanted: Tensor) -> Tensor:
    """Rows with the labels that are wanted, each once: the first ones of each class."""
    rows = torch.empty_like(wanted)
    for label in wanted.unique():
        places = wanted == label
        rows[places] = (labels == label).nonzero().flatten()[: int(places.sum())]
    return rows


@torch.inference_mode()
def drawn(drawing: Drawing, labels: Tensor, seed: int) -> Tensor:
    """An image in [0, 1] of each label's word, in all languages by turns."""
    words, generator = word_ids(), Generator().manual_seed(seed)
    language = torch.arange(len(labels)) % len(words)
    noise = torch.randn(len(labels), drawing.config.noise, generator=generator)
    device = next(drawing.parameters()).device
    with evaluating(drawing):
        parts = [
            drawing({"text": text.to(device)}, z.to(device)).cpu()
            for text, z in zip(
                words[language, labels].split(BATCH), noise.split(BATCH), strict=True
            )
        ]
    return (torch.cat(parts) + 1) / 2


def settled(drawing: Drawing, seed: int) -> Drawing:
    """A copy whose batch normalisation has the statistics of its own weights."""
    drawing, words = copy.deepcopy(drawing), word_ids().flatten(0, 1)
    generator, device = Generator().manual_seed(seed), next(drawing.parameters()).device
    with evaluating(drawing), estimating_statistics(drawing):
        for _ in range(ESTIMATED):
            text = words[torch.randint(len(words), (BATCH,), generator=generator)]
            noise = torch.randn(BATCH, drawing.config.noise, generator=generator)
            drawing({"text": text.to(device)}, noise.to(device))
    return drawing


def mean_images(train: Batch, labels: Tensor) -> Tensor:
    """For each label the mean training image, which never varies."""
    images = [train.inputs["image"][train.target == label].mean(dim=0) for label in range(10)]
    return torch.stack(images)[labels]


def gaussian_images(train: Batch, labels: Tensor, seed: int) -> Tensor:
    """For each label a draw from the Gaussian of its training images' pixels."""
    generator, images = Generator().manual_seed(seed), train.inputs["image"]
    found = torch.empty(len(labels), *images.shape[1:])
    for label in labels.unique():
        own, places = images[train.target == label].flatten(1), labels == label
        mean = own.mean(dim=0)
        # Independent numbers times the centred images have the images' covariance.
        chance = torch.randn(int(places.sum()), len(own), generator=generator)
        pixels = mean + chance @ (own - mean) / (len(own) - 1) ** 0.5
        found[places] = pixels.clamp(0, 1).unflatten(1, images.shape[1:])
    return found
