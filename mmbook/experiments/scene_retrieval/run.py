"""The experiment from data to result."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from mmbook.evaluation import Result, Row
from mmbook.evaluation.retrieval import median_rank, ranks, recall_at
from mmbook.experiments.scene_retrieval.candidates import Candidates, load_candidates
from mmbook.experiments.scene_retrieval.config import (
    SHIPPED,
    SYSTEMS,
    SceneRetrievalConfig,
    System,
)
from mmbook.experiments.scene_retrieval.data import captions_of, load, vocabulary_of
from mmbook.experiments.scene_retrieval.training import ids_of, samples, train, untrained
from mmbook.models.next_word import EnglishWords
from mmbook.models.pretrained import save_pretrained
from mmbook.models.retrieval import ImageSearch
from mmbook.training.saving.checkpoints import digest

SEARCHED = {"validation": "seen", "test": "held out"}  # split: its pairs of shape and colour
RECALLED = (1, 5, 10)
SAME_WORDS = ("order", "binding")  # asked only where no word by itself gives the answer away


def run(tier: str, config: SceneRetrievalConfig, folder: Path) -> Result:
    """Train and measure every system for every seed; the one that ships is left as a folder."""
    scenes = load(config, "train", config.train_size, seed=0)
    captions = captions_of(scenes, config.language)
    searched = {split: load_candidates(config, split, seed=0) for split in SEARCHED}
    rows: list[Row] = []
    sizes: dict[str, int] = {}
    seconds = 0.0
    words = EnglishWords(vocabulary_of(captions))
    for seed in config.seeds:
        for split, candidates in searched.items():
            rows += _nearest(scenes.images, captions, candidates, SEARCHED[split], seed)
        for name in config.systems:
            model = untrained(words, SYSTEMS[name], config, seed)
            batch = samples(model, scenes.images, captions, SYSTEMS[name], config)
            seconds += train(model, batch, name, config, seed, folder / f"seed-{seed}")
            sizes[name] = sum(p.numel() for p in model.parameters())
            for split, candidates in searched.items():
                for metric, value, condition in measured(model, candidates, SYSTEMS[name]):
                    pairs = {"pairs": SEARCHED[split]}
                    rows.append(Row(name, metric, seed, value, condition | pairs))
            if name == SHIPPED:
                save_pretrained(folder / f"seed-{seed}" / "scene-search", model.config, model)
    return Result(
        experiment="scene-retrieval",
        tier=tier,
        rows=rows,
        baselines=["nearest picture", *(n for n in config.systems if not SYSTEMS[n].ordered)],
        seeds=config.seeds,
        split="no scene is shared; held out are pairs of shape and colour that training never "
        f"shows; {config.candidates} candidates with different captions each",
        config=asdict(config),
        parameters=sizes,
        seconds=round(seconds, 1),
        data={"train": digest({"images": scenes.images})}
        | {s: digest({"images": c.scenes.images}) for s, c in searched.items()},
    )


Measured = tuple[str, float, dict[str, str]]


@torch.inference_mode()
def measured(model: ImageSearch, candidates: Candidates, system: System) -> Iterator[Measured]:
    """Metric, value and condition of all that is measured on one set of candidates."""

    def read(captions: Sequence[str]) -> Tensor:
        return _in_parts(model, "text", ids_of(model, captions, system))

    seen = _in_parts(model, "image", candidates.scenes.images)
    said = read(candidates.captions)
    yield from searched(seen @ said.T, candidates.relevant)
    for name, (texts, true) in candidates.shorter.items():
        found = ranks(read(texts) @ seen.T, true.T)
        yield "recall_at_1", recall_at(found, 1), {"sentence_is": name}
    own = (seen * said).sum(dim=1)
    for name, altered in candidates.altered.items():
        other = (seen * read(altered)).sum(dim=1)
        right = (own > other).double() + (own == other).double() / 2
        yield "accuracy", right[_fair(name, candidates)].mean().item(), {"told_apart": name}
    yield from _arithmetic(model, candidates, seen, said, read(candidates.recoloured_captions))


def _fair(name: str, candidates: Candidates) -> Tensor:
    """(n,) boolean: where the altered sentence may be asked about; see SAME_WORDS."""
    pairs = zip(candidates.captions, candidates.altered[name], strict=True)
    return torch.tensor(
        [name not in SAME_WORDS or sorted(t.split()) == sorted(a.split()) for t, a in pairs]
    )


def searched(scores: Tensor, relevant: Tensor) -> Iterator[Measured]:
    """What is found both ways; scores: (pictures, sentences)."""
    for direction, s, r in (
        ("picture to sentence", scores, relevant),
        ("sentence to picture", scores.T, relevant.T),
    ):
        found = ranks(s, r)
        for k in RECALLED:
            yield f"recall_at_{k}", recall_at(found, k), {"direction": direction}
        yield "median_rank", median_rank(found), {"direction": direction}


def _arithmetic(
    model: ImageSearch, candidates: Candidates, seen: Tensor, said: Tensor, wanted: Tensor
) -> Iterator[Measured]:
    """Picture - sentence + other sentence: is it the picture with the object in another colour?

    Looked for among all pictures before and after, by the sum and by the sentence alone.
    """
    changed = _in_parts(model, "image", candidates.recoloured)
    pool = torch.cat([changed, seen])  # picture i is the answer to query i
    seen, said = (vectors[candidates.recolourable] for vectors in (seen, said))
    for name, query in (
        ("picture and words", F.normalize(seen - said + wanted, dim=1)),
        ("words alone", wanted),
    ):
        yield "recall_at_1", recall_at(ranks(query @ pool.T), 1), {"recoloured_by": name}


def _in_parts(model: ImageSearch, modality: str, values: Tensor) -> Tensor:
    device = model.log_scale.device
    return torch.cat([model.embed(modality, part.to(device)).cpu() for part in values.split(500)])


def _nearest(
    images: Tensor, captions: tuple[str, ...], candidates: Candidates, pairs: str, seed: int
) -> Iterator[Row]:
    """A baseline that learns nothing: what the nearest training picture's sentence says.

    A sentence is as near to a picture as it shares words in their places with that one.
    """
    known, asked = (x.flatten(1).float() / 255 for x in (images, candidates.scenes.images))
    nearest = torch.cat([torch.cdist(part, known).argmin(dim=1) for part in asked.split(100)])
    words = {word: n for n, word in enumerate(sorted({w for c in captions for w in c.split()}))}
    borrowed = _placed(words, [captions[row] for row in nearest.tolist()])
    scores = borrowed @ _placed(words, candidates.captions).T
    for metric, value, condition in searched(scores, candidates.relevant):
        yield Row("nearest picture", metric, seed, value, condition | {"pairs": pairs})


def _placed(words: Mapping[str, int], captions: Sequence[str]) -> Tensor:
    """(n, places · words): 1 where a word stands at a place; of all sentences twelve places."""
    found = torch.zeros(len(captions), 12, len(words))
    for row, caption in enumerate(captions):
        for place, word in enumerate(caption.split()):
            found[row, place, words[word]] = 1
    return found.flatten(1)
