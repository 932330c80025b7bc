"""Writes down what is said: a network that scores letters in every frame, and its decoding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from mmbook.batch import Padded
from mmbook.decoders.ctc import Grammar, WordGrammar, best_path, prefix_beam_search
from mmbook.layers.modes import evaluating
from mmbook.models.config import ConfigError, ModelConfig
from mmbook.models.inspection.layers import FrameMemory, Past, StreamEncoder
from mmbook.preprocessing.audio.mel import SpectrogramConfig, mel_filterbank
from mmbook.preprocessing.audio.raw import as_waveform
from mmbook.preprocessing.audio.spectrogram import cosine_window, power
from mmbook.preprocessing.audio.waveforms import normalise_level
from mmbook.tokens import Tokens

BLANK = 0
SPREAD = 3.0  # of logarithms of power in speech, about
LEAST = 1e-4  # a label less probable than this in a frame is not tried there
Decoding = Literal["greedy", "beam", "lexicon"]


@dataclass(frozen=True)
class Transcript:
    """What was said. text: words with blanks between. log_probability: of the text, by the model,
    in nats; of greedy decoding, that of one path. seconds: how long the sound is."""

    text: str
    log_probability: float
    seconds: float


@dataclass(frozen=True)
class TranscriberConfig(ModelConfig, kind="transcriber"):
    """The sizes of a `Transcriber`, and what it writes.

    rate, n_fft, hop, mels, floor: see `SpectrogramConfig`. stages, width, layers: of the
    convolutions, tokens and recurrent network. causal: whether only the past is known of each
    frame. letters: that it writes, " " among them. words: those that decoding may be held to.
    Raises ConfigError where these do not fit.
    """

    rate: int = 8000
    n_fft: int = 320
    hop: int = 160
    mels: int = 32
    floor: float = 1e-2
    stages: tuple[int, ...] = (8, 16, 24)
    width: int = 128
    layers: int = 1
    causal: bool = False
    dropout: float = 0.2
    letters: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len({*self.letters, ""}) != len(self.letters) + 1 or " " not in self.letters:
            raise ConfigError(f'letters must differ, with " " among them, not {self.letters}')
        if unknown := set("".join(self.words)) - set(self.letters):
            raise ConfigError(f"words hold letters that are not known: {sorted(unknown)}")
        SpectrogramConfig(self.rate, self.n_fft, self.hop, self.mels, self.floor)

    def encode(self, text: str) -> list[int]:
        """The labels of a text. Raises ValueError for a letter that is not known."""
        if unknown := set(text) - set(self.letters):
            raise ValueError(f"{text!r} holds {sorted(unknown)}, but letters are {self.letters}")
        return [1 + self.letters.index(letter) for letter in text]

    def decode(self, labels: Any) -> str:
        """The text of labels."""
        return "".join(self.letters[label - 1] for label in labels)

    def build(self) -> "Transcriber":
        """The model with random weights."""
        return Transcriber(self)


class FrameBands(nn.Module):
    """Frames of samples (..., n_fft) become logarithms of power in mel bands, (..., mels)."""

    window: Tensor
    bank: Tensor

    def __init__(self, config: TranscriberConfig) -> None:
        super().__init__()
        self.n_fft, self.hop, self.floor = config.n_fft, config.hop, config.floor
        settings = SpectrogramConfig(
            config.rate, config.n_fft, config.hop, config.mels, config.floor
        )
        self.register_buffer("window", cosine_window(config.n_fft), persistent=False)
        self.register_buffer("bank", mel_filterbank(settings), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        bands = power(torch.fft.rfft(frames * self.window)) @ self.bank.T
        return bands.clamp(min=self.floor).log() / SPREAD

    def cut(self, waveforms: Tensor) -> Tensor:
        """The frames of (n, samples), (n, samples // hop, n_fft): frame t around t · hop."""
        half = self.n_fft // 2
        padded = nn.functional.pad(waveforms, (half, half))
        return padded.unfold(1, self.n_fft, self.hop)[:, : waveforms.shape[1] // self.hop]


class Listener(nn.Module):
    """Waveforms become tokens, one each `hop` samples, of 2 · width numbers.

    inputs: Padded (n, samples) at the rate. From each band its mean is taken: over the recording,
    or in a causal network over what was heard so far, so that no frame knows what follows.
    """

    def __init__(self, config: TranscriberConfig) -> None:
        super().__init__()
        self.causal = config.causal
        self.bands = FrameBands(config)
        self.encoder = StreamEncoder(
            config.mels, config.width, config.stages, causal=config.causal, bands=True
        )
        self.memory = FrameMemory(config.width, config.layers, causal=config.causal)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, waveforms: Padded) -> Tokens:
        bands = self.bands(self.bands.cut(waveforms.filled()))
        counts = waveforms.lengths // self.bands.hop
        mask = torch.arange(bands.shape[1], device=bands.device) < counts[:, None]
        return self.read(Tokens(bands, mask))

    def read(self, bands: Tokens, past: Past | None = None) -> Tokens:
        """Tokens of mel bands; past: what a causal network keeps of what it has heard."""
        values, mask = bands.values, bands.mask
        values = values - (self._heard(values, past) if self.causal else _means(values, mask))
        tokens = self.encoder(Tokens(values.masked_fill(~mask[:, :, None], 0), mask), past)
        tokens = Tokens(self.dropout(torch.relu(tokens.values)), mask)
        return self.memory(tokens, past)

    def _heard(self, values: Tensor, past: Past | None) -> Tensor:
        """The mean of each band up to each frame."""
        before = None if past is None else past.get(self)  # (n, 1, mels + 1): sums and their count
        sums = torch.cat([values, torch.ones_like(values[..., :1])], dim=-1).cumsum(dim=1)
        sums = sums if before is None else sums + before
        if past is not None:
            past[self] = sums[:, -1:]
        return sums[..., :-1] / sums[..., -1:]


class Transcriber(nn.Module):
    """Scores of blank and letters in every frame, to be trained with `mmbook.losses.ctc`.

    inputs: {"audio": Padded (n, samples) at the rate}; returns Tokens (n, frames, 1 + letters) of
    logits, class 0 for blank. Raises ValueError for another input.
    """

    def __init__(self, config: TranscriberConfig) -> None:
        super().__init__()
        self.config = config
        self.listener = Listener(config)
        self.output = nn.Linear(2 * config.width, 1 + len(config.letters))

    def forward(self, inputs: Mapping[str, Padded]) -> Tokens:
        audio = inputs["audio"]
        if not isinstance(audio, Padded) or audio.values.ndim != 2:
            raise ValueError("audio must be Padded waveforms (n, samples)")
        return self.scores(self.listener(audio))

    def scores(self, tokens: Tokens) -> Tokens:
        """The logits of tokens."""
        return Tokens(self.output(self.listener.dropout(tokens.values)), tokens.mask)

    def grammar(self, most: int | None = None) -> WordGrammar:
        """Sentences of the words that are known."""
        words = frozenset(tuple(self.config.encode(word)) for word in self.config.words)
        return WordGrammar(words, self.config.encode(" ")[0], most)

    def transcribe(
        self,
        log_probabilities: Tensor,
        decoding: Decoding,
        width: int = 8,
        grammar: Grammar | None = None,
    ) -> tuple[str, float]:
        """The text of (frames, classes), and the logarithm of its probability."""
        if decoding == "greedy":
            text = self.config.decode(best_path(log_probabilities, BLANK))
            return text.strip(), float(log_probabilities.amax(dim=1).sum())
        held = (grammar or self.grammar()) if decoding == "lexicon" else None
        found = prefix_beam_search(log_probabilities, width, BLANK, held, LEAST)
        if not found:  # all that is probable breaks off within a word: look further
            found = prefix_beam_search(log_probabilities, 4 * width, BLANK, held)
        if not found:
            return "", -torch.inf
        return self.config.decode(found[0].labels).strip(), found[0].log_probability

    @torch.inference_mode()
    def predict(self, raw: Any, decoding: Decoding = "lexicon", width: int = 8) -> Transcript:
        """What a sound says. raw: a path, or samples with their rate; see `as_waveform`.

        Raises ValueError where it is no sound, shorter than a hop, or silent.
        """
        waveform = normalise_level(as_waveform(raw, self.config.rate))
        if len(waveform) < self.config.hop:
            raise ValueError(f"the sound has {len(waveform)} samples: less than a frame")
        weight = self.output.weight
        audio = Padded(waveform[None].to(weight), torch.tensor([len(waveform)]))
        with evaluating(self):
            scores = self({"audio": audio}).values[0].log_softmax(dim=1)
        text, probability = self.transcribe(scores, decoding, width)
        return Transcript(text, probability, len(waveform) / self.config.rate)


class TranscriptionStream:
    """A causal transcriber that hears a recording piece by piece.

    What it says is that of the whole recording read at once, as it is, wherever the pieces end.
    Raises ValueError for a transcriber that is not causal.
    """

    def __init__(self, model: Transcriber) -> None:
        if not model.config.causal:
            raise ValueError("a transcriber that looks ahead cannot stream: build a causal one")
        self.model, self.past = model, Past()
        self.waiting = model.output.weight.new_zeros(model.config.n_fft // 2)
        self.samples, self.frames, self.last, self.labels = 0, 0, BLANK, []

    def feed(self, samples: Tensor) -> str:
        """Takes in the next samples (any number,); returns the letters that they complete."""
        self.samples += len(samples)
        return self._hear(samples)

    def finish(self) -> str:
        """Ends the recording; returns its last letters."""
        return self._hear(self.waiting.new_zeros(self.model.config.n_fft // 2))

    @property
    def text(self) -> str:
        """All that was said so far."""
        return self.model.config.decode(self.labels)

    @torch.inference_mode()
    def _hear(self, samples: Tensor) -> str:
        n_fft, hop = self.model.config.n_fft, self.model.config.hop
        self.waiting = torch.cat([self.waiting, samples.to(self.waiting)])
        count = max(0, (len(self.waiting) - n_fft) // hop + 1)
        count = min(count, self.samples // hop - self.frames)
        if count <= 0:
            return ""
        frames = self.waiting.unfold(0, n_fft, hop)[None, :count]
        self.waiting, self.frames = self.waiting[count * hop :].clone(), self.frames + count
        with evaluating(self.model):
            listener = self.model.listener
            tokens = listener.read(Tokens.of(listener.bands(frames)), self.past)
            path = self.model.scores(tokens).values[0].argmax(dim=1).tolist()
        said = []
        for label in path:
            if label not in (self.last, BLANK):
                said.append(label)
            self.last = label
        self.labels += said
        return self.model.config.decode(said)


def _means(values: Tensor, mask: Tensor) -> Tensor:
    """(n, 1, mels): the mean of each band over real frames."""
    real = mask[:, :, None]
    total = values.masked_fill(~real, 0).sum(dim=1, keepdim=True)
    return total / real.sum(dim=1, keepdim=True).clamp(min=1)
