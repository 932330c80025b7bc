"""The speed of captions: learning them, and searching for them with and without a cache."""

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.compare import compare
from benchmarks.decoding import Uncached
from mmbook.batch import Padded
from mmbook.datasets.scenes.collection import load_scenes
from mmbook.decoders.generation import beam_search
from mmbook.experiments.scene_captioning.config import BEST, SYSTEMS, TIERS
from mmbook.experiments.scene_captioning.training import untrained
from mmbook.layers.modes import evaluating
from mmbook.losses import IGNORED
from mmbook.models.captioning import caption_batch
from mmbook.models.language import next_token_loss
from mmbook.preprocessing.text.special import BOS, EOS
from mmbook.training import Objective, TrainingConfig, fit

PICTURES, BATCH, BEAM, NEW = 320, 32, 3, 40


def learning() -> None:
    """Ten steps of training a captioner with `fit` against the plainest loop."""
    scenes = load_scenes("train", size=64, count=PICTURES)
    captions = [caption for (caption,) in scenes.captions["en"]]
    model = untrained(SYSTEMS[BEST], TIERS["full"], 0)
    samples = caption_batch(model.tokenizer, scenes.images, captions)
    text = samples.inputs["text"]
    tokens = int(text.lengths.sum()) if isinstance(text, Padded) else text.numel()
    config = TrainingConfig(steps=PICTURES // BATCH, batch_size=BATCH)

    def ours() -> None:
        fit(model, samples, config, objectives=Objective(next_token_loss), progress=False)

    def reference() -> None:
        optimiser = torch.optim.AdamW(model.parameters())
        for batch in samples.batches(BATCH):
            scores = model(batch.inputs).flatten(0, 1)
            F.cross_entropy(
                scores, batch.targets["next"].flatten(), ignore_index=IGNORED
            ).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()

    compare("10 steps of captions with fit / a bare loop", ours, reference, (tokens, "tokens"))


def searching() -> None:
    """A beam of 3 for 32 pictures, by what is kept, against reading everything again."""
    images = load_scenes("test", size=64, count=BATCH).images
    for decoder in ("transformer", "GRU"):
        name = BEST if decoder == "transformer" else f"{BEST}, GRU"
        model = untrained(SYSTEMS[name], TIERS["full"], 0)
        again = Uncached(model.model)
        with evaluating(model), torch.inference_mode():
            memory = model.look(images)

            def search(by: nn.Module, memory=memory) -> torch.Tensor:  # type: ignore[no-untyped-def]
                found, _ = beam_search(by, memory, BOS, EOS, NEW, BEAM, rows=BATCH)  # type: ignore[arg-type]
                return found.values

            assert search(model.model).equal(search(again))
            compare(
                f"{decoder} captions {BATCH} pictures, beam {BEAM}, cached / uncached",
                lambda model=model, search=search: search(model.model),
                lambda again=again, search=search: search(again),
                (BATCH, "captions"),
            )


BENCHMARKS = (learning, searching)
