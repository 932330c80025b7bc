"""A model's card says what its record says."""

from dataclasses import replace

import pytest

from mmbook.evaluation import Result, Row
from mmbook.evaluation.card import CardText, Shown, model_card
from mmbook.models import read_facts, shipped_models
from tools.data.ship_models import MODELS, card_of

TEXT = CardText(
    title="A reader",
    summary="It reads.",
    data="Pages.",
    limits="No poems.",
    licence="CC0.",
    example='load_pretrained("reader")',
    measured=[Shown("reader", "network", "accuracy"), Shown("guessing", "majority", "accuracy")],
)
VALUES = {"network": (0.9, 0.7, 0.8), "majority": (0.1, 0.1, 0.1)}
ROWS = [Row(name, "accuracy", n, v) for name, vs in VALUES.items() for n, v in enumerate(vs)]
RESULT = Result("reading", "mini", ROWS, ["majority"], (0, 1, 2), "three pages", {}, {}, 1.0, {})
FACTS = {"command": "python -m reader", "commit": "abc", "seed": 1}


def test_a_card_states_the_record() -> None:
    card = model_card(TEXT, RESULT, FACTS)
    assert card.startswith("# A reader\n\nIt reads.\n\n```python\n")
    assert "| reader | 0.8 | 0.1 | 0.9, 0.7, 0.8 |\n| guessing | 0.1 | 0 | 0.1, 0.1, 0.1 |" in card
    assert "Seeds 0, 1, 2; held out: three pages." in card
    assert "`results/reading-mini.json`" in card
    assert "`python -m reader` at commit abc, seed 1." in card
    for part in ("Pages.", "No poems.", "CC0."):
        assert part in card


@pytest.mark.parametrize("name", MODELS)
def test_shipped_cards_state_their_records_as_they_are(name: str) -> None:
    """If not: python -m tools.data.ship_models cards."""
    card = (shipped_models()[name] / "README.md").read_text(encoding="utf-8")
    assert card == card_of(name, read_facts(name)).rstrip() + "\n"
    assert set(MODELS) == set(shipped_models())


def test_what_was_not_measured_is_not_stated() -> None:
    with pytest.raises(ValueError, match="speed"):
        model_card(replace(TEXT, measured=[Shown("x", "network", "speed")]), RESULT, FACTS)
    with pytest.raises(KeyError, match="seed"):
        model_card(TEXT, RESULT, {"command": "x", "commit": "y"})
