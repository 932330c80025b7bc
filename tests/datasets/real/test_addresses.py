"""The recorded addresses: fixed to a version, with digests, and each file once."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest

from mmbook.datasets.catalogue import real_sets
from mmbook.datasets.fetching.sources import Source

HOSTS = {
    "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "github.com",
    "ossci-datasets.s3.amazonaws.com",
    "raw.githubusercontent.com",
    "storage.googleapis.com",
}
ALL = [(entry.name, source) for entry in real_sets() for source in entry.sources]


def test_every_set_can_be_got() -> None:
    for entry in real_sets():
        assert entry.sources or entry.by_hand, f"nobody can get {entry.name}"
        for source in entry.sources:
            assert PurePosixPath(source.place).is_relative_to(PurePosixPath(entry.folder).parts[0])


@pytest.mark.parametrize("name, source", ALL, ids=[source.file for _, source in ALL])
def test_an_address_names_one_version(name: str, source: Source) -> None:
    for address in source.urls:
        parts = urlsplit(address)
        assert parts.hostname in HOSTS
        if parts.hostname in ("github.com", "raw.githubusercontent.com"):
            assert re.search(r"/[0-9a-f]{40}(/|\.zip$)", parts.path)
        assert parts.scheme == "https" or source.sha256, "without TLS a digest is needed"
    digests = [source.sha256, source.contents.sha256 if source.contents else None]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests if digest)
    for place in (source.file, source.place):
        assert not PurePosixPath(place).is_absolute() and ".." not in PurePosixPath(place).parts


def test_no_two_sources_share_a_file() -> None:
    files = [source.file for _, source in ALL]
    places = [source.place for _, source in ALL]
    assert len(set(files)) == len(files)
    assert len(set(places)) == len(places)


def test_only_two_parts_have_no_digest_of_what_is_read() -> None:
    without = {
        source.place
        for _, source in ALL
        if not (source.contents.sha256 if source.contents else source.sha256)
    }
    assert without == {"ESC-10", "nltk_data/tokenizers/punkt_tab"}
