"""What one seed draws: labelled pictures, pictures without labels, voices, and features."""

from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmbook.datasets.digits.fonts import LETTERS, draw_signs
from mmbook.datasets.digits.takes import Takes, recorded_takes, synthetic_takes
from mmbook.datasets.images import load_images
from mmbook.experiments.data_scarcity import network
from mmbook.experiments.data_scarcity.config import ScarcityConfig, Start
from mmbook.experiments.data_scarcity.network import WIDTH, Samples, Training
from mmbook.preprocessing.audio.features import features
from mmbook.training import seed_everything
from mmbook.training.randomness import derived_seed

FRAMES = 12  # to which every clip is stretched


@dataclass(frozen=True, eq=False)
class World:
    """All that the seeds draw from. heard: (clips, numbers) of the takes."""

    train: Samples
    test: Samples
    source: Samples
    takes: Takes
    heard: Tensor


def small(images: Tensor, side: int) -> Tensor:
    """Pictures brought to a side, each new pixel the mean of those below it."""
    return images if images.shape[-1] == side else F.adaptive_avg_pool2d(images, side)


def load(config: ScarcityConfig) -> World:
    """Pictures, pictures of another kind, and spoken digits."""

    def samples(name: str) -> list[Samples]:
        return [
            Samples(small(part.inputs["image"], config.side), part.target)
            for part in load_images(name)
        ]

    train, test = samples(config.images)
    count = config.pretraining.source
    if config.source == "letters":
        drawn = draw_signs(count, LETTERS, side=config.side, box=config.box, seed=1)
        source = Samples(*drawn)
    else:
        clothes = samples(config.source)[0]
        source = Samples(clothes.images[:count], clothes.labels[:count])
    takes = recorded_takes() if config.speech == "FSDD" else synthetic_takes(config.takes)
    heard = features("MFCC minus mean", takes.clips, FRAMES)
    heard = (heard - heard.mean(dim=1, keepdim=True)) / heard.std(dim=1, keepdim=True)
    return World(train, test, source, takes, heard)


def balanced(labels: Tensor, each: int) -> Tensor:
    """The first rows of each class, class after class by turns, (10 each,)."""
    if min(torch.bincount(labels, minlength=10).tolist()) < each:
        raise ValueError(f"there are not {each} samples of each of the ten classes")
    rows = torch.stack([(labels == label).nonzero().flatten()[:each] for label in range(10)])
    return rows.T.flatten()


class Draw:
    """What a seed draws from the world, each part made when it is first asked for.

    Labelled pictures, those for validation and those without labels share none.
    """

    def __init__(self, world: World, config: ScarcityConfig, seed: int) -> None:
        self.world, self.config, self.seed = world, config, seed
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(world.train.labels), generator=generator)
        labels = world.train.labels[order]
        most = max(*config.sizes, config.tuning.labels)
        first = balanced(labels, (most + config.tuning.validation) // 10)
        rest = torch.ones(len(order), dtype=torch.bool)
        rest[first] = False
        self._labelled, self._validation = order[first[:most]], order[first[most:]]
        self._pool = order[rest][: config.pool]

    def _of(self, rows: Tensor) -> Samples:
        return Samples(self.world.train.images[rows], self.world.train.labels[rows])

    def labelled(self, count: int) -> Samples:
        """So many labelled pictures, as many of each class; smaller sets are parts of larger."""
        return self._of(self._labelled[:count])

    @property
    def validation(self) -> Samples:
        """Labelled pictures on which rates are chosen."""
        return self._of(self._validation)

    @cached_property
    def pool(self) -> Samples:
        """Pictures without labels. Their labels are there to count errors, and to pair sounds."""
        return self._of(self._pool)

    @cached_property
    def fonts(self) -> Samples:
        """Digits drawn from fonts."""
        ours = self.config
        seed = derived_seed("fonts", self.seed)
        return Samples(*draw_signs(ours.fonts, side=ours.side, box=ours.box, seed=seed))

    @cached_property
    def heard_labels(self) -> Tensor:
        """What the ear says of the clip that each picture of the pool came with, (pool,).

        It learned from labelled clips of two speakers in three, and hears one of the others say
        the picture's digit: the two came together, and nobody wrote down which digit it is.
        """
        takes, heard = self.world.takes, self.world.heard
        generator = torch.Generator().manual_seed(derived_seed("speakers", self.seed))
        names = sorted(set(takes.speakers))
        order = torch.randperm(len(names), generator=generator).tolist()
        known = {names[place] for place in order[: round(len(names) * 2 / 3)]}
        seen = torch.tensor([speaker in known for speaker in takes.speakers])
        seed_everything(self.seed)
        ear = nn.Sequential(nn.Linear(heard.shape[1], WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
        training = Training(300, 64, 1e-3, self.seed)
        network.fit(ear, [Samples(heard[seen], takes.labels[seen])], training)
        strangers, digits = heard[~seen], takes.labels[~seen]
        clips = torch.empty(len(self.pool.labels), dtype=torch.long)
        for digit in range(10):
            ours = self.pool.labels == digit
            there = (digits == digit).nonzero().flatten()
            chosen = torch.randint(len(there), (int(ours.sum()),), generator=generator)
            clips[ours] = there[chosen]
        return network.scores(ear, strangers[clips]).argmax(dim=1)

    @cached_property
    def _trunks(self) -> dict[Start, nn.Module]:
        """Features that were learned before: from labels of other pictures, and from views."""
        ours = self.config.pretraining
        training = Training(ours.steps, ours.batch_size, ours.learning_rate, self.seed)
        seed_everything(self.seed)
        source = self.world.source
        taught = network.classifier(self.config.side, int(source.labels.max()) + 1)
        network.fit(taught, [source], training)
        seed_everything(self.seed)
        viewed = network.features(self.config.side)
        settings = Training(ours.steps, ours.batch_size, ours.learning_rate, self.seed, ours.views)
        network.fit_views(viewed, self.pool.images, settings, ours.scale)
        return {"transfer": taught[0], "views": viewed}

    def classifier(self, start: Start, again: bool = False) -> nn.Sequential:
        """A network before its first label; `again` gives other random numbers."""
        seed_everything(derived_seed("again", self.seed) if again else self.seed)
        model = network.classifier(self.config.side)
        if start != "random":
            model[0].load_state_dict(self._trunks[start].state_dict())
        return model
