"""Synthesise the words that scenes are spoken of in, for data/spoken-scene-words.

    python -m tools.data.make_spoken_scene_words [DEST]

Needs espeak-ng (see `tools.data.espeak`). Each voice is one FLAC file that holds its words one
after another; how long each is stands in the index. The number words are
those of data/spoken-digits.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from mmbook.paths import data_folder
from mmbook.preprocessing.audio.waveforms import normalise_level
from tools.data.espeak import RATE, VOICES, synthesise, synthesiser, write_clips, write_index

BITS = 9  # speech stays 39 dB above the noise of rounding
SPEAKERS = "Andrea Diogo Lee anika edward steph f3 linda m7 belinda"  # split as in VOICES

ENGLISH = """
red orange yellow green blue purple brown grey
circle square triangle star diamond cross ring heart object objects other
small large size left right above below top bottom yes no
a an the is are there have and or of on at to from
what shape colour same how many closest furthest
"""
PINYIN = {
    "红色": "hong2se4",
    "橙色": "cheng2se4",
    "黄色": "huang2se4",
    "绿色": "lv4se4",
    "蓝色": "lan2se4",
    "紫色": "zi3se4",
    "棕色": "zong1se4",
    "灰色": "hui1se4",
    "圆形": "yuan2xing2",
    "正方形": "zheng4fang1xing2",
    "三角形": "san1jiao3xing2",
    "五角星": "wu3jiao3xing1",
    "菱形": "ling2xing2",
    "十字形": "shi2zi4xing2",
    "圆环": "yuan2huan2",
    "心形": "xin1xing2",
    "物体": "wu4ti3",
    "小": "xiao3",
    "大": "da4",
    "左边": "zuo3bian1",
    "右边": "you4bian1",
    "上方": "shang4fang1",
    "下方": "xia4fang1",
    "左上方": "zuo3shang4fang1",
    "右上方": "you4shang4fang1",
    "左下方": "zuo3xia4fang1",
    "右下方": "you4xia4fang1",
    "是": "shi4",
    "否": "fou3",
    "一个": "yi2ge4",
    "几个": "ji3ge4",
    "的": "de5",
    "有": "you3",
    "在": "zai4",
    "和": "he2",
    "离": "li2",
    "还是": "hai2shi4",
    "还有": "hai2you3",
    "是否": "shi4fou3",
    "什么": "shen2me5",
    "形状": "xing2zhuang4",
    "颜色": "yan2se4",
    "最近": "zui4jin4",
    "最远": "zui4yuan3",
    "一样": "yi2yang4",
    "相同": "xiang1tong2",
}


def speak(variant: str) -> list[np.ndarray]:
    """All words of one voice at the same level, in the order of the index."""
    asked = [("en", word) for word in ENGLISH.split()] + [("zh", pin) for pin in PINYIN.values()]
    sounds = [torch.from_numpy(synthesise(code, variant, text)) for code, text in asked]
    return [normalise_level(sound).numpy() for sound in sounds]


def main(folder: Path) -> None:
    """Write every voice and the index into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, object] = {
        "rate": RATE,
        "synthesiser": synthesiser(),
        "words": {"en": ENGLISH.split(), "zh": list(PINYIN)},
    }
    splits = {name: split for split, names in VOICES.items() for name in names.split()}
    voices = {}
    for variant in SPEAKERS.split():
        clips = speak(variant)
        sha256 = write_clips(folder / f"{variant}.flac", clips, bits=BITS)
        lengths = " ".join(str(len(clip)) for clip in clips)
        voices[variant] = {"split": splits[variant], "sha256": sha256, "lengths": lengths}
    write_index(folder, {**index, "voices": voices})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else data_folder() / "spoken-scene-words")
