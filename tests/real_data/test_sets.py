"""The real sets hold what their publishers released, and no split knows another one's items."""

import hashlib
import itertools
import subprocess
import sys
from collections import Counter

import pytest
import torch

from mmbook.datasets import load
from mmbook.datasets.entries import DataDamagedError
from mmbook.datasets.real.flickr8k import photograph

SECONDS = {"mnist": 2.0, "fashion-mnist": 2.0}
FIRST_BATCH = {
    "mnist": 'load("mnist", "train").samples()[:64]',
    "fashion-mnist": 'load("fashion-mnist", "train").samples()[:64]',
    "fsdd": 'load("fsdd", "train").samples()[:64]',
    "esc-10": 'load("esc-10", "train").samples()[:64]',
    "emoji": 'load("emoji", "train")[:64]',
    "audio-cmn": 'load("audio-cmn", "train")[:64]',
    "easy-vqa": 'load("easy-vqa", "train")[:64]',
    "coco-cc": 'load("coco-cc", "all")[:64]',
    "flickr8k": 'load("flickr8k", "train")[:64]',
    "multi30k": 'load("multi30k", "train")[:64]',
    "tatoeba": 'load("tatoeba", "train")[:64]',
    "nltk": 'load("nltk").stop_words["english"]',
}


@pytest.mark.parametrize("name", FIRST_BATCH)
def test_the_first_batch_comes_soon(name):
    """Whole splits are loaded, in a fresh process; seconds of computing do not suffer from load."""
    program = (
        "import time; from mmbook.datasets import load; a, b = time.perf_counter(), "
        f"time.process_time(); {FIRST_BATCH[name]}; "
        "print(time.perf_counter() - a, time.process_time() - b)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no progress bars where nobody looks, no warnings
    wall, computing = map(float, done.stdout.split())
    print(f"{name}: first batch after {wall:.2f} s, {computing:.2f} s of computing")
    assert computing < SECONDS.get(name, 10.0)


def digests(files):
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def disjoint(*groups):
    return not any(set(one) & set(other) for one, other in itertools.combinations(groups, 2))


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_images_in_ten_classes(name):
    train, test = load(name, "train"), load(name, "test")
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.images.shape[1:] == (1, 28, 28)
    assert len(train.classes) == 10
    assert test.labels.bincount().tolist() == (
        [1000] * 10
        if name == "fashion-mnist"
        else [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    )


def test_no_digit_of_the_test_set_was_trained_on():
    train, test = load("mnist", "train"), load("mnist", "test")
    assert disjoint(*({p.numpy().tobytes() for p in part.images} for part in (train, test)))


def test_spoken_digits():
    train, test = load("fsdd", "train"), load("fsdd", "test")
    assert (len(train), len(test)) == (2700, 300)
    assert train.labels.bincount().tolist() == [270] * 10
    assert sum(map(int, (train.lengths.sum(), test.lengths.sum()))) / 8000 == pytest.approx(
        1312, abs=1
    )
    assert disjoint(digests(train.files), digests(test.files))
    held_out = [load("fsdd", split, held_out=["theo"]) for split in ("train", "test")]
    assert [len(part) for part in held_out] == [2500, 500]
    assert disjoint(*(part.origins for part in held_out))


def test_environmental_sounds():
    for fold in (1, 2, 3, 4):
        train, test = (load("esc-10", split, fold=fold) for split in ("train", "test"))
        assert (len(train), len(test)) == (240, 80)
        assert test.labels.bincount().tolist() == [8] * 10
        assert train.waveforms.shape[1] == 80_000
        assert disjoint(train.origins, test.origins)
        assert disjoint(digests(train.files), digests(test.files))


def test_emoji():
    parts = [load("emoji", split, size=24) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(load("emoji", "all", size=24)) == 1655
    assert all(130 < len(part) < 200 for part in parts[1:])
    assert disjoint(*(part.characters for part in parts))
    assert disjoint(*(digests(part.files) for part in parts))
    assert disjoint(*(part.names["en"] for part in parts))
    every = load("emoji", "all", languages=("en", "zh", "de", "fr", "ja", "es"), limit=10)
    assert all(name for names in every.names.values() for name in names)


def test_spoken_words_and_their_emoji(real_data):
    words = load("audio-cmn", "all")
    assert len(words) == 1308
    assert sum(map(len, words.named)) == 277
    assert sum(map(len, words.related)) == 3439
    characters = set(load("emoji", "all", size=24).characters)
    linked = {emoji for links in (*words.named, *words.related) for emoji in links}
    assert linked <= characters
    assert len(linked) == 1435
    lines = (real_data / "audio-cmn" / "emoji_word_links.tsv").read_text().splitlines()[1:]
    published = {(c[1], c[4], c[5]) for c in (line.split("\t") for line in lines)}
    assert published == {
        (emoji, kind, word)
        for kind, links in (("name", words.named), ("keyword", words.related))
        for word, meant in zip(words.texts, links, strict=True)
        for emoji in meant
    }
    parts = [load("audio-cmn", split) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == 1308
    assert disjoint(*(part.texts for part in parts))
    assert disjoint(*([emoji for word in part.named for emoji in word] for part in parts))


def test_questions_about_shapes():
    train, test = load("easy-vqa", "train"), load("easy-vqa", "test")
    assert (len(train.images), len(train)) == (4000, 38_575)
    assert (len(test.images), len(test)) == (1000, 9673)
    assert len(train.classes) == 13
    assert set(train.classes) == set(train.answers)
    assert disjoint(*({p.numpy().tobytes() for p in part.images} for part in (train, test)))
    majority = Counter(test.answers).most_common(1)[0][1] / len(test)
    assert majority == pytest.approx(0.373, abs=0.001)


def test_photographs_that_may_be_shown():
    every = load("coco-cc", "all")
    assert len(every) == 111
    assert Counter(map(len, every.captions["en"])) == {5: 111}
    assert Counter(credit.split(" http")[0] for credit in every.credits) == {
        "Attribution License": 69,
        "Attribution-ShareAlike License": 42,
    }
    parts = [load("coco-cc", split) for split in ("train", "validation")]
    assert [len(part) for part in parts] == [26, 85]
    assert disjoint(*(part.names for part in parts))


@pytest.fixture(scope="module")
def flickr():
    return {split: load("flickr8k", split, size=56) for split in ("train", "validation", "test")}


def test_captions(flickr):
    assert [len(part) for part in flickr.values()] == [6000, 1000, 1000]
    for part in flickr.values():
        assert Counter(map(len, part.captions["en"])) == {5: len(part)}
        assert Counter(map(len, part.captions["zh"])) == {5: len(part)}
    translated = load("flickr8k", "test", size=8, languages=("zh-translated",), limit=10)
    assert Counter(map(len, translated.captions["zh-translated"])) == {5: 10}
    assert disjoint(*(part.names for part in flickr.values()))
    assert disjoint(*(digests(part.files) for part in flickr.values()))


def test_translations():
    sizes = {
        "train": 29_000,
        "validation": 1014,
        "test": 1000,
        "test-2017": 1000,
        "test-2018": 1071,
        "test-coco": 461,
    }
    parts = {}
    for split, size in sizes.items():
        languages = ("en", "de", "fr") if "7" in split or "coco" in split else ("en", "de", "cs")
        parts[split] = load("multi30k", split, languages=languages)
        assert len(parts[split]) == size
    # The photographs differ; short descriptions of them coincide in these few cases.
    assert disjoint(*(part.origins for part in parts.values()))
    shared = {
        (split, language): len(
            set(parts[split].sentences[language]) & set(parts["train"].sentences[language])
        )
        for split in sizes
        if split != "train"
        for language in ("en", "de")
    }
    assert {place: count for place, count in shared.items() if count} == {
        ("validation", "en"): 1,
        ("validation", "de"): 1,
        ("test-2017", "de"): 2,
        ("test-2018", "de"): 1,
    }


def test_two_sets_show_the_same_photographs(flickr, real_data):
    of_flickr8k = {photograph(name) for part in flickr.values() for name in part.names}
    lines = (real_data / "flickr8k" / "multi30k_line_to_flickr8k.tsv").read_text().splitlines()
    published = {photograph(line.split("\t")[2]) for line in lines[1:]}
    multi30k = {
        split: {photograph(name) for name in load("multi30k", split).origins}
        for split in ("train", "validation", "test")
    }
    assert published & of_flickr8k == set().union(*multi30k.values()) & of_flickr8k
    # Who trains on Multi30k and tests on Flickr8k tests on photographs that were described.
    assert len(multi30k["train"] & {photograph(name) for name in flickr["test"].names}) > 500


def test_everyday_sentences():
    every = load("tatoeba", "all")
    assert len(every) == 29_155
    assert len(set(every.sentences["en"])) == 27_661
    assert all("tatoeba.org" in credit for credit in every.origins)
    parts = [load("tatoeba", split) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == 29_155
    assert all(1200 < len(part) < 1800 for part in parts[1:])
    for language in ("en", "zh"):
        assert disjoint(*(part.sentences[language] for part in parts))


def test_nltk_data():
    nltk = pytest.importorskip("nltk")
    data = load("nltk")
    assert len(data.stop_words) == 29
    assert len(data.stop_words["english"]) == 179
    assert len(data.stop_words["chinese"]) == 841
    assert data.punkt == ("czech", "english", "french", "german", "italian", "spanish")
    with data.active():
        # Not nltk.corpus.stopwords and sent_tokenize: they stay with the first folder they find.
        folder = nltk.data.find("corpora/stopwords")
        words = nltk.corpus.reader.WordListCorpusReader(folder, ["english"]).words("english")
        assert set(words) == data.stop_words["english"]
        text = "Dr. Smith came at 5 p.m. yesterday. He left."
        assert nltk.tokenize.PunktTokenizer("english").tokenize(text)[-1] == "He left."


def test_waveforms_are_sound():
    sounds = load("fsdd", "test")
    assert torch.isfinite(sounds.waveforms).all()
    assert float(sounds.waveforms.abs().max()) <= 1.0
    samples = sounds.samples()
    assert samples.inputs["audio"].shape[0] == 300


@pytest.mark.parametrize("name", FIRST_BATCH)
@pytest.mark.filterwarnings("error:.* files are left out")
def test_no_file_of_a_real_set_is_left_out(name):
    assert load(name) if name == "nltk" else load(name, {"coco-cc": "all"}.get(name, "train"))


@pytest.mark.parametrize("part", ["train", "t10k"])
@pytest.mark.parametrize("kind", ["images-idx3-ubyte", "labels-idx1-ubyte"])
def test_files_of_mnist_are_refused_in_place_of_others(
    real_data, tmp_path, monkeypatch, part, kind
):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in (real_data / "FashionMNIST" / "raw").glob("*-ubyte"):
        (raw / file.name).symlink_to(file)
    monkeypatch.setenv("MMBOOK_DATA", str(tmp_path))
    split = {"train": "train", "t10k": "test"}[part]
    assert len(load("fashion-mnist", split)) in (10_000, 60_000)
    (raw / f"{part}-{kind}").unlink()
    (raw / f"{part}-{kind}").symlink_to(real_data / "MNIST" / "raw" / f"{part}-{kind}")
    with pytest.raises(DataDamagedError, match=f"{part}-{kind} is not the file of Fashion-MNIST"):
        load("fashion-mnist", split)
