"""One round trip serves every message version: what is written is what is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.register import pack
from support import effort
from support.contract_table import table_of
from support.messages_records import UNITS, in_order, plain_message, records_for

VERSIONS = pack()
each_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.message_type)
EXAMPLES = settings(max_examples=effort.ROUND_TRIPS)


def _away_from(unit, records):
    """The records as the reader must give them: a home municipality equal to the unit's own is not sent."""
    return {
        name: [
            row | {"home_municipality": None} if row.get("home_municipality") == unit.municipality else row
            for row in rows
        ]
        for name, rows in in_order(records).items()
    }


@each_version
@EXAMPLES
@given(data=st.data())
def test_reading_gives_what_was_written(version, data):
    unit = data.draw(st.sampled_from(UNITS))
    records = data.draw(records_for(table_of(version)))
    message = version.assemble(unit, {version.carriers[0].name: ["X-1"]}, version.encode(unit, records))

    assert version.check(message) == []
    (batch,) = version.read(message)
    assert batch.unit == unit
    assert batch.deletions == {version.carriers[0].name: ("X-1",)}
    assert {name: frame.schema for name, frame in batch.records.items()} == {
        name: frame.schema for name, frame in records.items()
    }
    assert in_order(batch.records) == {name: sorted(rows, key=repr) for name, rows in _away_from(unit, records).items()}
    assert version.assemble(unit, {version.carriers[0].name: ["X-1"]}, version.encode(unit, batch.records)) == message


@each_version
@EXAMPLES
@given(data=st.data())
def test_the_fast_writer_agrees_with_the_plain_one(version, data):
    unit = data.draw(st.sampled_from(UNITS))
    records = data.draw(records_for(table_of(version)))
    written = json.loads(version.assemble(unit, {}, version.encode(unit, records)))
    for item in written:
        for record in item[table_of(version).list_name]:
            record["registrertTid"] = _short(record["registrertTid"])
    plain = plain_message(table_of(version), unit, records)
    for record in plain[0][table_of(version).list_name]:
        record["registrertTid"] = _short(record["registrertTid"])
    assert written == plain


def _short(instant):
    """Fractions of a second without their trailing zeros, which the two writers may write differently."""
    whole, offset = instant[:-6], instant[-6:]
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole) + offset
