"""Real data sets on disk, in their publishers' own layout."""

from dataclasses import dataclass
from pathlib import Path

from mmbook.paths import real_data_folder


class DataMissingError(FileNotFoundError):
    """A real data set is not on this machine; the message says how to get it."""


class DataDamagedError(ValueError):
    """A file of a data set is not what its publisher released."""


@dataclass(frozen=True)
class RealSet:
    """A public data set that does not ship with the book.

    folder: where it lies under the folder of real data. command: what fetches it, run there.
    """

    name: str
    folder: str
    size: str
    licence: str
    command: str

    def locate(self) -> Path:
        """The set's folder. Raises DataMissingError where there is none."""
        root = real_data_folder()
        folder = root / self.folder
        if folder.is_dir():
            return folder
        raise DataMissingError(
            f"{self.name} ({self.size}, {self.licence}) was looked for in {folder} and is not "
            f'there. Fetch it with\n    mkdir -p "{root}" && cd "{root}" && {self.command}\n'
            f"or set the environment variable MMBOOK_DATA to the folder that holds {self.folder}."
        )


MNIST = RealSet(
    name="MNIST",
    folder="MNIST/raw",
    size="12 MB to download, 55 MB unpacked",
    licence="CC BY-SA 3.0",
    command="python -c \"import torchvision; torchvision.datasets.MNIST('.', download=True)\"",
)
FASHION_MNIST = RealSet(
    name="Fashion-MNIST",
    folder="FashionMNIST/raw",
    size="31 MB to download, 55 MB unpacked",
    licence="MIT",
    command=(
        "python -c \"import torchvision; torchvision.datasets.FashionMNIST('.', download=True)\""
    ),
)
SPOKEN_DIGITS = RealSet(
    name="Free Spoken Digit Dataset",
    folder="free-spoken-digit-dataset/recordings",
    size="27 MB",
    licence="CC BY-SA 4.0",
    command="git clone --depth 1 https://github.com/Jakobovski/free-spoken-digit-dataset",
)
