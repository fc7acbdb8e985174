"""Present against expected: new, changed, gone; and a held record is none of them."""

import datetime as dt

import polars as pl
import pytest

from ktt.sender.delta.compare import compare

SCHEMA = {"local_id": pl.String, "fingerprint": pl.String}
DAY = dt.date(2020, 1, 1)

# present | expected | held | absence proved | new, changed, gone, unchanged
CASES = [
    ("a1 b1", "", "", True, ("a b", "", "", 0)),
    ("a1 b1", "a1 b1", "", True, ("", "", "", 2)),
    ("a2 b1", "a1 b1", "", True, ("", "a", "", 1)),
    ("b1", "a1 b1", "", True, ("", "", "a", 1)),
    ("", "a1 b1", "", True, ("", "", "a b", 0)),
    ("", "", "", True, ("", "", "", 0)),
    ("b1", "a1 b1", "a", True, ("", "", "", 1)),  # held: present, so not gone
    ("a2 b1", "a1 b1", "a", True, ("", "", "", 1)),  # held: not changed either
    ("a1 b1", "b1", "a", True, ("", "", "", 1)),  # nor new
    ("a1 c1", "a1 b1", "", False, ("c", "", "", 1)),  # without proof, absence means nothing
    ("a1 c1", "a2 b1", "z", True, ("c", "a", "b", 0)),
    ("a1 b1", "b1 a1", "", True, ("", "", "", 2)),
    ("a1 b2", "a2 b1", "", True, ("", "a b", "", 0)),  # fingerprints that swap places
]


def described(words):
    pairs = [(word[0], word[1]) for word in words.split()]
    return pl.DataFrame(pairs, schema=SCHEMA, orient="row")


@pytest.mark.parametrize(("present", "expected", "held", "proved", "wanted"), CASES)
def test_the_difference(present, expected, held, proved, wanted):
    found = compare(
        described(present).with_columns(own_date=pl.lit(DAY)),
        described(expected),
        pl.Series(held.split(), dtype=pl.String),
        absence_proved=proved,
    )
    ids = [" ".join(sorted(series)) for series in (found.new["local_id"], found.changed["local_id"], found.gone)]
    assert (*ids, found.unchanged_count) == wanted
    assert found.expected_count == len(expected.split())
    assert found.is_empty == (wanted[:3] == ("", "", ""))
    assert found.new.columns == ["local_id", "fingerprint", "own_date"]


def test_changes_without_held_records_are_those_of_a_comparison_that_holds_them():
    present, expected = described("a1 b2 c3 d4").with_columns(own_date=pl.lit(DAY)), described("b9 c3 d4 e5")
    held = pl.Series(["a", "b", "c"])
    left = present.filter(~pl.col("local_id").is_in(held.implode()))
    wanted, found = compare(left, expected, held), compare(present, expected).without(held)
    assert (found.new.rows(), found.changed.rows(), found.gone.to_list()) == ([], [], ["e"])
    assert (wanted.new.rows(), wanted.changed.rows(), wanted.gone.to_list()) == ([], [], ["e"])
    assert (found.unchanged_count, found.expected_count) == (wanted.unchanged_count, wanted.expected_count) == (1, 4)
