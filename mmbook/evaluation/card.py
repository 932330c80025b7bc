"""A card for people that goes with a trained model: what it is, and how good it was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmbook.evaluation.record import Result


@dataclass(frozen=True)
class CardText:
    """What a card says that no record holds.

    title, summary: what the model is, and what it reads and answers. data: what it was trained on.
    limits: for what it is not good. licence: of the weights, and why. example: Python that uses it.
    metrics: the names of the record's metrics and baselines that are shown.
    """

    title: str
    summary: str
    data: str
    limits: str
    licence: str
    example: str
    metrics: Sequence[str]


def model_card(text: CardText, result: Result, facts: Mapping[str, Any]) -> str:
    """The card of a model as Markdown.

    result: the record that its metrics are read from. facts: where the weights come from, with
    "command", "commit" and "seed". Raises KeyError where one of them is missing.
    """
    rows = [_row(name, result) for name in text.metrics]
    return "\n".join(
        [
            f"# {text.title}\n",
            f"{text.summary}\n",
            f"```python\n{text.example}\n```\n",
            f"## Data\n\n{text.data}\n",
            "## Measured\n",
            f"Seeds {', '.join(map(str, result.seeds))}; held out: {result.split}.\n",
            "| | mean | standard deviation | of each seed |",
            "|---|---|---|---|",
            *rows,
            f"\nRecorded in `results/{result.experiment}-{result.tier}.json`.",
            f"The weights here are those of seed {facts['seed']}, whichever is best.\n",
            f"## Limits\n\n{text.limits}\n",
            "## Made by\n",
            f"`{facts['command']}` at commit {facts['commit']}, seed {facts['seed']}.\n",
            f"## Licence\n\n{text.licence}\n",
        ]
    )


def _row(name: str, result: Result) -> str:
    """A metric, or a baseline's first one, as a row of the table."""
    found = result.metrics.get(name) or next(iter(result.baselines[name].values()))
    middle, spread = result.summary(name)
    values = ", ".join(f"{value:.4g}" for value in found)
    return f"| {name} | {middle:.4g} | {spread:.2g} | {values} |"
