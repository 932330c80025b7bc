"""What can be fetched of a real data set, and how to tell that it arrived whole."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contents:
    """What an archive holds, once it is unpacked.

    path: where it is put, relative to the folder of real data: a folder for a .zip, a file for a
    .gz. inside: the folder of the .zip that is taken. pattern: which files of it, as in `fnmatch`.
    files: how many they are. size: their bytes in all. sha256: of a file its digest; of a folder
    the digest of the lines that `sha256sum` prints for its files, sorted by name in bytes.
    What is None was not published and is not checked.
    """

    path: str
    size: int | None = None
    sha256: str | None = None
    files: int | None = None
    inside: str = ""
    pattern: str = "*"


@dataclass(frozen=True)
class Source:
    """One file of a data set at its publisher's.

    urls: its addresses, the first one that answers is used. file: where it is put, relative to the
    folder of real data, and its name on a mirror. size: in bytes. sha256: in hexadecimal.
    What is None was not published and is not checked.
    contents: the file is an archive, which is unpacked and then removed.
    """

    urls: tuple[str, ...]
    file: str
    size: int | None = None
    sha256: str | None = None
    contents: Contents | None = None

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError(f"{self.file} needs at least one address")
        if self.contents and not self.file.endswith((".gz", ".zip")):
            raise ValueError(f"{self.file} must be a .gz or a .zip to be unpacked")

    @property
    def place(self) -> str:
        """Where its data lies, relative to the folder of real data."""
        return self.contents.path if self.contents else self.file
