"""The answer key agrees with what the sender's extract reads through the mapping, also after some days."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.domain.content import content_hash
from ktt.domain.records import RECIPIENT, ROOTS, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.sources.sql import open_source
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from support.synthetic_municipality import OPENING, TODAY


def _rows(records, root):
    parts = {part.name: {} for part in root.parts if not part.source_only}
    for name, inside in parts.items():
        for row in records[name].iter_rows(named=True):
            inside.setdefault(row.pop(root.key), []).append(row)
    for row in frame_of(records, root).iter_rows(named=True):
        yield row | {name: inside.get(row[root.key], []) for name, inside in parts.items()}


@pytest.mark.parametrize(("municipality", "days"), [("1114", 5), ("4601", 2)])
def test_sources_read_what_the_answers_say(tmp_path, municipality, days):
    write_epj(tmp_path / "e", recipients=40, municipality=municipality, start=OPENING, seed=1, until=TODAY)
    answers = advance_day(tmp_path / "e", days=days)
    source = open_source(f"sqlite:///{tmp_path / 'e' / 'epj.sqlite'}", tmp_path / "e" / "mapping.toml")
    unit = ReportingUnit(answers["unit"]["organisation"], municipality)
    extract = source.read(unit, dt.date.fromisoformat(answers["as_of"]), "sandbox")
    assert extract.complete
    assert set(extract.findings["fields"].list.first()) <= {"person_number"}  # those without any number
    found = {root.name: list(_rows(extract.records, root)) for root in (RECIPIENT, *ROOTS)}
    assert {name: len(rows) for name, rows in found.items()} == answers["counts"]
    assert {name: content_hash(rows) for name, rows in found.items()} == answers["content"]
