import shutil
from dataclasses import replace

import pytest
import torch

from mmbook.datasets import load
from mmbook.datasets.catalogue import CATALOGUE
from mmbook.datasets.real import mnist
from mmbook.datasets.real.flickr8k import photograph
from mmbook.datasets.real.nltk_data import load_nltk
from tests.datasets.real import layouts


@pytest.mark.parametrize(
    ("name", "folder"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")]
)
def test_labelled_images(root, name, folder, monkeypatch):
    layouts.mnist(root, folder)
    for entry in ("MNIST", "FASHION_MNIST"):  # no made-up file has a recorded digest
        known = getattr(mnist, entry)
        monkeypatch.setattr(mnist, entry, replace(known, sources=()))
    train, test = load(name, "train"), load(name, "test")
    assert train.images.shape == (6, 1, 28, 28)
    assert train.images.dtype == torch.uint8
    assert (len(train), len(test), len(train.classes)) == (6, 3, 10)


def test_recordings_in_the_official_split(root):
    layouts.fsdd(root)
    train, test = load("fsdd", "train"), load("fsdd", "test")
    assert sorted(path.name for path in test.files) == [
        f"7_{speaker}_{take}.wav" for speaker in ("ada", "ben", "cy") for take in (0, 4)
    ]
    assert set(train.origins) == set(test.origins) == {"ada", "ben", "cy"}
    assert train.texts == ("seven",) * 3
    assert train.waveforms.shape == (3, 805)
    assert test.lengths.tolist() == [800, 804] * 3
    assert not test.waveforms[0, 800:].any()


def test_recordings_of_held_out_speakers(root):
    layouts.fsdd(root)
    train, test = (load("fsdd", split, held_out=["cy"]) for split in ("train", "test"))
    assert (set(train.origins), set(test.origins)) == ({"ada", "ben"}, {"cy"})
    assert (len(train), len(test)) == (6, 3)
    with pytest.raises(ValueError, match=r"no speaker \['dan'\]; there are \['ada', 'ben', 'cy'\]"):
        load("fsdd", "train", held_out=["dan"])
    with pytest.raises(ValueError, match="nothing is left for 'train'"):
        load("fsdd", "train", held_out=["ada", "ben", "cy"])


@pytest.mark.parametrize("published", [False, True])
def test_environmental_sounds(root, published):
    folder = layouts.esc10(root)
    if published:  # the publisher numbers the folders
        (folder / "rain").rename(folder / "002 - Rain")
        (folder / "dog_bark").rename(folder / "001 - Dog bark")
    train, test = load("esc-10", "train", fold=2), load("esc-10", "test", fold=2)
    assert (len(train), len(test)) == (8, 4)
    assert train.classes == ("dog_bark", "rain")
    assert set(train.texts) == {"dog bark", "rain"}
    assert not set(train.origins) & set(test.origins)
    assert test.rate == 16_000
    assert load("esc-10", "test", rate=8000).waveforms.shape == (4, 800)
    with pytest.raises(ValueError, match=r"no fold 5; there are \[1, 2, 3\]"):
        load("esc-10", "test", fold=5)


def test_emoji(root):
    layouts.emoji(root)
    emoji = load("emoji", "all", size=6, languages=("en", "ja"))
    assert emoji.images.shape == (3, 3, 6, 6)
    assert emoji.characters == ("😀", "😁", "😂")
    assert emoji.names == {
        "en": ("name 0 en", "name 1 en", "name 2 en"),
        "ja": ("name 0 ja", "name 1 ja", "name 2 ja"),
    }
    assert emoji.keywords["ja"][1] == ("ja one", "ja two", "1")
    assert len(load("emoji", "all", limit=2)) == 2
    with pytest.raises(ValueError, match="klingon"):
        load("emoji", "all", languages=("klingon",))


def test_variants_and_copies_of_an_emoji_stay_in_one_split(root):
    people = ("1f468_200d_1f373", "1f469_200d_1f373", "1f9d1_200d_1f373")
    runners = ("1f3c3", "1f3c3_200d_2642", "1f3c3_200d_2640_200d_27a1")
    others = tuple(f"1f4{number:02x}" for number in range(20))
    folder = layouts.emoji(root, (*people, *runners, *others))
    copy = folder / "png72" / f"emoji_u{others[3]}.png"
    copy.write_bytes((folder / "png72" / f"emoji_u{others[7]}.png").read_bytes())
    split_of = {
        path.stem.removeprefix("emoji_u"): split
        for split in ("train", "validation", "test")
        for path in load("emoji", split).files
    }
    assert len(split_of) == 26
    for group in (people, runners, (others[3], others[7])):
        assert len({split_of[points] for points in group}) == 1


def test_names_from_unicode_are_the_same(root):
    layouts.emoji(root)
    table = load("emoji", "all", languages=("en", "zh", "de", "fr", "ja", "es"))
    shutil.rmtree(root / "emoji")
    folder = layouts.cldr(root)
    layouts.image(folder / "png72" / "emoji_u1f600_1f3fb.png", alpha=True)  # a skin tone
    layouts.image(folder / "png72" / "emoji_u1f6ff.png", alpha=True)  # without a name
    layouts.image(folder / "png72" / "emoji_u1f601_fe0f.png", alpha=True)  # a second image
    published = load("emoji", "all", languages=("en", "zh", "de", "fr", "ja", "es"))
    assert published.characters == table.characters
    assert (published.names, published.keywords) == (table.names, table.keywords)
    assert torch.equal(published.images, table.images)


@pytest.mark.parametrize("published", [False, True])
def test_spoken_words(root, published):
    folder = layouts.audio_cmn(root)
    if published:
        for path in (folder / "words").glob("*.mp3"):
            place = folder / "24k-abr" / "hsk" / f"cmn-{path.name}"
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
    words = load("audio-cmn", "all")
    assert sorted(words.texts) == ["2", "name 0 zh", "zh one", "七"]
    assert words.rate == 22_050
    assert dict(zip(words.texts, words.named, strict=True)) == {
        "2": (),
        "name 0 zh": ("😀",),
        "zh one": (),
        "七": (),
    }
    related = dict(zip(words.texts, words.related, strict=True))
    assert related["zh one"] == ("😀", "😁", "😂")
    assert related["2"] == ("😂",)
    assert words.classes[int(words.labels[1])] == words.texts[1]
    parts = [load("audio-cmn", split).texts for split in ("train", "validation", "test")]
    assert sorted(word for part in parts for word in part) == sorted(words.texts)
    assert len(load("audio-cmn", "all", rate=8000, limit=1)) == 1


def test_questions(root):
    layouts.easy_vqa(root)
    train = load("easy-vqa", "train", size=8)
    assert train.images.shape == (3, 3, 8, 8)
    assert train.image_rows.tolist() == [0, 1, 2, 0]
    assert train.classes == ("yes", "no", "blue")
    assert train.answer_ids.tolist() == [0, 0, 0, 2]
    assert train[[3]].questions == ("what?",)
    first = load("easy-vqa", "train", limit=1)
    assert len(first.images) == 1
    assert first.questions == ("is it blue?", "what?")
    assert len(load("easy-vqa", "test")) == 3


def test_photographs_with_credits(root):
    layouts.coco_cc(root)
    both = load("coco-cc", "all", size=10)
    assert both.names == ("0.jpg", "1.jpg", "2.jpg")
    assert both.captions["en"][2][4] == "caption 2 4"
    assert both.credits[1] == "Attribution License http://example.org/by, from http://example.org/1"
    assert [len(load("coco-cc", split)) for split in ("train", "validation")] == [1, 2]


def test_photographs_from_coco_are_the_same(root):
    layouts.coco_cc(root)
    prepared = load("coco-cc", "all")
    shutil.rmtree(root / "coco-cc")
    layouts.coco(root)
    published = load("coco-cc", "all")
    assert published.names == prepared.names
    assert published.captions == prepared.captions
    assert published.credits == prepared.credits
    assert torch.equal(published.images, prepared.images)


def test_captions_in_two_languages(root):
    layouts.flickr8k(root)
    train = load("flickr8k", "train", size=8)
    assert train.images.shape == (2, 3, 8, 8)
    assert train.names == ("100_ab0.jpg", "101_ab1.jpg")
    assert train.captions["en"][0] == ("a thing number 0 .", "a thing number 1 .")
    assert train.captions["zh"][1] == ("东西 0 .", "东西 1 .")
    test = load("flickr8k", "test", languages=("zh-translated",))
    assert test.captions == {"zh-translated": (("翻译 0 .", "翻译 1 ."),)}
    with pytest.raises(ValueError, match="zh-translated"):
        load("flickr8k", "train", languages=("zh-translated",))
    assert len(load("flickr8k", "train", limit=1)) == 1
    assert photograph("100_ab0.jpg") == photograph("100.jpg") == "100"


def test_parallel_sentences(root):
    layouts.multi30k(root)
    train = load("multi30k", "train", languages=("en", "cs"))
    assert train.sentences["cs"][2] == "cs sentence 2 of train"
    assert train.origins == ("train0.jpg", "train1.jpg", "train2.jpg")
    assert len(load("multi30k", "test")) == 2
    with pytest.raises(ValueError, match="test-2017 has sentences in"):
        load("multi30k", "test-2017", languages=("en", "cs"))


def test_no_sentence_is_in_two_splits(root):
    # A chain: each pair shares a side with the next, up to case and punctuation.
    chain = tuple((f"Sentence {n // 2}!", f"句子{(n + 1) // 2}。") for n in range(40))
    lone = tuple((f"alone {n}", f"孤独{n}") for n in range(200))
    layouts.tatoeba(root, (*chain, *lone, ("SENTENCE 0", "新。")))
    parts = {split: load("tatoeba", split) for split in ("train", "validation", "test")}
    assert sum(map(len, parts.values())) == 241 == len(load("tatoeba", "all"))
    assert all(len(part) > 0 for part in parts.values())
    linked = [s for s, p in parts.items() if any(e.lower()[:3] == "sen" for e in p.sentences["en"])]
    assert len(linked) == 1
    for side in ("en", "zh"):
        sets = [set(part.sentences[side]) for part in parts.values()]
        assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])


def nltk_reads(nltk, language):
    """NLTK's stop words, read now: nltk.corpus.stopwords stays with the first folder it finds."""
    reader = nltk.corpus.reader.WordListCorpusReader
    return reader(nltk.data.find("corpora/stopwords"), [language]).words(language)


def test_nltk_data_is_used_only_where_asked(root):
    nltk = pytest.importorskip("nltk")
    folder = layouts.nltk_data(root)
    before = list(nltk.data.path)
    data = load("nltk")
    assert nltk.data.path == before
    assert data.stop_words == {"english": frozenset(("a", "the", "not"))}
    assert data.punkt == ("english",)
    with pytest.raises(ZeroDivisionError), load_nltk().active():
        assert nltk.data.path[0] == str(folder)
        assert nltk_reads(nltk, "english") == ["a", "the", "not"]
        split = nltk.tokenize.PunktTokenizer("english").tokenize
        assert split("Dr. Lee ran. She won.") == ["Dr. Lee ran.", "She won."]
        _ = 1 / 0
    assert nltk.data.path == before


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_catalogue_names_every_split(root, entry):
    if entry.name == "nltk":
        assert entry.splits == ()
        return
    options = {"size": 1} if entry.name in ("digits", "av-mnist", "speech-faults") else {}
    with pytest.raises(ValueError, match="dev") as caught:
        load(entry.name, "dev", **options)
    assert entry.splits
    assert all(split in str(caught.value) for split in entry.splits)
