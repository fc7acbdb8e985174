"""One round trip serves every message version: what is written is what is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.register import PACKS, pack
from ktt.messages.settings import PackSettings
from support import effort
from support.messages_records import UNITS, in_order, plain_message, records_for

VERSIONS = [version for name in PACKS for version in pack(name)]
AS_TEXT = {version.message_type: version for name in PACKS for version in pack(name, PackSettings(ids_as="string"))}
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
    records = data.draw(records_for(version.table))
    message = version.assemble(unit, ["X-1"], version.encode(unit, records))

    assert version.check(message) == []
    (batch,) = version.read(message)
    assert batch.unit == unit
    assert batch.deletions == ("X-1",)
    assert {name: frame.schema for name, frame in batch.records.items()} == {
        name: frame.schema for name, frame in records.items()
    }
    assert in_order(batch.records) == {name: sorted(rows, key=repr) for name, rows in _away_from(unit, records).items()}
    assert version.assemble(unit, ["X-1"], version.encode(unit, batch.records)) == message


@each_version
@EXAMPLES
@given(data=st.data())
def test_the_fast_writer_agrees_with_the_plain_one(version, data):
    unit = data.draw(st.sampled_from(UNITS))
    records = data.draw(records_for(version.table))
    written = json.loads(version.assemble(unit, [], version.encode(unit, records)))
    for item in written:
        for record in item[version.table.list_name]:
            record["registrertTid"] = _short(record["registrertTid"])
    plain = plain_message(version.table, unit, records)
    for record in plain[0][version.table.list_name]:
        record["registrertTid"] = _short(record["registrertTid"])
    assert written == plain


def _short(instant):
    """Fractions of a second without their trailing zeros, which the two writers may write differently."""
    whole, offset = instant[:-6], instant[-6:]
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole) + offset


@each_version
@EXAMPLES
@given(data=st.data())
def test_numbers_may_be_text_instead(version, data):
    text = AS_TEXT[version.message_type]
    unit = data.draw(st.sampled_from(UNITS))
    records = data.draw(records_for(version.table))
    message = text.assemble(unit, [], text.encode(unit, records))
    assert json.loads(message)[0]["orgNr"] == unit.organisation
    assert text.check(message) == []
    (batch,) = text.read(message)
    assert in_order(batch.records)[version.record_type.name] == sorted(
        _away_from(unit, records)[version.record_type.name], key=repr
    )
    assert version.check(message)  # and the two are not mistaken for each other
