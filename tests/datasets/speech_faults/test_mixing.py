import hashlib
import math
from dataclasses import replace

import pytest
import torch

from mmbook.batch import Batch
from mmbook.datasets.catalogue import load
from mmbook.datasets.speech_faults.collection import FaultyClips, render
from mmbook.datasets.speech_faults.material import load_material
from mmbook.datasets.speech_faults.mixing import CHANCE, cut, draw_mixtures, record, say
from mmbook.preprocessing.audio.faults import FAULTS
from mmbook.preprocessing.audio.faults.chain import WHOLE
from mmbook.preprocessing.audio.faults.severity import Severities, own_floor
from mmbook.preprocessing.audio.faults.unseen import UNSEEN

MATERIAL = load_material("test")
MANY = draw_mixtures(MATERIAL, 3000)
CLIPS = render(MATERIAL, MANY[:40])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_recipes_are_these():
    """They may not change unnoticed: what was measured was measured on these."""
    digest = hashlib.sha256(repr(MANY[:100]).encode()).hexdigest()
    assert digest[:16] == "77fc51b844b96cce"
    assert draw_mixtures(MATERIAL, 100) == MANY[:100]
    assert draw_mixtures(MATERIAL, 100, seed=1) != MANY[:100]


def test_recordings_are_the_same_bit_for_bit_and_depend_on_nothing_but_their_recipe():
    again = render(load_material("test"), MANY[:40])
    assert again.samples().fingerprint() == CLIPS.samples().fingerprint()
    assert again.clean.equal(CLIPS.clean)
    alone = render(MATERIAL, [MANY[7]])
    assert alone.waveforms[0].equal(CLIPS.waveforms[7])
    assert alone.frames[0].equal(CLIPS.frames[7])


def test_faults_come_as_often_as_asked_and_independently():
    there = torch.tensor([mixture.severity for mixture in MANY]).isnan().logical_not().double()
    assert (there.mean(dim=0) - CHANCE).abs().max() < 0.025
    clean = float((there.sum(dim=1) == 0).double().mean())
    assert clean == pytest.approx((1 - CHANCE) ** len(FAULTS), abs=0.02)
    together = torch.corrcoef(there.T) - torch.eye(len(FAULTS))
    assert together.abs().max() < 0.07
    assert not draw_mixtures(MATERIAL, 50, chance=0)[49].severity[0] > 0


def test_severities_lie_between_the_mildest_and_the_worst():
    known = Severities()
    for place, fault in enumerate(FAULTS):
        drawn = [m.severity[place] for m in MANY if not math.isnan(m.severity[place])]
        if fault == "level":
            louder = [value for value in drawn if value > 0]
            assert len(louder) / len(drawn) == pytest.approx(1 / 3, abs=0.06)
            assert min(louder) >= known.louder[0] and max(louder) <= known.louder[1]
            drawn = [value for value in drawn if value < 0]
        low, high = sorted(getattr(known, fault))
        assert low <= min(drawn) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(drawn) <= high


def test_nobody_talks_over_themselves_and_all_voices_and_noises_come():
    assert all(mixture.voice != mixture.other for mixture in MANY)
    for names, known in (
        ({m.voice for m in MANY}, MATERIAL.voices),
        ({m.other for m in MANY}, MATERIAL.voices),
        ({m.noise for m in MANY}, MATERIAL.noises),
    ):
        assert names == set(known)


def test_what_is_heard_was_asked_for_or_follows_from_a_level():
    asked = torch.tensor([m.severity for m in CLIPS.mixtures]).isnan().logical_not()
    heard = CLIPS.frames.any(dim=1)
    extra = heard & ~asked
    assert set(extra.nonzero()[:, 1].tolist()) <= {FAULTS.index("clipping")}
    assert (CLIPS.severity.isnan() == ~(heard & asked)).all()
    whole = [FAULTS.index(name) for name in WHOLE]
    assert heard[:, whole].equal(asked[:, whole])
    assert heard.sum() > 0.8 * asked.sum()
    added = heard[:, :3].any(dim=1)
    assert CLIPS.snr.isnan().equal(~added)


def test_a_batch_holds_the_truth_and_not_the_original():
    batch = load("speech-faults", "validation", size=3, seconds=1.5).samples()
    assert isinstance(batch, Batch)
    assert {name: (tuple(x.shape), x.dtype) for name, x in batch.inputs.items()} == {
        "audio": ((3, 12_000), torch.float32)
    }
    assert {name: tuple(x.shape) for name, x in batch.targets.items()} == {
        "faults": (3, 94, 9),
        "severity": (3, 9),
        "snr": (3,),
        "stoi": (3,),
        "pesq": (3,),
    }
    assert batch.targets["faults"].dtype == torch.bool
    assert batch.targets["stoi"].isnan().all()
    assert len(load("speech-faults", "train", size=0)) == 0


def test_clips_can_be_picked_and_measured_later():
    some = CLIPS[[3, 5]]
    assert isinstance(some, FaultyClips) and some.mixtures == (MANY[3], MANY[5])
    scored = replace(some, stoi=torch.tensor([0.5, 0.6])).samples()
    torch.testing.assert_close(scored.targets["stoi"], torch.tensor([0.5, 0.6]))


def test_undamaged_speech_is_in_time_with_the_recording():
    clean = replace(MANY[0], severity=(math.nan,) * 9)
    recording, speech = record(MATERIAL, clean, 16_000)
    assert recording.waveform.equal(speech) and not recording.faults.any()


@pytest.mark.parametrize("name", MATERIAL.voices)
def test_a_voice_speaks_most_of_the_time_at_the_usual_level(name):
    voice = MATERIAL.voices[name]
    said = torch.stack([say(voice, 16_000, generator(seed)) for seed in range(8)])
    levels = 10 * said.square().mean(dim=1).log10()
    assert (levels > -26 - 3 - 4).all() and (levels < -26 + 3 + 0.5).all()
    floors = torch.tensor([own_floor(clip) for clip in said])
    below = 10 * (floors / said.square().mean(dim=1)).log10()
    assert (below < -15).all() and (below > -66).all()  # never silent, as no recording is


def test_where_noise_is_cut_something_is_heard():
    knocks = torch.zeros(40_000)
    knocks[30_000:30_100] = 1
    for seed in range(20):
        piece = cut(knocks, 4000, generator(seed))
        assert len(piece) == 4000 and piece.any()
    assert cut(knocks, 50_000, generator()).equal(knocks)


def test_the_unseen_split_has_other_faults_of_the_same_voices():
    clips = load("speech-faults", "unseen", size=60)
    kinds = {mixture.unseen for mixture in clips.mixtures}
    assert kinds == {"", *UNSEEN}
    undamaged = torch.tensor([not mixture.unseen for mixture in clips.mixtures])
    same = (clips.waveforms == clips.clean).all(dim=1)
    assert same.equal(undamaged)
    assert clips.severity.isnan().all()
    others = [place for place, fault in enumerate(FAULTS) if fault != "clipping"]
    assert not clips.frames[:, :, others].any()
    assert {mixture.voice for mixture in clips.mixtures} <= set(MATERIAL.voices)


def test_unusable_orders_are_refused():
    with pytest.raises(ValueError, match="size must be a whole number of at least 0, got -1"):
        draw_mixtures(MATERIAL, -1)
    with pytest.raises(ValueError, match="chance must be a finite number"):
        draw_mixtures(MATERIAL, 1, chance=1.5)
    with pytest.raises(ValueError, match=r"seconds must be a finite number of at least 0\.5"):
        render(MATERIAL, MANY[:1], seconds=0.1)
    with pytest.raises(ValueError, match="no split 'dev'"):
        load("speech-faults", "dev", size=1)
