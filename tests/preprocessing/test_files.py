"""What is no regular file is refused before a byte of it is read."""

import os
from pathlib import Path

import pytest

from mmbook.preprocessing.audio.checks import AudioError
from mmbook.preprocessing.audio.waveforms import read_audio
from mmbook.preprocessing.files import check_file
from mmbook.preprocessing.images.files import read_image
from mmbook.preprocessing.images.transforms import ImageError


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_pipes_devices_and_folders_are_refused(pipe: Path) -> None:
    for path in (pipe, Path("/dev/zero"), pipe.parent):
        with pytest.raises(ImageError, match=f"{path} is no regular file"):
            read_image(path)
        with pytest.raises(AudioError, match=f"{path} is no regular file"):
            read_audio(path, 8000)


def test_files_of_the_system_are_refused() -> None:
    path = Path("/proc/self/mem")
    with pytest.raises(ImageError, match=str(path)):
        read_image(path)
    with pytest.raises(AudioError, match=f"{path} is empty"):
        read_audio(path, 8000)


def test_files_links_and_what_is_missing_pass(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link", "missing"):
        assert check_file(tmp_path / name, ImageError) == tmp_path / name
