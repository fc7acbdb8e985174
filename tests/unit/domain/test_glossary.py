"""The glossary is the only bridge between the message's Norwegian and the code's English, so it has no gaps."""

from __future__ import annotations

from collections import Counter

import pytest

from ktt.domain.glossary import for_column, for_field, glossary
from ktt.domain.records import ALL_TYPES

ROWS = [pytest.param(term, id=f"{term.section}-{term.code}-{term.nb}") for term in glossary()]
UNIT_COLUMNS = {"unit.organisation", "unit.municipality", "unit.district"}
COLUMNS = {f"{kind.name}.{column.name}" for kind in ALL_TYPES.values() for column in kind.columns} | UNIT_COLUMNS
SHARED = {name.split(".")[1] for name in COLUMNS}


@pytest.mark.parametrize("term", ROWS)
def test_both_languages_are_filled(term):
    assert term.nb.strip() == term.nb != ""
    for sentence in (term.meaning.nb, term.meaning.en):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert term.meaning.nb != term.meaning.en


@pytest.mark.parametrize("term", [row for row in ROWS if row.values[0].section != "terms"])
def test_every_code_name_exists(term):
    known = {
        "records": set(ALL_TYPES),
        "columns": COLUMNS | SHARED,
        "places": COLUMNS | set(ALL_TYPES) | {row.code for row in glossary() if row.section == "terms"},
    }
    assert term.code in known[term.section]


@pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=ALL_TYPES)
def test_every_record_type_and_column_has_a_row(kind):
    assert kind.name in {term.code for term in glossary() if term.section == "records"}
    assert [column.name for column in kind.columns if for_column(kind.name, column.name) is None] == []


def test_a_column_prefers_its_own_row():
    assert for_column("care_service", "starts_on").nb == "startdato"
    assert for_column("pause", "service_id").code == "service_id"
    assert for_column("pause", "nothing") is None


def test_no_place_is_explained_twice():
    places = Counter(place for term in glossary() for place in term.fields)
    assert [place for place, count in places.items() if count > 1] == []
    assert for_field("vedtak[].tjenester[].tjenesteType").code == "service_type"
    assert for_field("nothing") is None


def test_no_code_has_two_rows_in_a_section():
    rows = Counter((term.section, term.code) for term in glossary() if term.section != "places")
    assert [row for row, count in rows.items() if count > 1] == []


def test_terms_and_code_names_are_english_and_ascii():
    assert all(term.code.isascii() for term in glossary())
