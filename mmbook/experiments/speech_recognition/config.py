"""Settings of the experiment on speech recognition."""

from dataclasses import dataclass, field

from mmbook.datasets.digits.strings import StringConfig
from mmbook.datasets.real.fsdd import WORDS
from mmbook.models.transcription import TranscriberConfig
from mmbook.training import TrainingConfig

LETTERS = tuple(sorted({" ", *"".join(WORDS)}))
CTC, CAUSAL, GUESS = "CTC", "CTC, causal", "one word"
KNOWN, NEW = "known", "new"  # whose voices a test has


def _training(steps: int, learning_rate: float) -> TrainingConfig:
    return TrainingConfig(
        steps=steps, batch_size=24, learning_rate=learning_rate, weight_decay=0.05, warmup=0.1
    )


@dataclass(frozen=True)
class SpeechRecognitionConfig:
    """The networks, the strings they are trained and tested on, and their training.

    Seed s leaves out the s-th part of the speakers, of `folds`. systems: what is
    trained. takes: of each synthetic word (mini). strings: that each test joins. train, test: how
    strings are joined. synthetic: share of the training strings that the book's synthetic voices
    say (full). width: of the beam search.
    """

    seeds: tuple[int, ...] = (0, 1, 2)
    folds: int = 3
    systems: tuple[str, ...] = (CTC, CAUSAL)
    takes: int = 6
    strings: int = 100
    train: StringConfig = field(
        default_factory=lambda: StringConfig(speed=(0.8, 1.25), snr_db=(12.0, 45.0))
    )
    test: StringConfig = field(default_factory=StringConfig)
    synthetic: float = 0.25
    model: TranscriberConfig = field(
        default_factory=lambda: TranscriberConfig(letters=LETTERS, words=WORDS)
    )
    width: int = 8
    training: TrainingConfig = field(default_factory=lambda: _training(350, 5e-3))


TIERS = {
    "mini": SpeechRecognitionConfig(),
    "full": SpeechRecognitionConfig(
        seeds=(0, 1, 2, 3, 4, 5),
        folds=6,
        systems=(CTC,),
        training=_training(600, 5e-3),
    ),
}
