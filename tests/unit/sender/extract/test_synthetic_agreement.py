"""The synthetic record system, read by two roads that share nothing but the hash: this room's, and its answer key."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from ktt.domain.content import content_hash
from ktt.domain.records import RECIPIENT, ROOTS, Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.sources.sql import open_source
from ktt.testing.synthetic.create import write_epj

DAY = dt.date(2026, 3, 2)


def nested(records: Records, root: RecordType) -> Iterator[dict[str, object]]:
    parts = {part.name: list(records[part.name].iter_rows(named=True)) for part in root.parts}
    by_id: dict[str, dict[str, list[object]]] = {}
    for name, rows in parts.items():
        for row in rows:
            by_id.setdefault(row.pop(root.key), {}).setdefault(name, []).append(row)
    for row in records[root.name].iter_rows(named=True):
        yield row | by_id.get(row[root.key], {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "epj"
    write_epj(folder, recipients=40, municipality="1114", start=dt.date(2017, 1, 1), seed=7, until=DAY)
    return folder


def test_both_roads_tell_the_same(folder):
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    unit = ReportingUnit(**answers["unit"])
    extract = open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml").read(unit, DAY, "sandbox")
    assert extract.complete
    for root in ROOTS:
        assert extract.records[root.name].height == answers["counts"][root.name]
        assert content_hash(nested(extract.records, root)) == answers["content"][root.name], root.name
        assert extract.excluded.get(root.name, {}) == answers["excluded"].get(root.name, {})
    assert extract.records[RECIPIENT.name].height == answers["counts"][RECIPIENT.name]
