"""A tiny set of emoji and of spoken words in their publishers' layouts, and settings for it."""

from dataclasses import replace
from pathlib import Path

from mmbook.experiments.emoji_retrieval import TIERS
from mmbook.training import TrainingConfig
from tests.datasets.real import layouts

SHORT = TrainingConfig(steps=1, batch_size=8, device="cpu")
TINY = replace(
    TIERS["full"],
    seeds=(0, 1),
    test_size=9,
    validation_size=7,
    side=16,
    views=1,
    width=8,
    hidden=8,
    text_width=6,
    shares=(0.5,),
    hidden_share=0.5,
    fewest=2,
    training=SHORT,
    speech=SHORT,
)
# English name, Chinese name, keywords in both; what varies one thing is side by side.
THINGS = """
sun 太阳 bright sky 天空
moon 月亮 night sky 天空
star 星星 night sky 天空
cloud 云 rain sky 天空
dog 狗 pet animal 动物
cat 猫 pet animal 动物
horse 马 farm animal 动物
cow 牛 farm animal 动物
bread 面包 meal food 食物
rice 米饭 meal food 食物
apple 苹果 fruit food 食物
pear 梨 fruit food 食物
train 火车 rail traffic 交通
plane 飞机 air traffic 交通
ship 船 water traffic 交通
car 车 road traffic 交通
piano 钢琴 keys music 音乐
drum 鼓 beat music 音乐
violin 小提琴 strings music 音乐
bell 钟 beat music 音乐
shirt 衬衫 wear clothes 衣服
shoe 鞋 wear clothes 衣服
hat 帽子 head clothes 衣服
scarf 围巾 neck clothes 衣服
red heart 红心 love 爱
blue heart 蓝心 love 爱
key 钥匙 lock 锁
lock 锁 key 钥匙
"""
KEYCAP = "0031_20e3"


def write(root: Path) -> Path:
    """The sets emoji and audio-cmn; the first two emoji have equal pictures."""
    header = [f"{lang}_{part}" for lang in layouts.LANGUAGES for part in ("name", "keywords")]
    lines = ["\t".join(["file", "emoji", "codepoints", *header])]
    things = THINGS.strip().split("\n")
    for number, thing in enumerate(things):
        words = thing.split()
        place = next(i for i, word in enumerate(words) if not word.isascii())
        name, chinese = " ".join(words[:place]), words[place]
        keywords, known = "|".join(words[place + 1 : -1]), words[-1]
        texts = {"en": (name, keywords), "zh": (chinese, known)}
        cells = [
            cell for x in layouts.LANGUAGES for cell in texts.get(x, (f"{name} {x}", keywords))
        ]
        lines.append(_row(f"1f4{number:02x}", cells))
        seed = 0 if number == 1 else number
        layouts.image(root / "emoji" / "png72" / f"emoji_u1f4{number:02x}.png", seed, 9, alpha=True)
        layouts.sound(
            root / "audio-cmn" / "words" / f"{chinese}.mp3", 4000, 22_050, 200 + 9 * number
        )
    lines.append(_row(KEYCAP, ["keycap one", "keycap"] * len(layouts.LANGUAGES)))
    layouts.image(root / "emoji" / "png72" / f"emoji_u{KEYCAP}.png", 99, 9, alpha=True)
    layouts.write(root / "emoji" / "annotations.tsv", "\n".join(lines) + "\n")
    return root


def _row(points: str, cells: list[str]) -> str:
    return "\t".join([f"emoji_u{points}.png", layouts.emoji_text(points), points, *cells])
