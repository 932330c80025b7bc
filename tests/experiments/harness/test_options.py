"""What no experiment can use is named, and what it can use is not."""

from dataclasses import dataclass, field

import pytest

from mmbook.experiments.harness.options import check_options


@dataclass(frozen=True)
class Inner:
    steps: int = 10
    pause: int = 0
    rate: float = 0.1
    device: str = "auto"


@dataclass(frozen=True)
class Options:
    seeds: tuple[int, ...] = (0, 1)
    sizes: tuple[int, ...] = (5, 10)
    noise: tuple[float | None, ...] = (None, -3.0)
    several: tuple[int, ...] = ()
    flag: bool = False
    inner: Inner = field(default_factory=Inner)
    recipes: dict[str, Inner] = field(default_factory=lambda: {"one": Inner()})


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(seeds=(7,), sizes=(1,), noise=(-9.0, None), several=(1, 2), flag=True),
        Options(inner=Inner(steps=1, pause=3, rate=-1.0, device="cpu")),
    ],
)
def test_what_can_be_used(options: Options) -> None:
    check_options(options, Options())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(seeds=()), "--seeds needs one value or more"),
        (Options(seeds=(0, -1)), "--seeds must be 0 or more, not -1"),
        (Options(sizes=(5, 0)), "--sizes must be 1 or more, not 0"),
        (Options(noise=(float("nan"),)), "--noise must be a finite number, not nan"),
        (Options(inner=Inner(steps=0)), "--inner.steps must be 1 or more, not 0"),
        (Options(inner=Inner(pause=-1)), "--inner.pause must be 0 or more, not -1"),
        (Options(inner=Inner(rate=float("inf"))), "--inner.rate must be a finite number, not inf"),
        (Options(inner=Inner(device="meta")), "'meta:0' is not on this machine"),
        (Options(recipes={"one": Inner(steps=0)}), "--recipes.one.steps must be 1 or more"),
    ],
)
def test_what_cannot_be_used_is_named(options: Options, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_options(options, Options())
