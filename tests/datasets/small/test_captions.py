from collections import Counter

import pytest

from mmbook.datasets.small.captions import load_captions
from mmbook.paths import data_folder


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_three_different_captions_a_scene(language):
    captions = load_captions(language)
    assert Counter(caption.scene for caption in captions) == dict.fromkeys(range(1, 49), 3)
    assert len({caption.text for caption in captions}) == 144
    readme = (data_folder() / "captions" / "README.md").read_text(encoding="utf-8")
    assert "48 scenes" in readme and "288 captions" in readme


def test_the_running_pair_comes_first():
    assert load_captions("english")[0].text == "A girl is running."
    first = load_captions("chinese")[0]
    assert first.text == "一个女孩在跑步。"
    assert first.words == ("一个", "女孩", "在", "跑步", "。")


def test_chinese_words_join_to_the_text():
    for caption in load_captions("chinese"):
        assert "".join(caption.words) == caption.text
        assert all(caption.words)


def test_english_text_is_plain():
    for caption in load_captions("english"):
        assert caption.text.isascii() and caption.text[-1] in ".:" and caption.words == ()


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="german"):
        load_captions("german")
