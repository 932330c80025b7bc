"""Whatever a publisher's files hold, it loads or a named error says which file and line."""

import contextlib
import itertools
import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmbook.datasets import load
from mmbook.datasets.catalogue import real_sets
from mmbook.datasets.entries import DataDamagedError, DataMissingError
from mmbook.datasets.fetching import integrity
from tests.datasets.fetching.downloads import sha256
from tests.datasets.real import layouts

ANY_BYTES = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
SPLITS = {"coco-cc": "all", "emoji": "all", "audio-cmn": "all", "tatoeba": "all"}


def load_set(name):
    return load(name) if name == "nltk" else load(name, SPLITS.get(name, "train"))


@pytest.mark.parametrize("entry", real_sets(), ids=lambda entry: entry.name)
def test_a_missing_set_says_how_to_get_it(root, entry):
    with pytest.raises(DataMissingError) as caught:
        load_set(entry.name)
    for part in (entry.title, entry.licence, entry.folder, entry.way, "MMBOOK_DATA"):
        assert part in str(caught.value)
    (root / entry.folder).mkdir(parents=True)
    with pytest.raises((DataMissingError, DataDamagedError), match=entry.folder):
        load_set(entry.name)


BUILDERS = {
    "emoji": layouts.emoji,
    "flickr8k": layouts.flickr8k,
    "multi30k": layouts.multi30k,
    "tatoeba": layouts.tatoeba,
    "easy-vqa": layouts.easy_vqa,
    "coco-cc": layouts.coco_cc,
}
# The same sets as their first publishers have them.
PUBLISHED = {"emoji": layouts.cldr, "coco-cc": layouts.coco}


def text_files(root, name, builders=BUILDERS):
    folder = builders[name](root)
    return [path for path in folder.rglob("*.*") if path.suffix not in (".png", ".jpg", ".mp3")]


@pytest.mark.parametrize("name", BUILDERS)
def test_crlf_and_a_byte_order_mark_change_nothing(root, name):
    files = text_files(root, name)
    before = vars(load_set(name))
    for path in files:
        content = path.read_bytes().replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + content)
    after = vars(load_set(name))
    for field, value in before.items():
        same = value == after[field]
        assert same if isinstance(same, bool) else bool(same.all()), field


@pytest.mark.parametrize("name", BUILDERS)
def test_another_encoding_is_named_with_its_line(root, name):
    files = text_files(root, name)
    for path in files:
        if f"{name}{path.name}".endswith(("test.txt", "test/questions.json")):
            continue
        content = path.read_bytes()
        lines = content.split(b"\n")
        path.write_bytes(b"\n".join([*lines[:-1], "grün ".encode("latin-1") + lines[-1]]))
        if loads_other_split(name, path):
            continue
        with pytest.raises(DataDamagedError, match=rf"{path.name}.*line {len(lines)}"):
            load_set(name)
        path.write_bytes(content)


def loads_other_split(name, path):
    """Whether a file belongs to a split or a language that `load_set` does not read."""
    return (
        (name == "multi30k" and path.name not in ("train.en", "train.de", "train.images.txt"))
        or (name == "easy-vqa" and "test" in path.parts)
        or "zhm" in path.name
    )


def damage(path, change):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def again(line):
    """Repeat a line, counted from 0."""
    return lambda text: text + text.split("\n")[line] + "\n"


@pytest.mark.parametrize(
    ("name", "file", "change", "message"),
    [
        ("emoji", "annotations.tsv", again(1), r"annotations\.tsv, line 5: 'emoji_u1f600.*second"),
        ("emoji", "annotations.tsv", lambda t: t + "x\ty\n", r"line 5: has 2 columns, but 15"),
        (
            "emoji",
            "annotations.tsv",
            lambda t: t.replace("name 1 zh", " "),
            r"line 3: .*name is empty",
        ),
        ("emoji", "annotations.tsv", lambda t: "", "holds no emoji"),
        (
            "flickr8k",
            "flickr8ktest.txt",
            lambda t: t + "100_ab0\n",
            r"test\.txt, line 2: '100_ab0'",
        ),
        ("flickr8k", "flickr8kenc.caption.txt", again(0), r"line 10: caption 0 of 100_ab0.*twice"),
        ("flickr8k", "flickr8kenc.caption.txt", lambda t: t + "no hash\n", r"line 10: should be"),
        ("flickr8k", "flickr8kzhc.caption.txt", lambda t: "", r"no caption of 100_ab0\.jpg"),
        ("flickr8k", "flickr8ktrain.txt", lambda t: t + "7_new\n", r"no caption of 7_new\.jpg"),
        ("multi30k", "train.de", lambda t: t + "one more\n", r"train\.\*.*'de': 4"),
        ("multi30k", "train.en", lambda t: "\n" + t, r"train\.en, line 1: is empty"),
        ("tatoeba", "cmn.txt", lambda t: t + "Hi.\t嗨。\n", r"cmn\.txt, line 3: has 2 columns"),
        ("tatoeba", "cmn.txt", lambda t: t + " \t嗨。\tcredit\n", r"line 3: one of .* is empty"),
        ("easy-vqa", "data/train/questions.json", lambda t: t[:-2], r"questions\.json, line 1"),
        ("easy-vqa", "data/train/questions.json", lambda t: "{}", "should hold a list"),
        (
            "easy-vqa",
            "data/train/questions.json",
            lambda t: t.replace('"blue"', '"mauve"'),
            r"entry 3: the answer 'mauve'",
        ),
        (
            "easy-vqa",
            "data/train/questions.json",
            lambda t: t.replace('"blue", 0', '"blue", "../0"'),
            r"entry 3: should be",
        ),
        ("coco-cc", "captions.json", lambda t: "[1]", r"captions\.json, entry 0: should have"),
        ("coco-cc", "captions.json", lambda t: "3", "should hold a list"),
        (
            "coco-cc",
            "captions.json",
            lambda t: json.dumps(json.loads(t) * 2),
            r"entry 3: 'images/0\.jpg' comes a second time",
        ),
        (
            "coco-cc",
            "captions.json",
            lambda t: t.replace("train2017", "test2014"),
            r"entry 0: the split 'test2014'",
        ),
        (
            "coco-cc",
            "captions.json",
            lambda t: t.replace('"caption 1 0"', "7"),
            r"entry 1: .*captions",
        ),
    ],
)
def test_what_is_wrong_is_named(root, name, file, change, message):
    folder = BUILDERS[name](root)
    damage(folder / file, change)
    with pytest.raises(DataDamagedError, match=message):
        load_set(name)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("emoji", "png72/emoji_u1f601.png"),
        ("audio-cmn", "words/七.mp3"),
        ("flickr8k", "images/101_ab1.jpg"),
        ("easy-vqa", "data/train/images/1.png"),
        ("coco-cc", "images/1.jpg"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", "cut"])
def test_broken_images_and_sounds_are_named(root, name, file, content):
    build = layouts.audio_cmn if name == "audio-cmn" else BUILDERS[name]
    path = build(root) / file
    path.write_bytes(path.read_bytes()[:40] if content == "cut" else content)
    with pytest.raises(DataDamagedError, match=path.name):
        load_set(name)
    if path.suffix != ".mp3":  # a word that was not recorded is no word of the set
        path.unlink()
        with pytest.raises(DataDamagedError, match=path.name):
            load_set(name)


@pytest.mark.parametrize("file", ["7_ada.wav", "x_ada_3.wav", "12_ada_3.wav"])
def test_recordings_of_other_names_are_named(root, file):
    layouts.sound(layouts.fsdd(root) / file, 100, 8000)
    with pytest.raises(DataDamagedError, match=f"{file} is not named"):
        load("fsdd", "train")


def test_sounds_of_other_names_are_named(root):
    layouts.sound(layouts.esc10(root) / "rain" / "rain.ogg", 100, 16_000)
    with pytest.raises(DataDamagedError, match=r"rain\.ogg is not named fold-recording-take"):
        load("esc-10", "train")


def test_a_label_that_is_none_is_named(root):
    folder = layouts.mnist(root)
    path = folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + bytes((11,)))
    with pytest.raises(DataDamagedError, match="label 11"):
        load("mnist", "train")


@pytest.mark.parametrize(
    ("name", "builders"),
    [(name, builders) for builders in (BUILDERS, PUBLISHED) for name in builders],
)
@ANY_BYTES
@given(data=st.data())
def test_any_bytes_load_or_raise_a_named_error(root, name, builders, data):
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    files = sorted(text_files(folder, name, builders))
    path = data.draw(st.sampled_from(files))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    path.write_bytes(content[:start] + data.draw(st.binary(max_size=20)) + content[end:])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMBOOK_DATA", str(folder))
        with contextlib.suppress(DataDamagedError, DataMissingError):
            load_set(name)


@pytest.mark.parametrize("value", [None, 3, [], {}, [{}], {"annotations": 3}, {"images": [1]}])
@pytest.mark.parametrize("name", PUBLISHED)
def test_other_json_is_named(root, name, value):
    path = sorted(text_files(root, name, PUBLISHED))[0]
    path.write_text(json.dumps(value))
    with pytest.raises(DataDamagedError, match=path.name):
        load_set(name)


BUILT = {
    **BUILDERS,
    "fsdd": layouts.fsdd,
    "esc-10": layouts.esc10,
    "audio-cmn": layouts.audio_cmn,
    "nltk": layouts.nltk_data,
}


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.filterwarnings("error")
def test_of_a_whole_set_nothing_is_left_out(root, name):
    folder = BUILT[name](root)
    for extra in (".DS_Store", "README.md", "LICENSE", "SOURCE.txt"):
        (folder / extra).write_text("no data")
    load_set(name)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("fsdd", "7_ada_5.wav", "7_ada_5.WAV"),
        ("esc-10", "rain/2-200r-A.ogg", "rain/2-200r-A.Ogg"),
        ("audio-cmn", "words/七.mp3", "words/七.MP3"),
    ],
)
def test_the_case_of_an_ending_does_not_matter(root, name, before, after):
    folder = BUILT[name](root)
    everything = len(load_set(name))
    (folder / before).rename(folder / after)
    loaded = load_set(name)
    assert len(loaded) == everything
    assert folder / after in loaded.files


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("fsdd", "7_ada_5.ogg"),
        ("fsdd", "7_ada_5.wav.part"),
        ("esc-10", "rain/1-100r-C.wav"),
        ("esc-10", "1-100r-C.ogg"),
        ("audio-cmn", "words/光.wav"),
        ("audio-cmn", "24k-abr/hsk/光.mp3"),
        ("emoji", "png72/emoji_u1f6ff.png"),
        ("emoji", "png72/emoji_u1f6ff.svg"),
        ("easy-vqa", "data/train/images/77.png"),
        ("coco-cc", "images/77.jpg"),
    ],
)
def test_files_that_are_left_out_are_counted_and_named(root, name, extra):
    path = BUILT[name](root) / extra
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"extra")
    with pytest.warns(UserWarning, match=f"1 files are left out: .*{path.name}"):
        load_set(name)


def test_images_of_unicodes_names_that_are_named_otherwise_are_counted(root):
    folder = layouts.cldr(root)
    (folder / "png72" / "emoji_u1f600.png").rename(folder / "png72" / "EMOJI_U1F600.PNG")
    assert len(load_set("emoji")) == 3
    (folder / "png72" / "grin.png").write_bytes(b"extra")
    with pytest.warns(UserWarning, match=r"1 files are left out: .*grin\.png"):
        load_set("emoji")


@pytest.mark.parametrize(
    ("name", "file", "message"),
    [
        ("flickr8k", "images/100_ab0.jpg", r"100_ab0\.jpg"),
        ("nltk", "tokenizers/punkt_tab/english/sent_starters.txt", "english must hold"),
        ("nltk", "tokenizers/punkt_tab/english/collocations.tab", "english must hold"),
    ],
)
def test_a_missing_file_is_named(root, name, file, message):
    folder = BUILT[name](root)
    (folder / file).unlink()
    with pytest.raises(DataDamagedError, match=message):
        load_set(name)


@pytest.mark.parametrize(
    ("name", "files", "message"),
    [
        ("fsdd", "7_ada_4.wav", r"lacks 1 files, as 7_ada_4\.wav; to get the set: python -m"),
        ("fsdd", "7_ada_[45].wav", r"lacks 2 files, as 7_ada_4\.wav"),
        ("esc-10", "rain/1-100r-B.ogg", "lacks 1 files, as one of rain, fold 1; to get the set"),
        ("esc-10", "rain/3-*", "lacks 2 files, as one of rain, fold 3"),
    ],
)
def test_what_the_other_files_let_expect_is_counted_and_named(root, name, files, message):
    folder = BUILT[name](root)
    for path in list(folder.glob(files)):
        path.unlink()
    with pytest.warns(UserWarning, match=message):
        assert len(load_set(name))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("fsdd", "7_ada_5.wav", "7_ada_05.wav"),
        ("fsdd", "7_ada_5.wav", "7_ada_5.WAV"),
        ("audio-cmn", "words/七.mp3", "24k-abr/hsk/cmn-七.mp3"),
    ],
)
def test_a_recording_that_is_there_twice_is_named(root, name, one, other):
    folder = BUILT[name](root)
    (folder / other).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / one, folder / other)
    with pytest.raises(DataDamagedError, match="comes a second time"):
        load_set(name)


@pytest.mark.parametrize(("name", "other"), [*itertools.permutations(BUILT, 2)])
@pytest.mark.filterwarnings("ignore:.* files are left out")
def test_files_of_another_set_are_not_taken_for_those_of_a_set(root, name, other):
    folder = root / real_set_named(name).folder
    shutil.copytree(BUILT[other](root / "other"), folder)
    with pytest.raises((DataDamagedError, DataMissingError), match=folder.name):
        load_set(name)


def real_set_named(name):
    return next(entry for entry in real_sets() if entry.name == name)


def test_a_text_of_another_part_is_refused_by_its_digest(root, monkeypatch):
    folder = layouts.multi30k(root)
    places = {sha256((folder / "val.en").read_bytes()): {"multi30k/val.en"}}
    monkeypatch.setattr(integrity, "_places", places)
    assert len(load("multi30k", "validation")) == 1
    for name in ("train.en", "train.de"):
        shutil.copy(folder / "val.en", folder / name)
    with pytest.raises(DataDamagedError, match=r"train\.en is not what .* but multi30k/val\.en"):
        load("multi30k", "train")


@pytest.mark.parametrize("limit", [-1, 1.5, 2.0, True, "3"])
@pytest.mark.parametrize("name", ["emoji", "audio-cmn", "easy-vqa", "coco-cc", "flickr8k"])
def test_a_limit_that_is_none_is_refused(root, name, limit):
    BUILT[name](root)
    with pytest.raises(ValueError, match="limit must be None or a whole number from 0 up"):
        load(name, SPLITS.get(name, "train"), limit=limit)
