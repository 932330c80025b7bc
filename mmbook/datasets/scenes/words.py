"""The words in which scenes are described, in English and in Chinese.

An English word is also the name of what it stands for: `SceneObject.colour` is "red", and an answer
is "yes", whatever the language that shows them.
"""

LANGUAGES = ("en", "zh")

COLOURS = {
    "red": "红色",
    "orange": "橙色",
    "yellow": "黄色",
    "green": "绿色",
    "blue": "蓝色",
    "purple": "紫色",
    "brown": "棕色",
    "grey": "灰色",
}
SHAPES = {
    "circle": "圆形",
    "square": "正方形",
    "triangle": "三角形",
    "star": "五角星",
    "diamond": "菱形",
    "cross": "十字形",
    "ring": "圆环",
    "heart": "心形",
}
SIZES = {"small": "小", "large": "大"}
RELATIONS = {"left of": "左边", "right of": "右边", "above": "上方", "below": "下方"}
SIDES = {"left": "左边", "right": "右边", "top": "上方", "bottom": "下方"}
PLACES = {
    "top left": "左上方",
    "top right": "右上方",
    "bottom left": "左下方",
    "bottom right": "右下方",
}
NUMBERS = dict(
    zip(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        "零一二三四五六七八九",
        strict=True,
    )
)
TRUTHS = {"yes": "是", "no": "否"}
THING = {"object": "物体"}

_CHINESE = (
    COLOURS | SHAPES | SIZES | RELATIONS | SIDES | PLACES | NUMBERS | TRUTHS | THING | {"": ""}
)


def check_language(language: str) -> None:
    """Raise ValueError where scenes are not spoken of in a language."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no language {language!r}; there are {', '.join(LANGUAGES)}")


def say(word: str, language: str) -> str:
    """A word of the tables above in a language; the empty word stays empty.

    Raises ValueError for another language or word.
    """
    check_language(language)
    if word not in _CHINESE:
        raise ValueError(
            f"{word!r} is no word for scenes; they are in mmbook.datasets.scenes.words"
        )
    return word if language == "en" else _CHINESE[word]
