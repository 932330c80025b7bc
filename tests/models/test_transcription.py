"""The transcriber: padding changes nothing, a causal one streams, and it learns what it is told."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmbook.batch import Padded
from mmbook.decoders.ctc import collapse
from mmbook.losses import ctc
from mmbook.models.config import ConfigError, from_json, to_json
from mmbook.models.transcription import Transcriber, TranscriberConfig, TranscriptionStream
from mmbook.preprocessing.audio.mel import SpectrogramConfig, log_mel_spectrogram

SMALL = TranscriberConfig(
    mels=16, stages=(4, 4), width=8, letters=tuple(" enot"), words=("one", "ten")
)


def build(config: TranscriberConfig) -> Transcriber:
    """Random weights, and statistics of batch normalisation that are not those of nothing."""
    torch.manual_seed(0)
    model = config.build()
    model({"audio": sounds(6000, 4000)})
    return model.eval()


def sounds(*lengths: int) -> Padded:
    generator = torch.Generator().manual_seed(1)
    return Padded.of([0.1 * torch.randn(n, generator=generator) for n in lengths])


@pytest.mark.parametrize("causal", [False, True])
def test_each_sound_is_read_as_if_it_were_alone(causal: bool) -> None:
    model, audio = build(replace(SMALL, causal=causal)), sounds(4000, 2500, 900)
    spoilt = Padded(audio.values.clone(), audio.lengths)
    spoilt.values[~audio.mask] = torch.nan
    together = model({"audio": spoilt})
    for row, length in enumerate(audio.lengths.tolist()):
        frames = length // SMALL.hop
        assert int(together.mask[row].sum()) == frames
        alone = model({"audio": Padded.of([audio.values[row, :length]])})
        torch.testing.assert_close(
            together.values[row, : frames - 1], alone.values[0, : frames - 1], atol=1e-4, rtol=1e-3
        )


def test_bands_are_those_of_the_log_mel_spectrogram() -> None:
    model, audio = SMALL.build(), sounds(4000)
    settings = SpectrogramConfig(SMALL.rate, SMALL.n_fft, SMALL.hop, SMALL.mels, SMALL.floor)
    bands = model.listener.bands
    torch.testing.assert_close(
        3.0 * bands(bands.cut(audio.values)), log_mel_spectrogram(audio.values, settings)
    )


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 900), max_size=6), st.integers(200, 4000))
def test_streaming_says_what_reading_at_once_says(cuts: list[int], length: int) -> None:
    model, wave = build(replace(SMALL, causal=True)), sounds(length).values[0]
    # Letters, and not blank alone, so that there is something to compare.
    model.output.bias.data[0] = model.output.bias.data[1:].mean()
    stream, at, said = TranscriptionStream(model), 0, ""
    for cut in cuts:
        said += stream.feed(wave[at : at + cut])
        at += cut
    said += stream.feed(wave[at:])
    said += stream.finish()
    whole = model({"audio": Padded.of([wave])}).values[0].log_softmax(1)
    path = whole.argmax(1).tolist()
    assert said == stream.text == model.config.decode(collapse(path))
    assert stream.frames == len(whole)


def test_a_causal_network_does_not_know_what_follows() -> None:
    for causal in (True, False):
        model, audio = build(replace(SMALL, causal=causal)), sounds(4000)
        other = Padded(audio.values.clone(), audio.lengths)
        other.values[:, 3000:] *= 2
        early = (3000 - SMALL.n_fft // 2) // SMALL.hop
        one, two = (model({"audio": x}).values[0, :early] for x in (audio, other))
        assert torch.allclose(one, two, atol=1e-5) == causal


def test_only_a_causal_one_streams() -> None:
    with pytest.raises(ValueError, match="cannot stream"):
        TranscriptionStream(SMALL.build())


def test_it_learns_two_sounds_by_heart() -> None:
    torch.manual_seed(0)
    model = replace(SMALL, width=32, dropout=0.0).build()
    audio = sounds(4000, 3000)
    labels = Padded.of([torch.tensor(SMALL.encode(text)) for text in ("one ten", "ten")])
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(150):
        optimiser.zero_grad()
        ctc(model({"audio": audio}), labels).mean().backward()
        optimiser.step()
    model.eval()
    scores = model({"audio": audio})
    for row, text in enumerate(("one ten", "ten")):
        heard = scores.values[row, scores.mask[row]].log_softmax(1).detach()
        for decoding in ("greedy", "beam", "lexicon"):
            assert model.transcribe(heard, decoding)[0] == text
    assert model.predict((audio.values[0].numpy(), 8000)).text


def test_a_configuration_is_read_as_it_was_written_and_wrong_ones_are_refused() -> None:
    assert from_json(json.loads(json.dumps(to_json(SMALL)))) == SMALL
    with pytest.raises(ConfigError, match="letters must differ"):
        TranscriberConfig(letters=("a", "b"))
    with pytest.raises(ConfigError, match=r"not known: .*'x'"):
        replace(SMALL, words=("six",))
    with pytest.raises(ValueError, match=r"holds .*'x'"):
        SMALL.encode("ox")


def test_what_is_no_sound_is_refused() -> None:
    model = build(SMALL)
    with pytest.raises(ValueError, match="Padded waveforms"):
        model({"audio": torch.zeros(1, 4000)})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="silent"):
        model.predict((torch.zeros(4000), 8000))
    with pytest.raises(ValueError, match="less than a frame"):
        model.predict((torch.randn(50).clamp(-1, 1), 8000))
