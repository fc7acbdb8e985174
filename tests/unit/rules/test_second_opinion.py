"""Two implementations, one verdict: the catalogue over frames, and plain Python row by row, on data nobody thought of."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ktt.domain.records import ALL_TYPES
from ktt.domain.schema import Column, RecordType
from ktt.domain.unit import ReportingUnit
from ktt.rules.catalogue import catalogue, find
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from support import effort, naive_pairs
from support.naive_rules import NAIVE, World, broken

assert naive_pairs  # its rules are in NAIVE once it is imported

TODAY = dt.date(2028, 2, 29)  # a day that does not exist a year before
UNIT = ReportingUnit("312000008", "1114")
RULES = [find(rule_id) for rule_id in sorted(NAIVE)]

_EDGES = [
    dt.date(1899, 12, 31), dt.date(1941, 4, 8), dt.date(2004, 12, 31), dt.date(2005, 1, 1), dt.date(2016, 12, 31),
    dt.date(2017, 1, 1), dt.date(2018, 12, 31), dt.date(2019, 1, 1), dt.date(2024, 2, 29), dt.date(2027, 2, 28),
    dt.date(2027, 3, 1), dt.date(2027, 12, 1), dt.date(2027, 12, 31), dt.date(2028, 2, 28), TODAY, dt.date(2028, 3, 1),
    dt.date(2028, 12, 31), dt.date(2029, 1, 1),
]  # fmt: skip
_MIDNIGHT = dt.datetime(2028, 2, 27, 22, 59, 59, tzinfo=dt.UTC)  # one second before a Norwegian day ends
_POOLS: dict[str, list[object]] = {
    "local_person_id": ["P-1", "P-2", "P-08844110015", "202600000031"],
    "decision_id": ["V-1", "V-2", "V-3"],
    "original_decision_id": ["V-1", "V-2", None],
    "service_id": ["T-1", "T-2", "T-3"],
    "circumstances_id": ["O-1", "O-2"],
    "assessment_id": ["F-1", "F-2"],
    "pause_id": ["S-1", "S-2"],
    "person_number": [
        "08844110015", "23915820158", "15881456181", "08844110016", "55838703266", "02013299997", "202300004711",
        "102300004711", "81234567802", "12345", None,
    ],
    "person_number_kind": [None],
    "service_type": ["1", "2", "6", "8", "12", "15", "21", "29", "10", None],
    "decision_number": [0, 1, 2, None],
    "outcome": ["1", "2", "3", None],
    "variable": ["1", "13", "14", "19", None],
    "score": ["1", "3", "7", "9", None],
    "provider": ["312000113", "312000114", "974760673", "31200011A", "", None],
    "code_system": ["ICPC-2", "ICD-10", None],
    "code": ["P70", "G35", "F00.9", "p70", "P70\n", None],
    "doctor_assessed_in": ["2027-02", "2027-03", "2028-03", "2026-12", "2025-13", "11-2025", "2027-1", None],
    "home_municipality": ["0301", "1601", "5001", "301", "9999", None],
}  # fmt: skip
_KINDS: dict[str, list[object]] = {
    "day": [*_EDGES, None],
    "instant": [_MIDNIGHT, _MIDNIGHT + dt.timedelta(seconds=1), None],
    "hours": [Decimal("0.00"), Decimal("0.01"), Decimal("168.00"), Decimal("168.01"), Decimal("-1.00"), None],
    "code": ["1", "2", "3", "4", "7", "9", "99", None],
}
_KEYS = ("local_person_id", "decision_id", "service_id", "circumstances_id", "assessment_id", "pause_id")


def _pool(kind: RecordType, column: Column) -> list[object]:
    pool = _POOLS.get(column.name) or _KINDS.get(column.kind) or [None]
    return [*pool, None] if (kind.name, column.name) == ("care_service", "decision_id") else pool


def _row(kind: RecordType, number: int) -> dict[str, object]:
    """One row of the many that the pools make, by its number: one draw a row keeps Hypothesis quick."""
    row = {}
    for column in kind.columns:
        pool = _pool(kind, column)
        number, place = divmod(number, len(pool))
        row[column.name] = pool[place]
    return row


def _rows(kind: RecordType) -> st.SearchStrategy[list[dict[str, object]]]:
    most = math.prod(len(_pool(kind, column)) for column in kind.columns) - 1
    return st.lists(st.integers(0, most).map(lambda number: _row(kind, number)), max_size=12)


_WORLDS = st.fixed_dictionaries({name: _rows(kind) for name, kind in ALL_TYPES.items() if not kind.source_only})


def _frames(rows: dict[str, list[dict[str, object]]]) -> dict[str, pl.DataFrame]:
    return {name: pl.DataFrame(found, schema=ALL_TYPES[name].schema) for name, found in rows.items()}


def test_a_third_of_the_rules_have_a_second_opinion():
    assert len(NAIVE) >= max(64, len(catalogue()) / 3)
    assert {NAIVE[rule.id][0] for rule in RULES} >= {name for name, kind in ALL_TYPES.items() if not kind.source_only}


@settings(
    max_examples=effort.SECOND_OPINIONS,
    phases=[Phase.generate],  # to shrink a world of a hundred rows takes minutes, and the rule's id says enough
)
@given(rows=_WORLDS)
def test_the_two_opinions_agree(rows):
    found = validate_records(_frames(rows), RULES, ValidationScope(UNIT, TODAY, other_records={}))
    by_rule = {rule.id: found.filter(pl.col("rule") == rule.id)["row"].to_list() for rule in RULES}
    world = World(rows, TODAY)
    for rule in RULES:
        assert by_rule[rule.id] == broken(world, rule.id), rule.id


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_second_opinion_also_agrees_with_the_published_example(rule):
    from ktt.rules.examples import parse

    example = parse(rule.examples, rule.on)
    world = World({name: frame.to_dicts() for name, frame in example.records.items()}, dt.date(2026, 3, 2))
    assert broken(world, rule.id) == [place for place, breaks in enumerate(example.breaks) if breaks]
