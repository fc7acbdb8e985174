"""The schemas read by three independent validators: on mutated messages all say the same, and in the same places."""

from __future__ import annotations

import datetime as dt
import json
from copy import deepcopy
from decimal import Decimal

import jsonschema
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages import hundredths
from ktt.messages.register import pack
from support import effort
from support.ajv_validator import running_ajv
from support.fault_places import places_of
from support.messages_records import in_order

VERSIONS = {version.message_type: version for version in pack("ktt_v1")}
_ODD = st.sampled_from(
    [
        None, True, False, 0, -1, 1, 2, 9, 15, 99, 0.5, 0.25, 0.125, 0.07, 0.14, 0.29, 37.35, 168, 168.01, 1.0, 15.0, 312000008, 99999999999, "", "1",
        "15", "01", "2026-01-12", "2026-02-30", "2024-02-29", "0001-01-01", "20260112", "2026-01", "2026-13",
        "2026-01-20T12:00:00Z", "2026-01-20T12:00:00+01:00", "2026-01-20T12:00:00", "2026-01-20 12:00:00Z",
        "2026-01-20T24:00:00Z", "2026-01-20T23:59:60Z", "a|b", "a\u0085b", "ø" * 100, "ø" * 101, "ICD-10", "x\n", [], {}, [1],
    ]
)  # fmt: skip
_EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["put", "take", "add", "twice"]), _ODD), max_size=3)


def exact(text):
    """JSON with decimal numbers, and 15.0 the integer that JSON Schema says it is."""
    return json.loads(text, parse_float=_number)


def _number(digits):
    number = Decimal(digits)
    return int(number) if number == number.to_integral_value() else number


def _day(value):
    return not isinstance(value, str) or (len(value) == 10 and bool(dt.date.fromisoformat(value)))


def _instant(value):
    """RFC 3339: with a T and an offset."""
    if not isinstance(value, str):
        return True
    return value[10:11] == "T" and dt.datetime.fromisoformat(value).tzinfo is not None


def _formats():
    """jsonschema leaves days and instants to others; these two are by the standard library."""
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("date", raises=ValueError)(_day)
    checker.checks("date-time", raises=ValueError)(_instant)
    return checker


FORMATS = _formats()
SECOND = {
    name: jsonschema.Draft202012Validator(exact(version.schema), format_checker=FORMATS)
    for name, version in VERSIONS.items()
}
NORMAL = {
    name: [json.loads(text) for example, text in version.examples().items() if example[0] == "N"]
    for name, version in VERSIONS.items()
}


def places(value, path=()):
    """Every place in a value, the outermost first."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from places(inner, (*path, step))


def changed(message, edits):
    """The message with some places taken out, doubled, or given something odd."""
    message = deepcopy(message)
    for number, how, odd in edits:
        inner = [path for path in places(message) if path]
        if not inner:
            break
        *outer, last = inner[number % len(inner)]
        holder = message
        for step in outer:
            holder = holder[step]
        change(holder, last, how, deepcopy(odd))
    return message


def change(holder, last, how, odd):
    if how == "take":
        del holder[last]
    elif how == "add" and isinstance(holder, dict):
        holder[f"x{last}"] = odd
    elif how == "twice" and isinstance(holder, list):
        holder.append(deepcopy(holder[last]))
    else:
        holder[last] = odd


def mine(version, text):
    """Of the schema: hours in thousandths are found beside it."""
    return {fault.pointer for fault in version.check(text, at_most=10_000) if fault.keyword != hundredths.KEYWORD}


def theirs(name, text):
    return {place for error in SECOND[name].iter_errors(exact(text)) for place in places_of(error)}


@pytest.fixture(scope="module")
def ajv():
    with running_ajv({name: json.loads(version.schema) for name, version in VERSIONS.items()}) as validator:
        yield validator


@pytest.mark.parametrize("name", VERSIONS)
@settings(max_examples=effort.THREE_VALIDATORS, derandomize=False)  # other messages in each run, also in CI
@given(data=st.data())
def test_all_three_find_the_same_places(name, data, ajv):
    message = changed(data.draw(st.sampled_from(NORMAL[name])), data.draw(_EDITS))
    text = json.dumps(message).encode()
    found = mine(VERSIONS[name], text)
    assert found == theirs(name, text) == ajv.places(name, text)
    if not VERSIONS[name].check(text):
        read_back(VERSIONS[name], text)


def read_back(version, text):
    """What is read of a message that says each thing once is written to a message that reads the same."""
    for batch in version.read(text):
        frames = batch.records
        root = frames[version.carriers[0].name]
        if root[version.carriers[0].key].is_duplicated().any() or (root.is_empty() and not batch.deletions):
            continue
        again = version.assemble(batch.unit, batch.deletions, version.encode(batch.unit, frames))
        (second,) = version.read(again)
        assert (second.unit, second.deletions) == (batch.unit, batch.deletions)
        assert in_order(second.records) == in_order(without_own_municipality(batch.unit, frames))


def without_own_municipality(unit, records):
    """The reporting municipality is never written as a person's home municipality."""
    home = pl.col("home_municipality")
    own = pl.when(home != unit.municipality).then(home)
    return {
        name: frame.with_columns(own) if home.meta.output_name() in frame.columns else frame
        for name, frame in records.items()
    }
