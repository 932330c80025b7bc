"""Where samples come from: generated, shipped with the book, or real sets on disk."""

from mmbook.datasets.catalogue import load

__all__ = ["load"]
