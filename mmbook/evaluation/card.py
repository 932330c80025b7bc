"""A card for people that goes with a trained model: what it is, and how good it was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmbook.evaluation.result import Condition, Result


@dataclass(frozen=True)
class Shown:
    """A measurement that a card shows, as `Result.summary` asks for it, and its name there."""

    label: str
    system: str
    metric: str
    condition: Condition = field(default_factory=dict)


@dataclass(frozen=True)
class CardText:
    """What a card says that no record holds.

    title, summary: what the model is, and what it reads and answers. data: what it was trained on.
    limits: for what it is not good. licence: of the weights, and why. example: Python that uses it.
    measured: what is shown of the record.
    """

    title: str
    summary: str
    data: str
    limits: str
    licence: str
    example: str
    measured: Sequence[Shown]


def model_card(text: CardText, result: Result, facts: Mapping[str, Any]) -> str:
    """The card of a model as Markdown.

    result: the record that its metrics are read from. facts: where the weights come from, with
    "command", "commit" and "seed". Raises KeyError where one of them is missing, ValueError where
    something was not measured.
    """
    rows = [_row(shown, result) for shown in text.measured]
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


def _row(shown: Shown, result: Result) -> str:
    """A measurement as a row of the table."""
    found = result.select(shown.system, shown.metric, **shown.condition).values()
    middle, spread = result.summary(shown.system, shown.metric, **shown.condition)
    values = ", ".join(f"{value:.4g}" for value in found)
    return f"| {shown.label} | {middle:.4g} | {spread:.2g} | {values} |"
