"""From stored versions and events to the versions to write: a set operation, compared with a replay one by one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.registry.versions import build_versions
from support import effort

START = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
STORED = {
    "unit": pl.String,
    "id": pl.String,
    "version": pl.Int64,
    "fingerprint": pl.String,
    "known_from": pl.Datetime("us", "UTC"),
}
EVENTS = {
    "unit": pl.String,
    "id": pl.String,
    "position": pl.Int64,
    "fingerprint": pl.String,
    "known_from": pl.Datetime("us", "UTC"),
}


def minute(n):
    return START + dt.timedelta(minutes=n)


@pytest.mark.parametrize(
    ("stored", "events", "new", "ended"),
    [
        pytest.param([], [("a", 1, "x")], [("a", 1, 1, None)], [], id="a new record is version 1"),
        pytest.param([("a", 4, "x")], [("a", 1, "x")], [], [], id="the same again is no version"),
        pytest.param(
            [("a", 4, "x")], [("a", 1, "y")], [("a", 1, 5, None)], [("a", 1)], id="a change follows the held one"
        ),
        pytest.param([("a", 1, "x")], [("a", 1, None)], [("a", 1, 2, None)], [("a", 1)], id="a deletion is a version"),
        pytest.param([], [("a", 1, None)], [], [], id="deleting what was never stored is nothing"),
        pytest.param([("a", 2, None)], [("a", 1, None)], [], [], id="deleting twice is once"),
        pytest.param(
            [("a", 2, None)], [("a", 1, "x")], [("a", 1, 3, None)], [("a", 1)], id="what comes back counts on"
        ),
        pytest.param(
            [],
            [("a", 1, "x"), ("a", 2, "x"), ("a", 3, "y"), ("a", 4, "x")],
            [("a", 1, 1, 3), ("a", 3, 2, 4), ("a", 4, 3, None)],
            [],
            id="several messages at once, each its own version",
        ),
        pytest.param(
            [], [("a", 1, None), ("a", 1, "x")], [("a", 1, 1, None)], [], id="the last event of a message counts"
        ),
        pytest.param([("b", 1, "x")], [("a", 1, "x")], [("a", 1, 1, None)], [], id="records do not mix"),
    ],
)
def test_what_becomes_a_version(stored, events, new, ended):
    versions = build_versions(
        pl.DataFrame([("U", i, v, f, START) for i, v, f in stored], schema=STORED, orient="row"),
        pl.DataFrame([("U", i, p, f, minute(p)) for i, p, f in events], schema=EVENTS, orient="row"),
        "id",
    )
    expected = [(i, p, v, minute(p), to and minute(to)) for i, p, v, to in new]
    assert versions.new.select("id", "position", "version", "known_from", "known_to").rows() == expected
    assert versions.ended.select("id", "known_to").rows() == [(i, minute(to)) for i, to in ended]


def test_two_units_may_use_the_same_id():
    events = pl.DataFrame([("U", "a", 1, "x", minute(1)), ("V", "a", 2, "x", minute(2))], schema=EVENTS, orient="row")
    assert build_versions(pl.DataFrame(schema=STORED), events, "id").new["version"].to_list() == [1, 1]


def test_a_clock_that_was_put_back_does_not_turn_time():
    stored = pl.DataFrame([("U", "a", 1, "x", minute(60))], schema=STORED, orient="row")
    events = pl.DataFrame([("U", "a", 1, "y", minute(1)), ("U", "a", 2, "z", minute(90))], schema=EVENTS, orient="row")
    new = build_versions(stored, events, "id").new
    assert new.select("known_from", "known_to").rows() == [(minute(60), minute(90)), (minute(90), None)]


@dataclass
class One:
    version: int
    state: str | None
    position: int


def replay(events):
    """One by one: the latest of each record, and every version there was."""
    latest: dict[tuple[str, str], One] = {}
    every = []
    for unit, name, position, state in events:
        last = latest.get((unit, name), One(0, None, 0))
        if state != last.state:
            latest[unit, name] = One(last.version + 1, state, position)
            every.append((unit, name, last.version + 1, state, position))
    return latest, sorted(every)


names, states = st.sampled_from("abc"), st.sampled_from(["x", "y", None])
messages = st.lists(
    st.tuples(st.sampled_from("UV"), st.dictionaries(names, states, min_size=1)), min_size=1, max_size=12
)


@settings(max_examples=effort.VERSIONS)
@given(messages=messages, cut=st.integers(0, 12))
def test_a_set_operation_makes_the_versions_of_a_replay(messages, cut):
    events = [(u, name, p, state) for p, (u, stated) in enumerate(messages, 1) for name, state in stated.items()]
    before, after = ([s for s in events if s[2] <= cut], [s for s in events if s[2] > cut])
    latest, first = replay(before)
    stored = [(u, i, one.version, one.state, minute(one.position)) for (u, i), one in latest.items()]
    new = build_versions(
        pl.DataFrame(stored, schema=STORED, orient="row"),
        pl.DataFrame([(u, i, p, f, minute(p)) for u, i, p, f in after], schema=EVENTS, orient="row"),
        "id",
    ).new
    together = first + new.select("unit", "id", "version", "fingerprint", "position").rows()
    assert sorted(together, key=lambda row: row[:3]) == sorted(replay(events)[1], key=lambda row: row[:3])
