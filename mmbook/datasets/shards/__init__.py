"""Data sets larger than a memory: samples in tar files, read by many in an order that is kept."""

from mmbook.datasets.shards.files import Shard, ShardError, write_shards
from mmbook.datasets.shards.streams import Lane, ShardReader, ShardStream

__all__ = ["Lane", "Shard", "ShardError", "ShardReader", "ShardStream", "write_shards"]
