import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbook.paths import data_folder
from mmbook.preprocessing.text.characters import TextError, read_lines
from mmbook.preprocessing.text.sentences import (
    load_punkt,
    shipped_punkt,
    split_chinese_sentences,
    split_sentences,
    train_punkt,
)

STORY = " ".join(read_lines(data_folder() / "english" / "sentences.txt"))
NEW = (
    "Mr. White met Dr. Lin at 7 p.m. in St. Paul. Did Prof. Stone come? "
    "No, she was in the U.S. then."
)


def test_the_shipped_model_learned_its_abbreviations_without_labels():
    learned = " ".join(sorted(shipped_punkt()._params.abbrev_types))
    assert learned == "a.m dr e.g etc fig i.e mr mrs no p.m prof st u.k u.s"


def test_abbreviations_do_not_end_sentences():
    assert split_sentences(NEW) == [
        "Mr. White met Dr. Lin at 7 p.m. in St. Paul.",
        "Did Prof. Stone come?",
        "No, she was in the U.S. then.",
    ]


@given(st.text())
def test_sentences_are_parts_of_the_text_in_order(text):
    place = 0
    for sentence in split_sentences(text):
        place = text.index(sentence, place) + len(sentence)
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_nltk_trains_the_same_from_the_whole_story():
    assert train_punkt(STORY)._params.abbrev_types == shipped_punkt()._params.abbrev_types


@pytest.mark.parametrize("text", ["", " ", "...", "一个女孩在跑步。"])
def test_training_needs_little_or_says_so(text):
    try:
        train_punkt(text)
    except TextError as error:
        assert "training needs" in str(error)


def write_model(folder: Path, **files: str) -> Path:
    place = folder / "tokenizers" / "punkt_tab" / "english"
    place.mkdir(parents=True)
    contents = {
        "abbrev_types.txt": "dr\nkg",
        "sent_starters.txt": "she",
        "collocations.tab": "##number##\tkg",
        "ortho_context.tab": "she\t46\ndog\t32",
    } | {name.replace("__", "."): text for name, text in files.items()}
    for name, text in contents.items():
        (place / name).write_text(text, encoding="utf-8")
    return folder


def test_a_model_of_nltks_layout_is_read(tmp_path: Path):
    punkt = load_punkt("english", write_model(tmp_path))
    assert punkt._params.abbrev_types == {"dr", "kg"}
    assert punkt._params.ortho_context["she"] == 46
    assert punkt._params.ortho_context["never seen"] == 0
    assert split_sentences("Dr. Lin has 3 kg. of rice. She cooks.", punkt) == [
        "Dr. Lin has 3 kg. of rice.",
        "She cooks.",
    ]


def test_a_missing_model_is_named_with_its_command(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    with pytest.raises(TextError, match=r"nltk\.downloader") as error:
        load_punkt("german")
    assert str(tmp_path / "nltk_data") in str(error.value)


@pytest.mark.parametrize(
    "files",
    [{"ortho_context__tab": "she\tx"}, {"collocations__tab": "one"}, {"sent_starters__txt": "\0"}],
)
def test_a_damaged_model_is_refused(tmp_path: Path, files):
    with pytest.raises(TextError, match="damaged"):
        load_punkt("english", write_model(tmp_path, **files))


@given(st.text(st.sampled_from("女孩跑。！？…”』a \n\"'）《")))
def test_chinese_sentences_add_up_to_the_text(text):
    sentences = split_chinese_sentences(text)
    assert "".join(sentences) == text
    assert all(sentences)


def test_chinese_sentences():
    assert split_chinese_sentences("“她在跑步吗？”他问。她在跑！！真快……") == [
        "“她在跑步吗？”",
        "他问。",
        "她在跑！！",
        "真快……",
    ]


BRACKETS = (
    "（） 【】 《》 〈〉 「」 『』 〔〕 〖〗 〘〙 〚〛 ［］ ｛｝ ｟｠ "
    "｢｣ () [] {} “” ‘’ «» ‹› ❝❞ ❛❜ 〝〞 〝〟 ⟨⟩ ⁅⁆"
)
QUOTES = ['""', "''", "＂＂", "＇＇", "„“", "‚‘", "»«", "›‹"]


@pytest.mark.parametrize("pair", BRACKETS.split() + QUOTES)
@pytest.mark.parametrize("end", ["。", "！", "？", "……", "⋯⋯", "｡", "？！", "！!", "‼️"])
def test_what_closes_stays_with_its_sentence(pair, end):
    opening, closing = pair
    first = f"{opening}好{end}{closing}"
    assert split_chinese_sentences(f"{first}下{end}他。") == [first, f"下{end}", "他。"]
    inside = f"他说{opening}好{end}"
    rest = f"{opening}下{end}{closing}"
    assert split_chinese_sentences(f"{inside}是{end}{closing}{rest}走。") == [
        *(inside, f"是{end}{closing}", rest, "走。")
    ]


def test_several_closing_marks_in_a_row():
    text = "【好。】下。《谁？》他。（他说：“《走。》”）【“好！”】。她'don't。'说\"是。\"走"
    assert split_chinese_sentences(text) == [
        *("【好。】", "下。", "《谁？》", "他。", "（他说：“《走。》”）", "【“好！”】。"),
        *("她'don't。'", '说"是。"', "走"),
    ]


def test_straight_quotation_marks_close_where_one_is_open_in_their_line():
    assert split_chinese_sentences('5"。\n他。"好。"') == ['5"。', "\n他。", '"好。"']


@pytest.mark.parametrize(
    "text", ["π是3.14，a.b ３．１４也是。", "Hi! A? 好，1,000.5元。", "走.走．走"]
)
def test_points_of_decimals_and_ascii_end_no_chinese_sentence(text):
    assert split_chinese_sentences(text) == [text]


@pytest.mark.parametrize("closing", ["”", "’", "»", '"', "'", ")", "]", "}", ")”", "’”"])
def test_what_closes_stays_with_its_english_sentence(closing):
    assert split_sentences(f"He left.{closing} Then she came.") == [
        f"He left.{closing}",
        "Then she came.",
    ]


@pytest.mark.parametrize(
    "pattern",
    ["The dog isn't here. ", ". ", "? ", "a.b. ", ".?!\"')", "一个女孩。", "a.", '好。"', "」"],
)
def test_time_grows_no_faster_than_the_text(pattern):
    def seconds(repeats: int) -> float:
        text = pattern * repeats
        started = time.process_time()
        split_sentences(text)
        split_chinese_sentences(text)
        return time.process_time() - started

    assert seconds(4000) < 3 * 8 * max(seconds(500), 0.005)
