"""Every reference leads to what it names, where that has an address."""

import re

import pytest
from pybtex.database import Entry, parse_file

from tools.site.build import REPOSITORY

ENTRIES = parse_file(str(REPOSITORY / "references.bib")).entries
# Works without a DOI, an arXiv number or a page of the publisher's that could be confirmed.
WITHOUT = {
    "yuhas1989integration",
    "miller1955note",
    "bradski2000opencv",
    "atal1974effectiveness",
    "zipf1949human",
    "nesterov1983method",
}
FORMS = {
    "doi": r"10\.\d{4,}/\S+",
    "eprint": r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}",
    "url": r"https?://[^/]+\.[a-z]+.*",
}


def addresses(entry: Entry) -> list[str]:
    """Where an entry's own fields lead to."""
    fields = dict(entry.fields or {})
    found = [f"https://doi.org/{fields['doi']}"] if "doi" in fields else []
    found += [f"https://arxiv.org/abs/{fields['eprint']}"] if "eprint" in fields else []
    return found + ([fields["url"]] if "url" in fields else [])


def test_every_entry_has_an_address() -> None:
    assert {key for key, entry in ENTRIES.items() if not addresses(entry)} == WITHOUT


@pytest.mark.parametrize("kind", FORMS)
def test_addresses_are_well_formed(kind: str) -> None:
    values = [entry.fields[kind] for entry in ENTRIES.values() if kind in entry.fields]
    assert [value for value in values if not re.fullmatch(FORMS[kind], value)] == []


def test_every_reference_on_the_page_leads_there(site) -> None:
    page = (site / "chapters/appendix/references.html").read_text(encoding="utf-8")
    works = re.split(r'<div class="citation"', page)[1:]
    assert len(works) > 100
    links = [set(re.findall(r'href="(https?://[^"]+)"', work)) for work in works]
    assert sum(not found for found in links) <= len(WITHOUT)
    known = {address for entry in ENTRIES.values() for address in addresses(entry)}
    assert set().union(*links) - known == set()
