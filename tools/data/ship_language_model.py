"""Ships the language model of the full experiment: `python -m tools.data.ship_language_model RUNS`.

Reads the weights that `python -m mmbook.experiments language-model --tier full --runs RUNS` left
for Tatoeba, seed 0, and writes them to data/language-model in half precision, with the words of the
vocabulary.
"""

import sys
from pathlib import Path

from mmbook.datasets.texts import load_texts
from mmbook.decoders import RecurrentDecoder
from mmbook.evaluation.record import commit
from mmbook.experiments.language_model import TIERS
from mmbook.models import NextToken
from mmbook.paths import data_folder
from mmbook.training import load_weights, save_weights

SEED = 0
COMMAND = "python -m mmbook.experiments language-model --tier full"


def ship(runs: Path, folder: Path) -> None:
    """Write the model and its words into the folder."""
    config = TIERS["full"]
    words = load_texts("full", config.fewest, SEED)["tatoeba"].vocabulary
    model = NextToken(RecurrentDecoder(len(words), config.width, dropout=config.dropout))
    trained = runs / f"language-model-full/seed-{SEED}"
    (file,) = trained.glob(f"tatoeba-{max(config.sizes)}-*.safetensors")
    run = load_weights(file, model)
    made = {"command": COMMAND, "commit": commit(), "data": "Tatoeba, CC BY 2.0 FR", **run}
    save_weights(folder / "model.safetensors", model.model.half(), made)
    (folder / "words.txt").write_text("\n".join(words.words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    ship(Path(sys.argv[1]), data_folder() / "language-model")
