"""Sound files that are whole, cut, damaged, or say little of themselves."""

import re
import struct

import numpy as np
import pytest
import soundfile
import torch

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.files import KINDS, decode_sound
from mmbook.preprocessing.audio.waveforms import LOUDEST, read_audio

# Name of the file, format and coding of libsndfile, and how far the samples may lie off.
WRITTEN = {
    "pcm8.wav": ("WAV", "PCM_U8", 0.01),
    "pcm16.wav": ("WAV", "PCM_16", 1e-4),
    "pcm24.wav": ("WAV", "PCM_24", 1e-6),
    "float.wav": ("WAV", "FLOAT", 1e-6),
    "double.wav": ("WAV", "DOUBLE", 1e-6),
    "ulaw.wav": ("WAV", "ULAW", 0.02),
    "adpcm.wav": ("WAV", "IMA_ADPCM", 0.3),
    "gsm.wav": ("WAV", "GSM610", None),
    "wavex.wav": ("WAVEX", "PCM_16", 1e-4),
    "sound.aiff": ("AIFF", "PCM_16", 1e-4),
    "sound.au": ("AU", "PCM_16", 1e-4),
    "sound.flac": ("FLAC", "PCM_16", 1e-4),
    "vorbis.ogg": ("OGG", "VORBIS", 0.3),
    "opus.ogg": ("OGG", "OPUS", None),
    "sound.mp3": ("MP3", "MPEG_LAYER_III", None),
}
CHECKED = [name for name in WRITTEN if WRITTEN[name][0] in ("FLAC", "OGG")]  # by checksums


def noise(samples=16000, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal(samples)


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """The bytes of one sound in every kind of file."""
    folder = tmp_path_factory.mktemp("sounds")
    for name, (kind, coding, _) in WRITTEN.items():
        soundfile.write(folder / name, noise(), 8000, format=kind, subtype=coding)
    return {name: (folder / name).read_bytes() for name in WRITTEN}


@pytest.fixture
def written(tmp_path):
    """Write bytes into a file of a name and return its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("name", WRITTEN)
def test_a_whole_file_is_read(contents, written, name):
    clip = read_audio(written(name, contents[name]), 8000)
    assert len(clip) >= 16000
    off = WRITTEN[name][2]
    if off is not None:
        np.testing.assert_allclose(clip[:16000], noise(), atol=off)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9, 1.0])
def test_a_file_that_is_cut_is_refused(contents, written, name, kept):
    content = contents[name][: int(kept * len(contents[name])) - (kept == 1)]
    path = written(name, content)
    with pytest.raises(AudioError, match=re.escape(str(path))):
        read_audio(path, 8000)


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("start", [0.3, 0.5, 0.8])
def test_a_file_without_some_of_its_middle_is_refused(contents, written, name, start):
    content = contents[name]
    place = int(start * len(content))
    path = written(name, content[:place] + content[place + 200 :])
    with pytest.raises(AudioError, match=re.escape(str(path))):
        read_audio(path, 8000)


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("share", [0.4, 0.6, 0.75, 0.9, 0.99])
@pytest.mark.parametrize("change", [1, 64, 255])
def test_a_changed_byte_is_found_where_there_are_checksums(contents, written, name, share, change):
    content = bytearray(contents[name])
    content[int(share * len(content))] ^= change
    with pytest.raises(AudioError):
        read_audio(written(name, bytes(content)), 8000)


def test_a_changed_byte_of_bare_samples_is_not_found(contents, written):
    content = bytearray(contents["pcm16.wav"])
    content[len(content) // 2] ^= 1
    clip = read_audio(written("changed.wav", bytes(content)), 8000)
    assert len(clip) == 16000, "as the description of decode_sound says"


def bare_mp3(path, mode):
    """An MP3 without its first frame, which holds the count of the others."""
    options = {"bitrate_mode": mode, "compression_level": 0.5}
    soundfile.write(path, noise(), 8000, format="MP3", subtype="MPEG_LAYER_III", **options)
    content = path.read_bytes()
    assert b"Xing" in content[:60] or b"Info" in content[:60]
    return content[content.index(content[:3], 3) :]


def test_an_mp3_without_a_count_of_its_frames_is_followed_from_frame_to_frame(tmp_path, written):
    bare = bare_mp3(tmp_path / "sound.mp3", "CONSTANT")
    assert len(read_audio(written("bare.mp3", bare), 8000)) > 16000
    tagged = b"ID3\x04\0\0" + bytes([0, 0, 1, 2]) + b"\1" * 130 + bare + b"TAG" + bytes(125)
    assert len(read_audio(written("tagged.mp3", tagged), 8000)) > 16000
    for broken in (bare[:-1], bare[: len(bare) // 2 + 3], bare[:2000] + bare[2100:]):
        with pytest.raises(AudioError, match="no whole frame begins at byte"):
            read_audio(written("broken.mp3", broken), 8000)


def test_an_mp3_of_changing_rate_that_does_not_know_its_length_is_refused(tmp_path, written):
    bare = bare_mp3(tmp_path / "sound.mp3", "VARIABLE")
    with pytest.raises(AudioError, match=r"\d+ samples are in it, and \d+ can be decoded"):
        read_audio(written("bare.mp3", bare), 8000)


@pytest.mark.parametrize("kind", ["W64", "RF64", "CAF", "VOC", "NIST"])
def test_another_kind_of_file_is_refused_by_name(tmp_path, kind):
    path = tmp_path / "sound.bin"
    soundfile.write(path, noise(), 8000, format=kind, subtype="PCM_16")
    with pytest.raises(AudioError, match=f"kind {kind}.*{', '.join(KINDS)}"):
        read_audio(path, 8000)


def test_a_flac_that_does_not_know_its_length_is_refused_by_that_name(contents, written):
    content = bytearray(contents["sound.flac"])
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # 36 bits at offset 21 count the samples; 0 is unknown
    with pytest.raises(AudioError, match="does not say how long it is"):
        read_audio(written("stream.flac", bytes(content)), 8000)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_wav_that_was_written_into_a_pipe_is_read(contents, written, size):
    content = bytearray(contents["pcm16.wav"])
    content[4:8] = struct.pack("<I", size)
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack("<I", size)
    assert len(read_audio(written("pipe.wav", bytes(content)), 8000)) == 16000


def test_a_wav_with_more_after_its_samples_is_read(contents, written):
    content = contents["pcm16.wav"] + b"LIST\x04\0\0\0abcd"
    assert len(read_audio(written("notes.wav", content), 8000)) == 16000


def test_a_stream_of_ogg_that_lacks_a_page_or_its_end_is_refused(contents, written):
    content = contents["vorbis.ogg"]
    pages = [match.start() for match in re.finditer(b"OggS", content)]
    last = content[: pages[-1]]
    with pytest.raises(AudioError, match="last page is missing"):
        read_audio(written("open.ogg", last), 8000)
    lacks = content[: pages[2]] + content[pages[3] :]
    with pytest.raises(AudioError, match="the one before it is missing"):
        read_audio(written("gap.ogg", lacks), 8000)


def test_channels_that_cancel_each_other_are_refused(tmp_path):
    path = tmp_path / "stereo.wav"
    sound = noise()
    for other in (-sound, -0.9 * sound):
        soundfile.write(path, np.stack([sound, other], axis=1), 8000, "FLOAT")
        with pytest.raises(AudioError, match=r"stereo\.wav: its channels cancel each other"):
            read_audio(path, 8000)
    for other in (sound, 0 * sound, 0.5 * sound, -0.5 * sound, noise(seed=1)):
        channels = np.stack([sound, other], axis=1)
        soundfile.write(path, channels, 8000, "FLOAT")
        np.testing.assert_allclose(read_audio(path, 8000), channels.mean(1), atol=1e-7)
    for level in (0.0, 0.3):  # silence is a sound, and so is a constant
        soundfile.write(path, np.full((100, 2), level), 8000, "FLOAT")
        assert torch.allclose(read_audio(path, 8000), torch.tensor(level))


@pytest.mark.parametrize("peak", [-16384.0, 16384.0, 2.5])
@pytest.mark.parametrize("coding", ["FLOAT", "DOUBLE"])
def test_samples_of_another_scale_are_refused(tmp_path, peak, coding):
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.append(noise(), peak), 8000, coding)
    with pytest.raises(AudioError, match=r"loud\.wav: it holds a sample of .* -1 and 1"):
        read_audio(path, 8000)
    soundfile.write(path, np.append(noise(), LOUDEST), 8000, coding)
    assert float(read_audio(path, 8000).max()) == LOUDEST


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_samples_that_are_no_numbers_are_refused_in_any_channel(tmp_path, value):
    path = tmp_path / "odd.wav"
    channels = np.zeros((50, 2))
    channels[20, 1] = value
    soundfile.write(path, channels, 8000, "DOUBLE")
    with pytest.raises(AudioError, match=r"odd\.wav: it holds samples that are NaN or infinite"):
        read_audio(path, 8000)


@pytest.mark.parametrize("field", [22, 24])  # the number of channels; the rate
@pytest.mark.parametrize("value", [0, 0xFFFF])
def test_no_channels_too_many_and_no_rate_are_refused(contents, written, field, value):
    content = bytearray(contents["pcm16.wav"])
    content[field : field + 2] = struct.pack("<H", value)
    if field == 24 and value:
        content[26:28] = b"\xff\x7f"
    path = written("odd.wav", bytes(content))
    with pytest.raises(AudioError, match=re.escape(str(path))):
        read_audio(path, 8000, resample=True)


def test_the_samples_keep_their_channels(tmp_path):
    soundfile.write(tmp_path / "three.flac", np.zeros((10, 3)), 8000)
    samples, rate = decode_sound(tmp_path / "three.flac")
    assert samples.shape == (10, 3) and samples.dtype == np.float32 and rate == 8000
