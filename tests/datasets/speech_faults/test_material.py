import pytest
import torch

from mmbook.datasets.entries import DataMissingError
from mmbook.datasets.speech_faults.material import (
    FLOORS_DB,
    SHORTEST,
    SPEECH_RMS,
    Material,
    load_material,
    voice_of,
)
from mmbook.datasets.speech_faults.partition import PARTS, TIERS
from mmbook.preprocessing.audio.checks import AudioError

MINI = {split: load_material(split) for split in ("train", "validation", "test")}


def sound(samples, seed=0, level=0.1):
    return level * torch.randn(samples, generator=torch.Generator().manual_seed(seed))


def shared(sets):
    """What is in more than one of some sets."""
    return {
        one
        for place, some in enumerate(sets)
        for one in some
        if one in set().union(*(other for rest, other in enumerate(sets) if rest != place))
    }


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("what", ["people", "generated", "recorded", "folds"])
def test_no_two_splits_share_a_part(tier, what):
    parts = PARTS[tier].values()
    assert shared([set(getattr(part, what)) for part in parts]) == set()
    assert sum(part.mandarin for part in parts) == (tier == "full")  # one speaker, one split
    assert all(part.generated for part in parts)


def test_no_two_splits_share_a_voice_or_a_noise():
    assert shared([set(material.voices) for material in MINI.values()]) == set()
    assert [len(material.voices) for material in MINI.values()] == [16, 2, 6]
    for heard in (
        lambda m: [u for voice in m.voices.values() for u in voice.utterances],
        lambda m: [noise for noises in m.noises.values() for noise in noises],
    ):
        sounds = [{s.numpy().tobytes() for s in heard(material)} for material in MINI.values()]
        assert shared(sounds) == set()
    assert load_material("unseen").voices.keys() == MINI["test"].voices.keys()


@pytest.mark.parametrize("split", MINI)
def test_utterances_have_one_level_and_noises_are_there(split):
    material = MINI[split]
    for voice in material.voices.values():
        assert len(voice.utterances) >= 20
        assert FLOORS_DB[0] <= voice.floor_db <= FLOORS_DB[1]
        for spoken in voice.utterances:
            assert len(spoken) >= SHORTEST and spoken[0] == spoken[-1] == 0
            level = float(spoken.square().mean().sqrt())
            assert level == pytest.approx(SPEECH_RMS, rel=0.05)
    assert tuple(material.noises) == PARTS["mini"][split].generated
    for noise in (noise for noises in material.noises.values() for noise in noises):
        assert len(noise) == 40_000 and 0 < noise.square().mean() < 2


def test_the_noise_of_a_voices_recordings_is_estimated():
    clips = []
    for seed in range(20):
        clip = sound(4000, seed, 0.001)  # 40 dB below the speech
        clip[1000:3000] += sound(2000, seed + 100)
        clips.append(clip)
    assert voice_of(clips).floor_db == pytest.approx(-40, abs=2)
    with pytest.raises(AudioError, match=r"holds an utterance of 0\.1 s or more"):
        voice_of([torch.zeros(4000), sound(500)])


def test_other_names_and_too_little_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no split 'dev'; there are train, validation, test, uns"):
        load_material("dev")
    with pytest.raises(ValueError, match="no tier 'small'; there are mini, full"):
        load_material("train", "small")
    with pytest.raises(ValueError, match="need two voices and a noise, got 0 voices and 1 kinds"):
        Material({}, {"white": (sound(10),)})
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    with pytest.raises(DataMissingError, match="download fsdd"):
        load_material("test", "full")
