"""Tiny sets in their publishers' layouts; everything in them is made up."""

import json
import struct
from pathlib import Path

import cv2
import numpy as np
import soundfile

LANGUAGES = ("en", "zh", "de", "fr", "ja", "es")


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def image(path: Path, seed: int = 0, size: int = 12, alpha: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 4 if alpha else 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def sound(path: Path, samples: int, rate: int, pitch: float = 440.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * np.sin(np.arange(samples) * pitch * 2 * np.pi / rate), rate)
    return path


def idx(values: np.ndarray) -> bytes:
    header = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(np.uint8).tobytes()


def mnist(root: Path, name: str = "MNIST") -> Path:
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    for part, count in (("train", 6), ("t10k", 3)):
        pixels = np.arange(count * 784).reshape(count, 28, 28) % 256
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(pixels))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(count)))
    return folder


def fsdd(root: Path) -> Path:
    folder = root / "free-spoken-digit-dataset" / "recordings"
    for speaker in ("ada", "ben", "cy"):
        for take in (0, 4, 5):
            sound(folder / f"7_{speaker}_{take}.wav", 800 + take, 8000)
    return folder


def esc10(root: Path) -> Path:
    folder = root / "ESC-10"
    for fold in (1, 2, 3):
        for kind, pitch in (("rain", 300), ("dog_bark", 500)):
            for take in "AB":
                sound(folder / kind / f"{fold}-{fold}00{kind[0]}-{take}.ogg", 1600, 16_000, pitch)
    return folder


def emoji_text(codepoints: str) -> str:
    return "".join(chr(int(point, 16)) for point in codepoints.split("_"))


def emoji_row(number: int, codepoints: str) -> str:
    words = [
        part
        for language in LANGUAGES
        for part in (f"name {number} {language}", f"{language} one|{language} two|{number}")
    ]
    return "\t".join([f"emoji_u{codepoints}.png", emoji_text(codepoints), codepoints, *words])


def emoji(root: Path, codepoints: tuple[str, ...] = ("1f600", "1f601", "1f602")) -> Path:
    folder = root / "emoji"
    header = [f"{language}_{part}" for language in LANGUAGES for part in ("name", "keywords")]
    lines = ["\t".join(["file", "emoji", "codepoints", *header])]
    for number, points in enumerate(codepoints):
        image(folder / "png72" / f"emoji_u{points}.png", number, alpha=True)
        lines.append(emoji_row(number, points))
    write(folder / "annotations.tsv", "\n".join(lines) + "\n")
    return folder


def cldr(root: Path, codepoints: tuple[str, ...] = ("1f600", "1f601", "1f602")) -> Path:
    """The same names as `emoji` has, in Unicode's layout; odd ones are among the derived."""
    folder = emoji(root, codepoints)
    (folder / "annotations.tsv").unlink()
    for language in LANGUAGES:
        for odd, (kind, place) in enumerate(
            (
                ("annotations", "cldr-annotations-full/annotations"),
                ("annotationsDerived", "cldr-annotations-derived-full/annotationsDerived"),
            )
        ):
            entries = {
                emoji_text(points) + "\ufe0f" * (number % 2): {
                    "default": [f"{language} one", f"{language} two", str(number)],
                    "tts": [f"name {number} {language}"],
                }
                for number, points in enumerate(codepoints)
                if number % 2 == odd
            }
            entries["無"] = {"default": ["no image"]}
            content = {kind: {"identity": {}, "annotations": entries}}
            write(folder / place / language / "annotations.json", json.dumps(content))
    return folder


def audio_cmn(root: Path) -> Path:
    """The name of one emoji, keywords of all and of one, a number, and a word that means none."""
    emoji(root)
    folder = root / "audio-cmn"
    for number, word in enumerate(("name 0 zh", "zh one", "2", "七", "空")):
        sound(folder / "words" / f"{word}.mp3", 4000 + 1000 * number, 22_050)
    return folder


def easy_vqa(root: Path) -> Path:
    folder = root / "easy-vqa"
    write(folder / "data" / "answers.txt", "yes\nno\nblue")
    for split, count in (("train", 3), ("test", 2)):
        questions = [["is it blue?", "yes", n] for n in range(count)] + [["what?", "blue", 0]]
        write(folder / "data" / split / "questions.json", json.dumps(questions))
        for number in range(count):
            image(folder / "data" / split / "images" / f"{number}.png", number)
    return folder


def coco_cc(root: Path) -> Path:
    folder = root / "coco-cc"
    entries = [
        {
            "id": number,
            "file": f"images/{number}.jpg",
            "split": "train2017" if number == 0 else "val2017",
            "license": "Attribution License",
            "license_url": "http://example.org/by",
            "flickr_url": f"http://example.org/{number}",
            "captions": [f"caption {number} {c}" for c in range(5)],
        }
        for number in range(3)
    ]
    for entry in entries:
        image(folder / entry["file"], entry["id"], size=20)
    write(folder / "captions.json", json.dumps(entries))
    return folder


def coco(root: Path) -> Path:
    """The images and captions of `coco_cc` as COCO has them, and what must be left out."""
    folder = coco_cc(root)
    entries = json.loads((folder / "captions.json").read_text())
    (folder / "captions.json").unlink()
    for split in ("train2017", "val2017"):
        chosen = [entry for entry in entries if entry["split"] == split]
        for entry in chosen:
            (folder / split).mkdir(exist_ok=True)
            source = folder / entry["file"]
            source.rename(folder / split / source.name)
        images = [
            {
                "id": entry["id"],
                "file_name": Path(entry["file"]).name,
                "license": 4,
                "flickr_url": entry["flickr_url"],
            }
            for entry in chosen
        ]
        image(folder / split / "77.jpg", 7)  # not to be shown
        images.append({**images[0], "id": 77, "file_name": "77.jpg", "license": 1})
        images.append({**images[0], "id": 78, "file_name": "78.jpg"})  # not there
        annotations = [
            {"image_id": entry["id"], "caption": caption}
            for entry in chosen
            for caption in entry["captions"]
        ]
        licences = [
            {"id": 1, "name": "NonCommercial", "url": "http://example.org/nc"},
            {"id": 4, "name": "Attribution License", "url": "http://example.org/by"},
        ]
        content = {"images": images, "annotations": annotations, "licenses": licences}
        write(folder / "annotations" / f"captions_{split}.json", json.dumps(content))
    return folder


def flickr8k(root: Path) -> Path:
    folder = root / "flickr8k"
    names = [f"10{number}_ab{number}" for number in range(4)]
    lists = {"train": names[:2], "val": names[2:3], "test": names[3:]}
    for split, chosen in lists.items():
        write(folder / f"flickr8k{split}.txt", "\n".join(chosen) + "\n")
    for number, name in enumerate(names):
        image(folder / "images" / f"{name}.jpg", number, size=16)
    for file, language, text, which in (
        ("flickr8kenc.caption.txt", "enc", "a thing number", names),
        ("flickr8kzhc.caption.txt", "zhc", "东西", names),
        ("flickr8kzhmtest.captions.txt", "zhm", "翻译", names[3:]),
    ):
        lines = [f"{n}.jpg#{language}#{c} {text} {c} ." for n in which for c in range(2)]
        write(folder / file, "\n".join([*lines, f"elsewhere.jpg.1#{language}#0 left out"]) + "\n")
    return folder


def multi30k(root: Path) -> Path:
    folder = root / "multi30k"
    for split, count in (("train", 3), ("val", 1), ("test_2016_flickr", 2)):
        for language in ("en", "de", "fr", "cs"):
            lines = [f"{language} sentence {n} of {split}" for n in range(count)]
            write(folder / f"{split}.{language}", "\n".join(lines) + "\n")
        names = [f"{split}{n}.jpg" for n in range(count)]
        write(folder / f"{split}.images.txt", "\n".join(names) + "\n")
    return folder


def tatoeba(root: Path, rows: tuple[tuple[str, str], ...] = (("Hi.", "嗨。"),)) -> Path:
    folder = root / "tatoeba"
    lines = [f"{english}\t{chinese}\tCC-BY, made up" for english, chinese in rows]
    write(folder / "cmn.txt", "\n".join(lines) + "\n\n")
    return folder


def nltk_data(root: Path) -> Path:
    folder = root / "nltk_data"
    write(folder / "corpora" / "stopwords" / "english", "a\nthe\nnot\n")
    write(folder / "corpora" / "stopwords" / "README", "made up")
    punkt = folder / "tokenizers" / "punkt_tab" / "english"
    write(punkt / "abbrev_types.txt", "dr\n")
    write(punkt / "collocations.tab", "")
    write(punkt / "sent_starters.txt", "")
    write(punkt / "ortho_context.tab", "")
    return folder
