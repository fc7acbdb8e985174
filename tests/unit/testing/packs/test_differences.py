"""What was read against what was written: each difference by type and column, with how many rows."""

from __future__ import annotations

import polars as pl
import pytest

from ktt.domain.records import ALL_TYPES
from ktt.testing.packs.check.differences import Difference, differences


def frames(name, rows):
    kind = ALL_TYPES[name]
    return {
        name: kind.conform(pl.DataFrame(rows, schema_overrides={n: t for n, t in kind.schema.items() if n in rows[0]}))
    }


def found(name, written, read, columns=None):
    carried = frozenset(columns or ALL_TYPES[name].schema)
    return list(differences(frames(name, written), frames(name, read), {name: carried}))


ONE = {"decision_id": "a", "case_id": "1", "original_decision_id": None}
TWO = {"decision_id": "b", "case_id": "2", "original_decision_id": None}
LINE = {"decision_id": "a", "service_id": "s", "outcome": "1"}


def test_the_same_in_another_order_is_no_difference():
    assert found("decision", [ONE, TWO], [TWO, ONE]) == []


@pytest.mark.parametrize("other", [None, "9"])
def test_another_value_is_told_with_its_column(other):
    assert found("decision", [ONE, TWO], [ONE, TWO | {"case_id": other}]) == [Difference("decision", "case_id", 1, 2)]


def test_a_value_where_there_was_none_is_a_difference():
    (one,) = found("decision", [ONE], [ONE | {"original_decision_id": "x"}])
    assert one.column == "original_decision_id"


def test_a_column_that_is_not_carried_does_not_count():
    assert found("decision", [ONE], [ONE | {"case_id": None}], {"decision_id", "original_decision_id"}) == []


@pytest.mark.parametrize(("written", "read"), [([ONE, TWO], [ONE]), ([ONE], [ONE, TWO])])
def test_rows_that_are_gone_or_come_from_nowhere_are_told(written, read):
    assert found("decision", written, read) == [Difference("decision", "", 1, len(written))]


def test_parts_are_told_apart_inside_their_record():
    other = LINE | {"decision_id": "b"}
    assert found("decision_line", [LINE, other], [LINE, other | {"outcome": "2"}]) == [
        Difference("decision_line", "outcome", 1, 2)
    ]


def test_parts_that_are_alike_are_compared_in_an_order_of_their_own():
    same = LINE | {"outcome": "2"}
    assert found("decision_line", [LINE, same], [same, LINE]) == []
    assert found("decision_line", [LINE, same], [LINE]) == [Difference("decision_line", "", 1, 2)]


def test_a_row_that_comes_twice_is_told():
    assert found("decision_line", [LINE], [LINE, LINE]) == [Difference("decision_line", "", 1, 1)]
