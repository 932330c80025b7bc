"""The inspection as its users run it: recordings of all kinds, and what comes out of it."""

import csv
import json
import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import torch

from mmbook.cli import inspect, progress
from mmbook.cli.inspection import long, page
from mmbook.cli.inspection.words import COLUMNS, columns_of
from mmbook.models import load_pretrained, save_pretrained
from mmbook.models.inspection import SpeechInspector, SpeechInspectorConfig
from mmbook.preprocessing.audio import streaming
from mmbook.preprocessing.audio.faults import FAULTS
from mmbook.preprocessing.audio.waveforms import read_audio
from tests.cli.inspection_fakes import SHORT, SILENT, Ear, clipped, voice, write

Captured = pytest.CaptureFixture[str]
ODD = ("<script>alert(1)<x>.wav", "录音 一.flac", "new\nline.wav", "\x1b[31m.wav", "a\"b'&amp;.wav")


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    """A model that the program takes for the one that ships."""
    ear = Ear()
    monkeypatch.setattr(inspect, "load_pretrained", lambda place: ear)
    return ear


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings, one of which is too loud in the middle."""
    folder = tmp_path_factory.mktemp("recordings")
    write(folder / "clean.wav", voice(1))
    write(folder / "loud.flac", clipped(2, 0.5, 1.0))
    return folder


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings with odd names."""
    folder = tmp_path_factory.mktemp("odd")
    for name in ODD:
        write(folder / name, voice(0.5))
    return folder


def run(*words: object) -> int:
    try:
        return inspect.main([str(word) for word in words])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1


def test_a_table_with_a_line_a_recording(ear: Ear, folder: Path, capsys: Captured) -> None:
    assert run(folder) == 1
    printed = capsys.readouterr()
    head, *lines = printed.out.splitlines()
    assert head.split() == ["recording", "length", "PESQ", "STOI", "SNR", "faults"]
    said = [line.split(maxsplit=6) for line in lines]
    good = ["3.46", "0.90", "20", "dB"]
    assert said[0] == [f"{folder}/clean.wav", "0:01.0", *good, "none found"]
    assert said[1] == [f"{folder}/loud.flac", "0:02.0", *good, "clipping 0:00.5-0:01.0"]
    assert printed.err == "" and len(lines) == 2


def test_columns_line_up_whatever_the_names_are(
    ear: Ear, odd: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(odd)
    assert run(".") == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and any("录音" in line for line in lines)
    assert {columns_of(line[: line.rindex("none found")]) for line in lines} == {
        columns_of(head[: head.rindex("faults")])
    }
    assert not any("\x1b" in line for line in lines)


def test_the_worst_two_of_many_spans_are_named(ear: Ear, tmp_path: Path, capsys: Captured) -> None:
    sound = voice(3)
    for start in (4000, 9000, 14_000, 19_000):
        sound[start : start + 300] = 0.95
    write(tmp_path / "x.wav", sound)
    assert run(tmp_path / "x.wav") == 1
    assert "clipping 0:00.5-0:00.6 0:01.1-0:01.2 and 2 more" in capsys.readouterr().out


def test_json_has_all_of_a_report_but_its_trace(ear: Ear, folder: Path, capsys: Captured) -> None:
    assert run(folder, "gone.wav", "--json") == 2
    clean, loud, gone = map(json.loads, capsys.readouterr().out.splitlines())
    assert clean["input"] == f"{folder}/clean.wav" and clean["found"] == clean["spans"] == []
    assert clean["pesq"] == 3.4568 and clean["quality"] == "fair" and "trace" not in clean
    assert loud["found"] == ["clipping"] and set(loud["faults"]) == set(FAULTS)
    (span,) = loud["spans"]
    assert span["start"] == pytest.approx(0.5, abs=0.02) and span["peak"] == 0.95
    assert gone == {"input": "gone.wav", "error": "there is no such file or folder"}


def test_csv_has_a_row_a_recording(
    ear: Ear, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    write("=1+1.wav", np.zeros(8000))
    assert run(folder, "=1+1.wav", 'no"ne,.wav', "--csv") == 2
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [row["found"] for row in rows] == ["", "clipping", "hum", ""]
    assert [row["pesq"] for row in rows] == ["3.4568", "3.4568", "", ""]
    assert rows[1]["clipping"] == "0.95" and rows[2]["notes"] == SILENT
    assert rows[2]["input"] == "./=1+1.wav" and rows[3]["input"] == 'no"ne,.wav'
    assert rows[3]["error"] == "there is no such file or folder"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["clean.wav"], 0),
        (["clean.wav", "loud.flac"], 1),
        (["loud.flac", "--fail-on", "hum"], 0),
        (["loud.flac", "--fail-on", "hum", "--fail-on", "clipping"], 1),
        (["loud.flac", "gone.wav"], 2),
        (["clean.wav", "gone.wav", "--fail-on", "hum"], 2),
    ],
)
def test_the_exit_status_is_for_scripts(
    words: list[str],
    status: int,
    ear: Ear,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    monkeypatch.chdir(folder)
    assert run(*words) == status
    assert (
        len(capsys.readouterr().out.splitlines())
        == len([word for word in words if word in ("clean.wav", "loud.flac")]) + 1
    )


def test_one_damaged_recording_does_not_stop_the_rest(
    ear: Ear, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    whole = (folder / "loud.flac").read_bytes()
    (tmp_path / "a cut.flac").write_bytes(whole[:-100])
    (tmp_path / "b empty.wav").touch()
    (tmp_path / "c text.wav").write_text("no sound")
    (tmp_path / "d link.wav").symlink_to("nowhere.wav")
    write(tmp_path / "e short.wav", voice(1)[:1])
    write(tmp_path / "f nan.wav", np.full(100, np.nan), subtype="FLOAT")
    write(tmp_path / "g slow.wav", voice(1, 2000), 2000)
    write(tmp_path / "h.mp3", voice(1), format="MP3")
    (tmp_path / "h.mp3").write_bytes((tmp_path / "h.mp3").read_bytes()[:-50])
    (tmp_path / "i.wav").write_bytes(whole)
    assert run(tmp_path) == 2
    printed = capsys.readouterr()
    assert [line.split()[0] for line in printed.out.splitlines()[1:]] == [f"{tmp_path}/i.wav"]
    lines = [line.removeprefix(f"error: {tmp_path}/") for line in printed.err.splitlines()]
    for line, said in zip(
        lines,
        [
            "a cut.flac: ",
            "b empty.wav: the file is empty (0 bytes)",
            "c text.wav: Format not recognised.",
            "d link.wav: it is a link to what is not there",
            f"e short.wav: {SHORT}",
            "f nan.wav: it holds samples that are NaN or infinite",
            "g slow.wav: a recording needs 4000 to 192000 samples a second, not 2000",
            "h.mp3: the file is damaged or cut short: no whole frame begins at byte",
        ],
        strict=True,
    ):
        assert line.startswith(said) and str(tmp_path) not in line


def test_recordings_of_all_kinds(ear: Ear, tmp_path: Path, capsys: Captured) -> None:
    write(tmp_path / "8 bit.wav", voice(1), subtype="PCM_U8")
    write(tmp_path / "float.wav", voice(1), subtype="FLOAT")
    write(tmp_path / "96 kHz.flac", voice(1, 96_000), 96_000)
    write(tmp_path / "five one.wav", np.stack([voice(1, 48_000)] * 6, axis=1), 48_000)
    write(tmp_path / "stereo.ogg", np.stack([voice(1, 44_100)] * 2, axis=1), 44_100)
    write(tmp_path / "x.mp3", voice(1, 16_000), 16_000, format="MP3")
    write(tmp_path / "x.aiff", voice(1, 11_025), 11_025)
    write(tmp_path / "x.au", voice(1, 6000), 6000)
    assert run(tmp_path, "--json") == 0
    printed = capsys.readouterr()
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert len(rows) == 8 and printed.err == ""
    assert all(row["seconds"] == pytest.approx(1, abs=0.2) for row in rows)
    notes = {Path(row["input"]).name: row["notes"] for row in rows}
    assert notes.pop("x.au") == ["sampled 6000 times a second: nothing above 3000 Hz can be heard"]
    assert not any(notes.values())


def test_a_note_is_said_on_stderr(ear: Ear, tmp_path: Path, capsys: Captured) -> None:
    write(tmp_path / "x.wav", np.zeros(8000))
    assert run(tmp_path) == 1
    printed = capsys.readouterr()
    assert printed.err == f"note: {tmp_path}/x.wav: {SILENT}\n"
    assert printed.out.splitlines()[1].split()[1:5] == ["0:01.0", "-", "-", "-"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a sound or a folder"),
        (["{folder}", "--json", "--csv"], "--json and --csv are two forms of the same"),
        (["{folder}", "--fail-on", "noises"], "--fail-on must be one of noise, crosstalk"),
        (["{folder}", "--html", "{folder}/clean.wav"], "does not end in .html"),
        (["{folder}", "--html", "/no/folder/x.html"], "there is no folder /no/folder"),
        (["{folder}", "--html", "{folder}/x.html/"], "x.html"),
        (["{folder}", "--loud"], "--loud"),
    ],
)
def test_a_wrong_command_is_said_in_a_line_before_any_work(
    words: list[str],
    said: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    (tmp_path / "x.html").mkdir()
    monkeypatch.setattr(inspect, "load_pretrained", None)
    words = [word.replace("{folder}/x", f"{tmp_path}/x").format(folder=folder) for word in words]
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and said in printed.err and len(printed.err.splitlines()) == 1


def test_a_missing_model_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(inspect, "MODEL", "no-such-model")
    assert run(folder) == 2
    assert "there is no folder 'no-such-model'" in capsys.readouterr().err


def test_a_folder_without_sounds_and_a_file_that_may_not_be_read(
    ear: Ear, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert run(tmp_path) == 2
    assert "the folder holds no file that ends in .aif, .aiff, .au" in capsys.readouterr().err

    def refused(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    assert run(folder / "clean.wav") == 2
    assert capsys.readouterr().err == f"error: {folder}/clean.wav: Permission denied\n"


def test_help_says_what_the_model_knows_and_what_not(capsys: Captured) -> None:
    assert run("--help") == 0
    said = " ".join(capsys.readouterr().out.split())
    for part in (*FAULTS, "telephones", "not on what people said", "Exit status: 0", "--fail-on"):
        assert part in said


def test_progress_is_a_line_now_and_then(
    ear: Ear, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0)
    assert run(folder) == 1
    assert "1 of 2 recordings are read" in capsys.readouterr().err


def test_a_long_recording_is_read_and_inspected_in_pieces(
    ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(long, "PIECE", 8000 * 128 // 125)  # 1.024 s
    monkeypatch.setattr(long, "SHORTEST", 4000)
    monkeypatch.setattr(streaming, "VALUES", 3000)
    write(tmp_path / "x.wav", clipped(4.2, 0.9, 2.3, 16_000), 16_000)
    assert run(tmp_path, "--json", "--html", tmp_path / "x.html") == 1
    assert ear.lengths == [8192, 8192, 8192, 33_600 - 3 * 8192]
    row = json.loads(capsys.readouterr().out)
    (span,) = row["spans"]
    assert row["seconds"] == 4.2 and row["pesq"] == 3.4568 and row["notes"] == []
    assert span["start"] == pytest.approx(0.9, abs=0.02)
    assert span["end"] == pytest.approx(2.3, abs=0.02)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_holds_everything_and_takes_no_name_for_markup(
    ear: Ear, folder: Path, odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [file.stat().st_size for place in (odd, folder) for file in sorted(place.iterdir())]
    monkeypatch.setattr(page, "HELD", sizes[5] - 1)
    place = tmp_path / "report.html"
    assert run(odd, folder, "<i>gone.wav", "--html", place) == 2
    text = place.read_text(encoding="utf-8")
    tags = Tags(text)
    assert not {"script", "x", "i", "link", "iframe"} & {tag for tag, _ in tags.tags}
    assert "on" not in {name[:2] for _, attributes in tags.tags for name in attributes}
    assert len(tags.of("img")) == 7 and len(tags.of("svg")) == 7 * len(FAULTS)
    assert all(i["alt"] and i["src"].startswith("data:image/png;base64,") for i in tags.of("img"))
    assert all(len(i["src"]) < 100_000 for i in tags.of("img"))
    assert "<script>alert(1)<x>.wav" in tags.text and "<i>gone.wav" in tags.text
    assert "录音 一.flac" in tags.text and "there is no such file or folder" in tags.text
    assert "1 with faults, 6 without, 1 that could not be inspected." in tags.text
    sounds = [sound["src"] for sound in tags.of("audio")]
    assert [sound.startswith("data:audio/") for sound in sounds] == [
        size < sizes[5] for size in sizes
    ]
    links = [str(link["href"]) for link in tags.of("a") if link["href"][0] != "#"]
    assert sounds[5] == links[5] and len(links) == 7
    for link in links:
        assert ":" not in link and (tmp_path / unquote(link)).is_file()
    anchors = {section["id"] for section in tags.of("section")}
    assert {link["href"][1:] for link in tags.of("a") if link["href"][0] == "#"} == anchors
    assert "http:" not in text and "https:" not in text


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    ear: Ear, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    place = tmp_path / "report.html"
    place.write_text("old")

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(page.Page, "_parts", full)
    assert run(folder, "--html", place) == 2
    printed = capsys.readouterr()
    assert "report.html: cannot be written: No space left on device" in printed.err
    assert len(printed.out.splitlines()) == 3
    assert place.read_text() == "old" and os.listdir(tmp_path) == ["report.html"]


def test_a_name_that_is_no_text_is_linked(ear: Ear, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff#?.wav")
    write(tmp_path / "x.wav", voice(0.5))
    (tmp_path / "x.wav").rename(tmp_path / name)
    assert run(tmp_path / name, "--html", tmp_path / "x.html", "--json") == 0
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert 'href="%FF%23%3F.wav"' in text and "\\udcff#?.wav" in text


def test_a_network_inspects_as_predict_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    torch.manual_seed(0)
    config = SpeechInspectorConfig()
    save_pretrained(tmp_path / "model", config, config.build())
    monkeypatch.setattr(inspect, "MODEL", tmp_path / "model")
    status = run(folder, "--json", "--html", tmp_path / "x.html")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    model: SpeechInspector = load_pretrained(tmp_path / "model")
    for row, name in zip(rows, ("clean.wav", "loud.flac"), strict=True):
        wanted = model.predict(read_audio(folder / name, 8000), 8000)
        assert row["faults"] == pytest.approx(dict(wanted.faults), abs=1e-4)
        assert row["found"] == list(wanted.found) and len(row["spans"]) == len(wanted.spans)
    assert status == int(any(row["found"] for row in rows))
