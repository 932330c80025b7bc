"""Faults of recordings, made on purpose, so that it is known what is where."""

FAULTS = (
    "noise",
    "crosstalk",
    "hum",
    "clicks",
    "clipping",
    "dropouts",
    "band",
    "reverberation",
    "level",
)  # in the order of every row of nine
RATE = 8_000  # Hz, of telephones
HOP = 128  # samples from one frame to the next: 16 ms
