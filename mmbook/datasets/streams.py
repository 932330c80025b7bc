"""A random stream of its own for each purpose: drawing more of one thing changes no other."""

import hashlib

from torch import Generator


def stream(name: str, seed: int) -> Generator:
    """The generator of a purpose and a seed; the same pair always gives the same numbers."""
    digest = hashlib.sha256(f"{name} {seed}".encode()).digest()
    return Generator().manual_seed(int.from_bytes(digest[:7], "big"))
