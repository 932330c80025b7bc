"""Sounds block by block are the same sounds, and what is wrong with them is found all the same."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from mmbook.preprocessing.audio import files, streaming
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.resampling import resample
from mmbook.preprocessing.audio.streaming import AudioStream, resample_blocks
from mmbook.preprocessing.audio.waveforms import LOUDEST, read_audio
from tests.preprocessing.audio.test_files import CHECKED, WRITTEN, bare_mp3, noise

RATES = [
    (44_100, 8_000),
    (48_000, 8_000),
    (8_000, 44_100),
    (96_000, 8_000),
    (7, 50),
    (8_000, 8_000),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sound in every kind of file."""
    folder = tmp_path_factory.mktemp("sounds")
    for name, (kind, coding, _) in WRITTEN.items():
        soundfile.write(folder / name, noise(), 8000, format=kind, subtype=coding)
    return folder


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "VALUES", 1000)


def streamed(path: Path, rate: int = 8000) -> torch.Tensor:
    return torch.cat(list(AudioStream.open(path).blocks(rate)))


@pytest.mark.parametrize(("rate", "new_rate"), RATES)
@pytest.mark.parametrize("size", [97, 1000, 1 << 20])
def test_blocks_become_what_the_whole_becomes(rate: int, new_rate: int, size: int) -> None:
    sound = torch.from_numpy(noise(7001)).float()
    blocks = list(resample_blocks(sound.split(size), rate, new_rate))
    torch.testing.assert_close(
        torch.cat(blocks), resample(sound, rate, new_rate), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("size", [1, 2, 9])
def test_a_sound_may_end_at_once_and_blocks_may_be_short(size: int) -> None:
    for length in (1, 2, 30):
        sound = torch.from_numpy(noise(length)).float()
        blocks = torch.cat(list(resample_blocks(sound.split(size), 11_025, 8_000)))
        torch.testing.assert_close(blocks, resample(sound, 11_025, 8_000), atol=1e-6, rtol=0)
    assert list(resample_blocks([], 11_025, 8_000)) == []


def test_no_more_is_kept_than_a_filter_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def noted(waveform: torch.Tensor, rate: int, new_rate: int) -> torch.Tensor:
        seen.append(len(waveform))
        return resample(waveform, rate, new_rate)

    monkeypatch.setattr(streaming.resampling, "resample", noted)
    blocks = itertools.repeat(torch.zeros(1000), 50)
    assert sum(map(len, resample_blocks(blocks, 44_100, 8_000))) == -(-50_000 * 80 // 441)
    assert max(seen) <= 1000 + 441 + 2 * 57


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("rate", [8000, 11_025])
def test_every_kind_of_file_is_what_read_audio_returns(folder: Path, name: str, rate: int) -> None:
    stream = AudioStream.open(folder / name)
    blocks = list(stream.blocks(rate))
    whole = read_audio(folder / name, rate, resample=True)
    torch.testing.assert_close(torch.cat(blocks), whole, atol=1e-6, rtol=0)
    assert stream.rate == 8000 and stream.channels == 1 and len(blocks) >= 16
    assert stream.seconds == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged_and_share_a_block(channels: int, tmp_path: Path) -> None:
    sound = np.stack([noise(5000, seed) for seed in range(channels)], axis=1)
    soundfile.write(tmp_path / "x.wav", sound, 8000, "FLOAT")
    blocks = list(AudioStream.open(tmp_path / "x.wav").blocks(8000))
    np.testing.assert_allclose(torch.cat(blocks), sound.mean(axis=1), atol=1e-6)
    assert max(map(len, blocks)) <= 1000 // channels


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("kept", [0.3, 0.9, 1.0])
def test_a_file_that_is_cut_is_refused(
    folder: Path, name: str, kept: float, tmp_path: Path
) -> None:
    content = (folder / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(kept * len(content)) - (kept == 1)])
    with pytest.raises(AudioError, match=re.escape(str(tmp_path / name))):
        streamed(tmp_path / name)


@pytest.mark.parametrize("name", CHECKED)
def test_a_changed_byte_is_found_where_there_are_checksums(
    folder: Path, name: str, tmp_path: Path
) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(0.6 * len(content))] ^= 64
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AudioError):
        streamed(tmp_path / name)


def test_an_mp3_is_followed_from_frame_to_frame(tmp_path: Path) -> None:
    bare = bare_mp3(tmp_path / "sound.mp3", "CONSTANT")
    tagged = b"ID3\x04\0\0" + bytes([0, 0, 1, 2]) + b"\1" * 130 + bare + b"TAG" + bytes(125)
    (tmp_path / "tagged.mp3").write_bytes(tagged)
    assert len(streamed(tmp_path / "tagged.mp3")) > 16000
    (tmp_path / "broken.mp3").write_bytes(bare[:2000] + bare[2100:])
    with pytest.raises(AudioError, match="no whole frame begins at byte"):
        streamed(tmp_path / "broken.mp3")
    (tmp_path / "bare.mp3").write_bytes(bare_mp3(tmp_path / "sound.mp3", "VARIABLE"))
    with pytest.raises(AudioError, match=r"\d+ samples are in it, and \d+ can be decoded"):
        streamed(tmp_path / "bare.mp3")


def test_a_file_may_be_longer_than_what_is_held_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_VALUES", 9999)
    with pytest.raises(AudioError, match="at most 9999 values"):
        read_audio(folder / "pcm16.wav", 8000)
    assert len(streamed(folder / "pcm16.wav")) == 16000
    monkeypatch.setattr(streaming, "LONGEST", 1)
    with pytest.raises(AudioError, match="more than 0 hours"):
        AudioStream.open(folder / "pcm16.wav")


def test_a_flac_that_does_not_know_its_length_is_refused(folder: Path, tmp_path: Path) -> None:
    content = bytearray((folder / "sound.flac").read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # 36 bits at offset 21 count the samples; 0 is unknown
    (tmp_path / "x.flac").write_bytes(content)
    with pytest.raises(AudioError, match="does not say how long it is"):
        AudioStream.open(tmp_path / "x.flac")


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "x.w64", noise(), 8000, format="W64", subtype="PCM_16")
    (tmp_path / "x.raw").write_bytes(bytes(100))
    for name, said in {
        "empty.wav": "is empty",
        "text.wav": "cannot read the sound file",
        "none.wav": "holds no samples",
        "x.w64": "of the kind W64",
        "x.raw": "cannot read the sound file",
        "gone.wav": "cannot read the sound file",
        ".": "no regular file",
    }.items():
        with pytest.raises(AudioError, match=said):
            AudioStream.open(tmp_path / name)


@pytest.mark.parametrize("value", [np.nan, -np.inf, 2.5])
def test_samples_that_are_none_are_found_in_any_channel(value: float, tmp_path: Path) -> None:
    sound = np.zeros((5000, 2))
    sound[4000, 1] = value
    soundfile.write(tmp_path / "odd.wav", sound, 8000, "FLOAT")
    with pytest.raises(AudioError, match=r"odd\.wav: it holds"):
        streamed(tmp_path / "odd.wav")
    sound[4000, 1] = LOUDEST
    soundfile.write(tmp_path / "odd.wav", sound, 8000, "FLOAT")
    assert float(streamed(tmp_path / "odd.wav").max()) == LOUDEST / 2


def test_channels_cancel_where_they_do_so_as_a_whole(tmp_path: Path) -> None:
    sound = noise(5000)
    path = tmp_path / "x.wav"
    soundfile.write(path, np.stack([sound, -0.9 * sound], axis=1), 8000, "FLOAT")
    with pytest.raises(AudioError, match=r"x\.wav: its channels cancel each other"):
        streamed(path)
    partly = np.append(-sound[:2500], sound[2500:])
    for other in (partly, 0 * sound, sound, 0 * sound + 0.2):
        channels = np.stack([sound, other], axis=1)
        soundfile.write(path, channels, 8000, "FLOAT")
        np.testing.assert_allclose(streamed(path), channels.mean(1), atol=1e-6)
