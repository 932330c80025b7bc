"""Whether this code gives the values of a record that other code made: some seeds are run again.

Most changes of code change no number: a name, a check, a faster way to the same sum. To run all
seeds again for each would take hours, so a record may be confirmed instead: every value of the
seeds that are run again is the recorded one, to the last digit that is stored. How long something
took is no value of the code, and differs each time.
"""

from collections.abc import Sequence
from dataclasses import replace

from mmbook.evaluation import Result
from mmbook.evaluation.record import DECIMALS

NAMED = 3  # differences in a message
Values = dict[tuple[str, int], float]


def confirmed(recorded: Result, again: Result) -> Result:
    """The record, saying from now on that the code of `again` gave the same values.

    again: measured with some of the record's seeds, and rounded as a record is. Raises ValueError
    that names the first differences.
    """
    before, now = (_comparable(result, again.seeds) for result in (recorded, again))
    differences = [
        f"{name}, seed {seed}: {before.get((name, seed))} was recorded, now {now.get((name, seed))}"
        for name, seed in dict.fromkeys([*before, *now])
        if not _same(before.get((name, seed)), now.get((name, seed)))
    ]
    if differences:
        more = f"; and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
        raise ValueError(
            f"this code does not give the record of {recorded.experiment}, tier "
            f"{recorded.tier}, which stays as it is: {'; '.join(differences[:NAMED])}{more}"
        )
    facts = {"seeds": list(again.seeds), "commit": again.commit, "source": dict(again.source)}
    return replace(recorded, confirmed=facts)


def _comparable(result: Result, seeds: Sequence[int]) -> Values:
    """The values of some seeds, without times."""
    rows = (row for row in result.rows if row.seed in seeds and row.metric != "seconds")
    return {(row.name, row.seed): row.value for row in rows}


def _same(before: float | None, now: float | None) -> bool:
    """Equal as they are stored; the oldest records hold fewer digits of small values."""
    return before == now or (now is not None and before == round(now, DECIMALS))
