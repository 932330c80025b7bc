"""Two ways to do the same, timed in turns."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 7


def compare(
    name: str,
    ours: Callable[[], object],
    reference: Callable[[], object],
    amount: tuple[int, str] | None = None,
) -> None:
    """Print how long `ours` takes, as a multiple of the reference.

    amount: of what is done in a round, and its unit, as (640, "tokens"), to print it a second.
    """
    for warm_up in (ours, reference):
        warm_up()
    pairs = [(_seconds(ours), _seconds(reference)) for _ in range(ROUNDS)]
    ratios = sorted(a / b for a, b in pairs)
    seconds = statistics.median(a for a, _ in pairs)
    speed = f", {amount[0] / seconds:,.0f} {amount[1]}/s" if amount else ""
    print(
        f"{name:58} {statistics.median(ratios):6.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f}), "
        f"{seconds * 1e3:.1f} ms{speed}"
    )


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
