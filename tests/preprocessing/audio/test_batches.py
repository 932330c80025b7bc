import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.preprocessing.audio.batches import frame_mask, log_mel_tokens
from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram

LENGTHS = st.lists(st.integers(64, 900), min_size=1, max_size=9)
CONFIG = SpectrogramConfig(n_fft=128, hop=64, mels=10)


def clips_of(lengths):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(length, generator=generator) for length in lengths]


@settings(max_examples=50)
@given(LENGTHS, st.integers(1, 10))
def test_each_clip_has_the_spectrogram_that_it_has_alone(lengths, bucket):
    clips = clips_of(lengths)
    tokens = log_mel_tokens(clips, CONFIG, bucket=bucket)
    assert tokens.values.shape == (len(lengths), max(lengths) // 64, 10)
    assert tokens.mask.sum(dim=1).tolist() == [length // 64 for length in lengths]
    for clip, values, mask in zip(clips, tokens.values, tokens.mask, strict=True):
        alone = log_mel_spectrogram(clip[None], CONFIG)[0]
        torch.testing.assert_close(values[mask], alone, atol=1e-4, rtol=0)
        assert values[~mask].eq(0).all()


@given(LENGTHS, st.integers(1, 300))
def test_the_mask_marks_the_first_frames(lengths, hop):
    mask = frame_mask(torch.tensor(lengths), hop)
    assert mask.shape == (len(lengths), max(lengths) // hop) and mask.dtype == torch.bool
    assert mask.sum(dim=1).tolist() == [length // hop for length in lengths]
    assert (mask[:, 1:] <= mask[:, :-1]).all()


def test_what_makes_no_batch_is_refused():
    with pytest.raises(AudioError, match="got no clip"):
        log_mel_tokens([])
    with pytest.raises(AudioError, match="at least 200 samples were expected, got clip 1 has 1"):
        log_mel_tokens([torch.zeros(200), torch.zeros(1)])
    with pytest.raises(AudioError, match="NaN"):
        log_mel_tokens([torch.full((200,), torch.nan)])


def test_each_clip_is_checked_before_it_is_padded():
    whole = torch.ones(800, dtype=torch.int16)
    with pytest.raises(AudioError, match=r"clip 1: .*int16: divide 16-bit samples by 32768"):
        log_mel_tokens([torch.rand(800), whole])
    with pytest.raises(AudioError, match=r"clip 1: .*\(1, 2, 800\)"):
        log_mel_tokens([torch.rand(800), torch.rand(2, 800)])
