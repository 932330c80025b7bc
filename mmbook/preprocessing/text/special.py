"""The ids that mean the same in every vocabulary, whatever its other tokens are."""

from collections.abc import Mapping
from types import MappingProxyType

PAD, UNK, BOS, EOS = range(4)  # padding, unknown, begin of sequence, end of sequence
SPECIAL: Mapping[str, int] = MappingProxyType({"pad": PAD, "unk": UNK, "bos": BOS, "eos": EOS})
FIRST = len(SPECIAL)  # the first id that a vocabulary gives to a token of its own
SIGNS = tuple(f"<{name}>" for name in SPECIAL)  # how a special token is shown to people
