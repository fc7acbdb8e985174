"""The canonical JSON that is stored and hashed: compared with the standard library's, and frozen by known values."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from ktt.registry.canonical_json import json_lists, json_object, keyed_hash

SCHEMA = {
    "service_id": pl.String(),
    "hours": pl.Decimal(7, 2),
    "number": pl.Int64(),
    "starts_on": pl.Date(),
}


def written(**row):
    frame = pl.DataFrame([row], schema=SCHEMA)
    return frame.select(json_object(SCHEMA)).to_series()[0]


def test_fields_are_sorted_and_empty_ones_left_out():
    assert written(service_id="T-1", hours=Decimal("35.5"), number=2, starts_on=dt.date(2026, 1, 5)) == (
        '{"hours":"35.50","number":2,"service_id":"T-1","starts_on":"2026-01-05"}'
    )
    assert written(number=7) == '{"number":7}'
    assert written() == "{}"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ('say "no"', 'say \\"no\\"'),
        ("a\\b", "a\\\\b"),
        ('\\"', '\\\\\\"'),
        ("\n\t\0\x1f", "\\u000a\\u0009\\u0000\\u001f"),
        ("æøå 😀 \u2028", "æøå 😀 \u2028"),
        ("", ""),
    ],
)
def test_text_is_escaped(text, escaped):
    assert written(service_id=text) == '{"service_id":"' + escaped + '"}'
    assert json.loads(written(service_id=text)) == {"service_id": text}


def test_parts_are_listed_by_parent_in_their_order():
    parts = pl.DataFrame({"batch": [1, 2, 1], "id": ["a", "a", "a"], "n": [2, 9, 1]})
    lists = json_lists(parts, ("batch", "id"), "part", json_object({"n": pl.Int64()})).sort("batch")
    assert lists.rows() == [(1, "a", '[{"n":2},{"n":1}]'), (2, "a", '[{"n":9}]')]


def test_the_hash_is_blake3_over_secret_and_text():
    text, digest = keyed_hash("ab", pl.col("x"), "hash")
    frame = pl.DataFrame({"x": ["c", "d"]}).with_columns(text).with_columns(digest)
    assert frame["hash"][0] == "6437b3ac38465133ffb63b75273a8db5"  # BLAKE3 of "abc", the first 128 bits
    assert frame["hash"].n_unique() == 2
