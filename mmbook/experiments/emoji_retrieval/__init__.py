"""Emoji and words: what can 1200 pairs teach, and does a network find more than neighbours do?

Pictures that were never seen are looked for with names and keywords in English and Chinese, and the
other way round. Near-equal emoji are held out together; what a random split would claim is measured
beside it. Then: keywords that were never read, English to Chinese through pictures, spoken words.
"""

from mmbook.experiments.emoji_retrieval.config import TIERS, EmojiConfig
from mmbook.experiments.emoji_retrieval.run import run

__all__ = ["TIERS", "EmojiConfig", "run"]
