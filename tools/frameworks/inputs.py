"""What every framework is given, and what the book's own classes make of it; needs PyTorch."""

from pathlib import Path

import numpy as np
import torch

from mmbook.datasets.digits.items import Corruption, draw, load_bank
from mmbook.datasets.scenes.collection import load_scenes
from mmbook.decoders.generation import beam_search
from mmbook.decoders.masked_history import MaskedHistory
from mmbook.models import load_pretrained
from mmbook.models.captioning import Captioner
from mmbook.preprocessing.text.special import BOS, EOS, PAD
from tools.live.fusions import load_fusions

DIGITS, SCENES, NOISE = 64, 32, Corruption(image_noise=0.5, audio_snr_db=0.0)


@torch.inference_mode()
def write_inputs(folder: Path, seed: int = 3) -> dict[str, np.ndarray]:
    """Write FOLDER/inputs.npz; returns what the book's classes answer.

    Digits seen and heard with noise, held out from training; sequences for a GRU; scenes of the
    split `test`, and the words that the book's captioner writes about them.
    """
    batch = draw(load_bank("test"), DIGITS, corruption=NOISE, seed=seed)
    image, audio = batch.inputs["image"].clamp(0, 1), batch.inputs["audio"]
    (labels,) = batch.targets.values()
    network = load_fusions()
    attention = network(network.encode({"image": image, "audio": audio}))[2]

    captioner, scenes = load_pretrained("scene-captioner"), load_scenes("test", count=SCENES)
    if not isinstance(captioner, Captioner) or not isinstance(captioner.model, MaskedHistory):
        raise ValueError("the shipped captioner is not one that reads hidden words as one sign")
    images, longest = scenes.images, captioner.config.longest
    memory = captioner.look(images)
    found, _ = beam_search(captioner.model, memory, BOS, EOS, longest, 1, rows=len(images))
    ids = torch.full((len(images), longest), PAD)
    said = found.filled(PAD)[:, :longest]  # from bos on
    ids[:, : said.shape[1]] = said
    scores = captioner.model(memory, ids)
    np.savez(
        folder / "inputs.npz",
        image=image.numpy(),
        audio=audio.numpy(),
        labels=labels.numpy(),
        sequences=np.random.default_rng(seed).normal(size=(8, 20, 96)).astype(np.float32),
        scenes=images.numpy(),
        read_as=captioner.model.read_as.numpy(),
        ids=ids.numpy().astype(np.int32),
        bos=BOS,
        eos=EOS,
    )
    return {
        "logits": attention.numpy(),
        "labels": labels.numpy(),
        "ids": ids.numpy(),
        "scores": scores.numpy(),
        "real": (ids != PAD).numpy(),
    }
