"""The summary of a message agrees with the full one, in every type and in every form that the schema allows."""

from __future__ import annotations

import orjson
import pytest

from ktt.messages.register import find, pack
from support.receiver_harness import OTHER_UNIT, UNIT, message

EXAMPLES = [
    pytest.param(version, body, id=f"{version.message_type} {name}")
    for version in pack("ktt_v1")
    for name, body in version.examples().items()
    if name.startswith("N")
]


@pytest.mark.parametrize(("version", "body"), EXAMPLES)
def test_units_and_numbers_are_those_of_the_frames(version, body: bytes):
    for summary, batch in zip(version.summarise(body), version.read(body), strict=True):
        assert summary.unit == batch.unit
        people = batch.records["recipient"]["person_number"].drop_nulls() if "recipient" in batch.records else []
        assert set(summary.person_numbers) == set(people)


def test_leading_zeros_are_given_back():
    items = orjson.loads(message())
    items[0] |= {"orgNr": 12, "kommuneNr": 301, "bydelNr": "03"}
    (summary,) = find("KTT_Vedtak", "1").summarise(orjson.dumps(items))
    assert summary.unit.key == "000000012-0301-03"


def test_a_number_with_a_point_is_the_same_number():
    """JSON Schema counts 312000008.0 as an integer."""
    body = message().replace(b"312000008", b"312000008.0")
    assert find("KTT_Vedtak", "1").check(body) == []
    assert find("KTT_Vedtak", "1").summarise(body)[0].unit == UNIT


def test_several_units_and_deletions_alone():
    body = b'[{"orgNr":312000008,"kommuneNr":1114,"slettVedtak":[]},{"orgNr":312000563,"kommuneNr":301,"bydelNr":"03"}]'
    assert [summary.unit for summary in find("KTT_Vedtak", "1").summarise(body)] == [UNIT, OTHER_UNIT]


def test_the_numbers_are_not_shown():
    assert "08844110015" not in repr(find("KTT_Vedtak", "1").summarise(message()))
