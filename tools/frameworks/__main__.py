"""`python -m tools.frameworks`: make the environments, compare the frameworks, write the record."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from mmbook.evaluation.environment import hardware
from tools.frameworks import compare, environments, inputs, record
from tools.frameworks.environments import UnusableEnvironment

BARS = {"outputs": 1e-5, "gradients": 1e-4}


def main() -> int:
    """0 where all frameworks agree within the bars; else a sentence each on stderr, and 1."""
    usable, problems = [], []
    for environment in (environments.FRAMEWORKS, environments.MXNET):
        try:
            environments.make(environment)
            environments.check(environment)
            usable.append(environment)
        except UnusableEnvironment as error:
            problems.append(str(error))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference = inputs.write_inputs(folder)
        try:
            found = compare.compared(folder, reference, usable)
        except UnusableEnvironment as error:
            problems.append(str(error))
            found = {}
    problems += [
        f"{name}: {what} differ by {row[what]:.1e}, more than {bar:.0e}."
        for name, row in found.get("frameworks", {}).items()
        for what, bar in BARS.items()
        if not row[what] <= bar
    ]
    for name, row in found.get("frameworks", {}).items():
        print(
            f"{name:<12} outputs {row['outputs']:.1e}  gradients {row['gradients']:.1e}  "
            f"step {row['step_ms']:.0f} ms, {row['ratio']:.2f} of PyTorch's  "
            f"first step {row['first_step']:.1f} s"
        )
    if problems:
        print(*problems, "The record stays as it was.", sep="\n", file=sys.stderr)
        return 1
    made = {env.name: env.facts() for env in usable}
    facts = {"date": datetime.now(UTC).date().isoformat()}
    where = {"hardware": f"one core of {hardware().split(',')[0]}", "environments": made}
    record.write(facts | where | found | {"digests": record.digests()})
    print(f"Written: {record.RECORD.relative_to(record.checkpoint.ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
