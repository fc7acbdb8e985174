"""Two readers, one verdict: columns on expat, and a plain loop on ElementTree, on messages nobody thought of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.iplos_3_7.layout import layout
from ktt.testing.synthetic import annual_message
from ktt.testing.synthetic.annual_message import GONE, Element
from support import effort
from support.annual_messages import as_pairs, second_opinion, validate, written

_DAYS = [
    "20250101",
    "20251231",
    "20250229",
    "20240229",
    "20041231",
    "20050101",
    "20260101",
    "99991231",
    "18991231",
    "2025-01-01",
    "",
]
_VALUES = {
    "date": _DAYS,
    "month": ["202512", "202601", "200412", "200501", "2025", "", "202513"],
    "integer": ["1", "0", "-1", "+1", "12345678901", "x", "", " 1", "9" * 20],
    "decimal": ["3.50", "0.00", "168", "168.01", "1234.5", "12.345", "3,5", "", ".5"],
    "code": ["1", "2", "3", "9", "0", "13", "14", "12", "15", "29", "M", "P70", "G35.1", "", "X1"],
    "text": ["", "P", "1114", "0301", "1601", "00", "03", "77", "312000113", "312000114", "ICPC-2", "ICD-10", "x" * 16],
}  # fmt: skip


@st.composite
def _record(draw, element, person):
    described = layout().by_name[element]
    cells = {}
    for one in described.fields:
        if draw(st.integers(0, 3)):
            cells[one.name] = draw(st.sampled_from(_VALUES[one.type]))
    if described.key and draw(st.integers(0, 5)):
        cells[described.key[0]] = person
    return Element(element, {name: value for name, value in cells.items() if value != GONE})


@st.composite
def _persons(draw):
    found = []
    for number in range(1, draw(st.integers(3, 12)) + 1):
        person = draw(_record("PERSON", str(number)))
        for element in ("PERSONOPPL", "FUNKSJON", "TJENESTE", "DIAGNOSE", "DOGNTILBUD"):
            person.inside += [draw(_record(element, str(number))) for _ in range(draw(st.integers(0, 2)))]
        found.append(person)
    return found


_rules: set[str] = set()


@settings(max_examples=effort.ANNUAL_OPINIONS)
@given(_persons(), _record("INNHINFO", "").map(lambda head: head.fields))
def _try_many(persons, head):
    data = written(persons, 2025, head)
    findings, validation = validate(data)
    opinion = second_opinion(data)
    assert as_pairs(findings) == opinion.found
    assert validation.counts.read == opinion.records
    _rules.update(findings["rule"])


def test_they_agree_on_any_records():
    _rules.clear()
    _try_many()
    assert len(_rules) > 120


@pytest.mark.parametrize("size", [700, 40_000, 8_000_000])
def test_they_agree_on_synthetic_people_and_planted_faults_in_blocks_of_any_size(size):
    bad, _ = annual_message.faulty()
    data = written([*annual_message.people(40, 2025), *bad, *annual_message.people(3, 2025, "2")])
    findings, validation = validate(data, size=size)
    opinion = second_opinion(data)
    assert as_pairs(findings) == opinion.found
    assert validation.counts.read == opinion.records
