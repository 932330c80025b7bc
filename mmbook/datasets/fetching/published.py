"""How real sets are published: files at a commit, files packed one by one, archives.

Digests in the tables that these functions read are the publishers' own where they published any;
otherwise those of TensorFlow Datasets (MNIST, Fashion-MNIST), or taken of the files of the commit
that the address names. GitHub makes archives of a commit anew, so what is recorded of those is
what they hold. Nothing is recorded of a set that its publisher offers in no form that the loaders
read.
"""

from mmbook.datasets.fetching.sources import Contents, Source


def raw(repository: str, commit: str) -> str:
    """The address of a repository's files at a commit."""
    return f"https://raw.githubusercontent.com/{repository}/{commit}"


def archive(repository: str, commit: str) -> tuple[str, ...]:
    """The address of a zip archive of a repository at a commit."""
    return (f"https://github.com/{repository}/archive/{commit}.zip",)


def packed(table: str, folder: str, *bases: str) -> tuple[Source, ...]:
    """Files that are published as .gz below each of the bases."""
    cells = iter(table.split())
    return tuple(
        Source(
            urls=tuple(f"{base}/{name}.gz" for base in bases),
            file=f"{folder}/{name}.gz",
            size=int(size),
            sha256=sha256,
            contents=Contents(f"{folder}/{name}", int(plain_size), plain_sha256),
        )
        for name, size, sha256, plain_size, plain_sha256 in zip(*[cells] * 5, strict=True)
    )


def plain(table: str, base: str, file: str) -> tuple[Source, ...]:
    """Files as they are; `base` and `file` have a {} for the name."""
    cells = iter(table.split())
    return tuple(
        Source((base.format(name),), file.format(name), int(size), sha256)
        for name, size, sha256 in zip(*[cells] * 3, strict=True)
    )
