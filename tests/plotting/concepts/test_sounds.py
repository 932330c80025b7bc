"""The way from samples to features: the shapes that are drawn are those that are made."""

import matplotlib.pyplot as plt
import torch

from mmbook.plotting.concepts.sounds import START, STEPS, draw_way
from mmbook.preprocessing.audio.mel import SpectrogramConfig, mel_filterbank, normalise_bands
from mmbook.preprocessing.audio.spectrogram import cosine_window, frame, power


def sizes(written: str, known: dict[str, int]) -> tuple[int, ...]:
    """What a shape such as "n × T × (N/2 + 1), complex" means."""
    names = written.split(",")[0].removesuffix(" samples").split(" × ")
    return tuple(known["N"] // 2 + 1 if name == "(N/2 + 1)" else known[name] for name in names)


def test_the_shapes_are_those_of_the_package() -> None:
    config = SpectrogramConfig()
    clips = torch.randn(3, 2000)
    frames = frame(clips, config.n_fft, config.hop) * cosine_window(config.n_fft)
    known = {"n": 3, "L": 2000, "T": frames.shape[1], "N": config.n_fft, "F": config.mels}
    spectrum = torch.fft.rfft(frames)
    mel = power(spectrum) @ mel_filterbank(config).T
    logarithm = mel.clamp(min=config.floor).log()
    made = [frames, spectrum, power(spectrum), mel, logarithm, normalise_bands(logarithm)]
    assert sizes(START, known) == tuple(clips.shape)
    for (_, written, _), values in zip(STEPS, made, strict=True):
        assert sizes(written, known) == tuple(values.shape)
        assert ("complex" in written) == values.is_complex()


def test_every_step_is_drawn() -> None:
    words = {text.get_text() for text in draw_way().texts}
    assert {START} | {part for step in STEPS for part in step} <= words
    plt.close("all")
