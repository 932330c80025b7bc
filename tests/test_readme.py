"""The example in the README runs as it stands, with fewer steps."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_example_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.S)
    quick = example.replace("10_000", "256").replace("steps=500", "steps=3, device='cpu'")
    assert quick.count("256") == 1 and quick.count("steps=3") == 1
    names: dict[str, object] = {}
    exec(quick, names)
    assert "model" in names
