"""The fusion explorer against the package: its noise, its spectrogram, its answers, its leans."""

from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from mmbook.datasets.digits.bank import load_bank
from mmbook.models.multimodal import hidden
from mmbook.preprocessing.audio.mel import log_mel_spectrogram, normalise_bands
from mmbook.preprocessing.audio.waveforms import mix_at_snr
from mmbook.training.saving.checkpoints import digest, load_metadata
from tools.live import train_fusions
from tools.live.fusions import CLASSES, FUSIONS, SENSES, WEIGHTS, ThreeFusions, load_fusions
from tools.live.senses import EXAMPLES, Explorer, Samples, held_out_samples, parts, split

SETTINGS = [(3, 7, 1, 1.6, 0.0), (0, 9, 2, 3.0, -20.0), (5, 5, 0, 0.0, 30.0), (8, 1, 2, 0.4, 9.0)]


@cache
def fusions() -> ThreeFusions:
    return load_fusions()


@cache
def samples() -> Samples:
    return held_out_samples()


@torch.no_grad()
def shown(*setting: float) -> dict[str, Tensor]:
    explorer = Explorer(fusions(), samples())
    return split(explorer(torch.tensor(setting)), parts(samples()))


def noisy(seen: int, heard: int, example: int, sigma: float, snr_db: float) -> dict[str, Tensor]:
    """Picture and speech as the package spoils them."""
    all_ = samples()
    clean = all_.pictures[seen, example].view(1, 1, 28, 28) / 255
    picture = clean + sigma * all_.picture_noise[example].view(1, 1, 28, 28) / 32
    speech, noise = (
        all_.clips[heard, example, None] / 2**15,
        all_.speech_noise[example, None] / 32,
    )
    return {"picture": picture.clamp(0, 1), "speech": mix_at_snr(speech, noise, snr_db)}


@pytest.mark.parametrize("setting", SETTINGS)
def test_picture_and_speech_are_spoilt_as_the_package_does_it(setting) -> None:
    found, wanted = shown(*setting), noisy(*setting)
    assert torch.allclose(found["picture"], wanted["picture"][0, 0], atol=1e-6)
    assert torch.allclose(found["speech"], wanted["speech"][0], rtol=1e-4, atol=1e-5)
    log_mel = normalise_bands(log_mel_spectrogram(wanted["speech"]))[0]
    assert (found["log_mel"] - log_mel).abs().max() < 2e-3


@pytest.mark.parametrize("setting", SETTINGS)
@torch.no_grad()
def test_answers_and_leans_are_those_of_the_networks_with_a_sense_hidden(setting) -> None:
    found, raw = shown(*setting), noisy(*setting)
    inputs = {
        "image": raw["picture"],
        "audio": normalise_bands(log_mel_spectrogram(raw["speech"])),
    }
    answers = {}
    for gone in (None, *SENSES):
        given = {m: hidden(x, torch.tensor([m == gone])) for m, x in inputs.items()}
        tokens = {
            m: t.masked(torch.tensor([m != gone])) for m, t in fusions().encode(given).items()
        }
        answers[gone] = fusions()(tokens)[:, 0].softmax(dim=-1).numpy()  # (fusions, classes)
    assert np.abs(found["answers"].numpy() - answers[None]).max() < 1e-3
    for column, gone in enumerate(SENSES):
        moved = np.abs(answers[None] - answers[gone]).sum(axis=1) / 2
        assert np.abs(found["leans"][:, column].numpy() - moved).max() < 1e-3
    assert float(found["weights"].sum()) == pytest.approx(1, abs=1e-5)
    assert found["answers"].shape == (len(FUSIONS), CLASSES)


@torch.no_grad()
def test_late_fusion_is_the_product_of_what_its_senses_believe() -> None:
    batch = train_fusions.samples(load_bank("test"), 20, 0, train_fusions.Corruption(1.0))
    tokens = fusions().encode(batch.inputs)
    beliefs = [
        fusions()({m: t.masked(torch.full((20,), m == sense)) for m, t in tokens.items()})[1]
        for sense in SENSES
    ]
    product = sum(belief.log_softmax(dim=-1) for belief in beliefs)
    assert isinstance(product, Tensor)
    both = fusions()(tokens)[1].softmax(dim=-1)
    assert torch.allclose(product.softmax(dim=-1), both, atol=1e-5)


def test_the_samples_were_in_no_training_and_the_noise_has_unit_strength() -> None:
    held_out, train = load_bank("test"), load_bank("train")
    pictures = (255 * train.images.flatten(1)).round().to(torch.uint8)
    assert not {row.numpy().tobytes() for row in pictures} & {
        row.numpy().tobytes() for row in samples().pictures.flatten(0, 1)
    }
    assert not set(held_out.voices) & set(train.voices)
    exact = (2**15 * held_out.clips).round().to(torch.int16)
    for digit in range(CLASSES):
        for clip in samples().clips[digit]:
            (row,) = (exact == clip).all(dim=1).nonzero()[0]
            assert held_out.clip_labels[row] == digit
    for noise in (samples().picture_noise, samples().speech_noise):
        assert (noise.float() / 32).std(dim=1).sub(1).abs().max() < 0.06


def test_the_weights_say_what_made_them() -> None:
    facts, bank = load_metadata(WEIGHTS), load_bank("train")
    assert facts["command"] == "python -m tools.live.train_fusions"
    assert facts["data"] == digest({"images": bank.images, "clips": bank.clips})
    assert "changes" not in facts["commit"]
    assert facts["command"] in (WEIGHTS.parent / "README.md").read_text(encoding="utf-8")


def test_training_makes_all_three_of_one_eye_and_one_ear(monkeypatch) -> None:
    for name in ("ALONE", "JOINED"):
        config = train_fusions.TrainingConfig(steps=2, batch_size=8, device="cpu")
        monkeypatch.setattr(train_fusions, name, config)
    monkeypatch.setattr(train_fusions, "PRACTICE", 16)
    model = train_fusions.train(train_fusions.practice(load_bank("train")), progress=False)
    assert model.state_dict().keys() == fusions().state_dict().keys()
    assert not model.training
    assert all(values.isfinite().all() for values in model.state_dict().values())


# What the chapter says beside the explorer, over all its samples.

PAIRS = [(a, b, x) for a in range(CLASSES) for b in range(CLASSES) for x in range(EXAMPLES)]
CLEAN, NO_VOICE, NO_PICTURE = (0.0, 30.0), (0.0, -20.0), (3.0, 30.0)
HALFWAY = (0.0, -10.0), (1.6, 0.0)


@cache
def measured(sigma: float, snr_db: float, agree: bool) -> dict[str, np.ndarray]:
    """The explorer over all pairs of a picture and a voice that agree, or of all that do not."""
    pairs = [(a, b, x) for a, b, x in PAIRS if (a == b) == agree]
    rows = [shown(*pair, sigma, snr_db) for pair in pairs]
    best = np.array([row["answers"].argmax(dim=1).numpy() for row in rows])  # (pairs, fusions)
    seen, heard = (np.array([pair[i] for pair in pairs])[:, None] for i in (0, 1))
    return {
        "picture wins": (best == seen).mean(axis=0),
        "voice wins": (best == heard).mean(axis=0),
        "sure": np.mean([row["answers"].max(dim=1).values.numpy() for row in rows], axis=0),
        "leans": np.mean([row["leans"].numpy() for row in rows], axis=0),  # (fusions, senses)
        "weights": np.mean([row["weights"].numpy() for row in rows], axis=0),  # (senses,)
    }


def test_a_drowned_sense_hardly_ever_wins() -> None:
    assert measured(*NO_VOICE, agree=False)["voice wins"].max() < 0.1
    assert measured(*NO_PICTURE, agree=False)["picture wins"].max() < 0.1
    assert measured(*NO_VOICE, agree=False)["picture wins"].min() > 0.6
    assert measured(*NO_PICTURE, agree=False)["voice wins"].min() > 0.9


@pytest.mark.parametrize("noises", [CLEAN, NO_VOICE, NO_PICTURE, *HALFWAY])
def test_where_senses_disagree_attention_is_the_least_sure(noises) -> None:
    early, late, attention = measured(*noises, agree=False)["sure"]
    assert attention < min(early, late) - 0.03


def test_attention_s_weights_move_much_less_than_what_it_leans_on() -> None:
    settings = [CLEAN, NO_VOICE, NO_PICTURE, *HALFWAY]
    leans = [measured(*noises, agree=False)["leans"][2] for noises in settings]
    weights = [measured(*noises, agree=False)["weights"] for noises in settings]
    for sense in range(len(SENSES)):
        assert np.ptp(leans, axis=0)[sense] > 1.5 * np.ptp(weights, axis=0)[sense]


def test_where_both_are_clear_and_agree_no_fusion_needs_either() -> None:
    found = measured(*CLEAN, agree=True)
    assert found["leans"].max() < 0.05 and found["picture wins"].min() == 1


def test_with_both_clear_the_voice_wins_and_noise_turns_that() -> None:
    wins = [
        measured(*noises, agree=False)["voice wins"] for noises in (CLEAN, HALFWAY[0], NO_VOICE)
    ]
    assert (wins[0] > 0.8).all() and (wins[0] > wins[1]).all() and (wins[1] > wins[2]).all()
