import hashlib
import importlib.util
import json
import shutil

import numpy as np
import pytest
import soundfile
import torch

from mmbook.datasets.scenes.collection import SORT_OF_CLEVR, SORT_OF_CLEVR_KINDS, load_scenes
from mmbook.datasets.scenes.words import NUMBERS
from mmbook.datasets.small.spoken_digits import load_synthetic
from mmbook.datasets.small.spoken_words import PAUSE, load_spoken_words, speak, words_of
from mmbook.paths import data_folder

FOLDER = data_folder() / "spoken-scene-words"
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
DIGITS = json.loads((data_folder() / "spoken-digits" / "index.json").read_text(encoding="utf-8"))
SPLITS = ("train", "validation", "test")
WORDS = {split: load_spoken_words(split) for split in SPLITS}


@pytest.fixture(scope="module")
def tool(repository):
    path = repository / "tools" / "data" / "make_spoken_scene_words.py"
    spec = importlib.util.spec_from_file_location("make_spoken_scene_words", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_index_describes_the_files():
    assert {path.stem for path in FOLDER.glob("*.flac")} == set(INDEX["voices"])
    for voice, entry in INDEX["voices"].items():
        path = FOLDER / f"{voice}.flac"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
        lengths = [int(length) for length in entry["lengths"].split()]
        assert len(lengths) == len(INDEX["words"]["en"]) + len(INDEX["words"]["zh"])
        info = soundfile.info(path)
        assert (info.frames, info.samplerate, info.channels) == (sum(lengths), 8000, 1)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000


def test_the_tool_and_the_readme_name_the_same_voices_and_words(tool):
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert INDEX["words"] == {"en": tool.ENGLISH.split(), "zh": list(tool.PINYIN)}
    assert tool.SPEAKERS.split() == list(INDEX["voices"])
    for split in SPLITS:
        listed = [voice for voice, entry in INDEX["voices"].items() if entry["split"] == split]
        assert f"| {split} | {len(listed)} | {' '.join(listed)} |" in readme
    clips = len(INDEX["voices"]) * sum(map(len, INDEX["words"].values()))
    assert f"{clips} clips" in readme


def test_a_voice_has_one_split_over_all_sets():
    for voice, entry in INDEX["voices"].items():
        assert DIGITS["voices"][voice]["split"] == entry["split"]
    voices = [set(words.origins) for words in WORDS.values()]
    assert sum(map(len, voices)) == len(set.union(*voices)) == 10


@pytest.mark.parametrize("split", SPLITS)
def test_words_have_one_level_and_no_silence_around_them(split):
    words = WORDS[split]
    assert words.rate == 8000
    assert words.waveforms.dtype == torch.float32
    for clip, length in zip(words.waveforms, words.lengths.tolist(), strict=True):
        assert 600 < length <= words.waveforms.shape[1] < 10_000
        assert not clip[length:].any()
        assert clip[:80].any()
        assert clip[length - 80 : length].any()
        assert clip[:length].square().mean().sqrt() == pytest.approx(0.1, abs=0.01)


def test_labels_texts_and_voices_belong_together():
    words = WORDS["test"]
    assert len(words) == 2 * len(words.classes)
    assert len(set(words.classes)) == len(words.classes) == 118
    assert [words.classes[label] for label in words.labels] == list(words.texts)
    for row, path in enumerate(words.files):
        assert path.is_file()
        assert path.stem == words.origins[row]
    row = words.texts.index("seven")
    assert words.files[row].parent.name == "spoken-digits"
    digits = load_synthetic("test")
    same = next(
        clip
        for clip, word, voice in zip(digits.waveforms, digits.words, digits.voices, strict=True)
        if (word, voice) == ("seven", words.origins[row])
    )
    said = words.waveforms[row, : int(words.lengths[row])]
    assert (same.unfold(0, len(said), 1) == said).all(1).any()


def test_one_language_alone():
    english, chinese = (load_spoken_words("test", languages=[code]) for code in ("en", "zh"))
    assert set(english.classes) >= {"red", "yes", *NUMBERS}
    assert set(chinese.classes) >= {"红色", "是", *NUMBERS.values()}
    assert (*english.classes, *chinese.classes) != WORDS["test"].classes  # numbers come last
    assert {*english.classes, *chinese.classes} == set(WORDS["test"].classes)


def test_all_that_is_said_of_scenes_can_be_spoken_and_no_word_is_idle():
    used = set()
    known = WORDS["test"].classes
    for config, kinds in ((None, {}), (SORT_OF_CLEVR, {"kinds": SORT_OF_CLEVR_KINDS})):
        for level in ("relation", "scene"):
            scenes = load_scenes("train", size=16, count=150, level=level, config=config)
            for language in ("en", "zh"):
                asked = scenes.questions(language=language, each=4, **kinds)
                captions = (caption for (caption,) in scenes.captions[language])
                for sentence in (*captions, *asked.questions, *asked.answers):
                    used.update(words_of(sentence, known))
    assert used >= set(known) - set(NUMBERS) - set(NUMBERS.values())


def test_a_sentence_is_its_words_with_pauses_between_them():
    words = WORDS["test"]
    known = words.classes
    sentence = "is the red star left of the ring"
    assert words_of(f"{sentence}?", known) == sentence.split()
    assert words_of("左上方有一个红色的大圆环，", known) == [
        "左上方",
        "有",
        "一个",
        "红色",
        "的",
        "大",
        "圆环",
    ]
    for voice in ("m7", "belinda"):
        said = speak("红色的圆环是否在左边？", voice, words)
        rows = [r for r, name in enumerate(words.origins) if name == voice]
        lengths = {words.texts[row]: int(words.lengths[row]) for row in rows}
        spoken = sum(lengths[word] for word in ("红色", "的", "圆环", "是否", "在", "左边"))
        assert said.shape == (spoken + 5 * round(PAUSE * 8000),)
        assert torch.equal(
            said[: lengths["红色"]], words.waveforms[rows[known.index("红色")], : lengths["红色"]]
        )


def test_what_cannot_be_said_is_refused():
    words = WORDS["test"]
    for sentence in ("a pink star", "粉色的圆环", "redstar", "red-starr"):
        with pytest.raises(ValueError, match="not made of the words"):
            speak(sentence, "m7", words)
    with pytest.raises(ValueError, match="nothing to say in '!'"):
        speak("!", "m7", words)
    with pytest.raises(ValueError, match="no voice 'linda'; there are belinda, m7"):
        speak("a star", "linda", words)
    with pytest.raises(ValueError, match="said in en and zh"):
        load_spoken_words("test", languages=("de",))
    with pytest.raises(ValueError, match="no split 'dev'"):
        load_spoken_words("dev")


def test_running_the_tool_again_gives_the_same_clips(tool):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    if tool.synthesiser() != INDEX["synthesiser"]:
        pytest.skip(f"{tool.synthesiser()} here, but {INDEX['synthesiser']} made the clips")
    tool.ENGLISH, tool.PINYIN = "red orange", {}
    made = np.concatenate(tool.speak("m7"))
    shipped, _ = soundfile.read(FOLDER / "m7.flac", frames=len(made))
    np.testing.assert_allclose(made, shipped, atol=1.1 * 2**-9)  # half a step of 9 bit, and a bit


@pytest.mark.parametrize("word", ["re\u0301d", "red\u0301", "réd", "नमस्ते", "1.5"])
def test_a_letter_with_an_accent_is_another_word(word):
    with pytest.raises(ValueError, match="not made of the words"):
        words_of(f"a {word} circle", ["a", "red", "circle"])


def test_emoji_fall_away_as_signs_do():
    assert words_of("a red circle! 👍", ["a", "red", "circle"]) == ["a", "red", "circle"]
