"""Hours a week: every hundredth is one, however it is counted, and nothing between two of them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from ktt.messages import hundredths
from ktt.messages.register import find

VERSION = find("KTT_Vedtak", "1")
PLAIN = jsonschema.Draft202012Validator(json.loads(VERSION.schema))
(EVERYDAY,) = (text for name, text in VERSION.examples().items() if name == "N01-everyday")


def decision(hours, field="timerUke"):
    """A message of two decisions, of which the second has such hours in its second line."""
    (item,) = json.loads(EVERYDAY)
    first = item["vedtak"][0]
    line = first["tjenester"][0]
    lines = [line | {"tjenesteId": "T-1"}, line | {"tjenesteId": "T-2", field: None}]
    second = first | {"vedtakId": "V-2", "tjenester": lines}
    text = json.dumps([item | {"vedtak": [first, second]}])
    before, found, after = text.rpartition(f'"{field}": null')
    assert found
    return f'{before}"{field}": {hours}{after}'.encode()


def test_every_hundredth_of_the_range_is_one():
    (item,) = json.loads(EVERYDAY)
    first = item["vedtak"][0]
    line = first["tjenester"][0]
    every = [first | {"tjenester": [line | {"timerUke": number / 100}]} for number in range(1, 16_801)]
    assert VERSION.check(json.dumps([item | {"vedtak": every}]).encode()) == []


def test_another_validator_takes_them_too():
    refused = [number for number in range(1, 16_801, 7) if not PLAIN.is_valid(json.loads(decision(number / 100)))]
    assert refused == []


@pytest.mark.parametrize("field", ["timerUke", "ressursTimerUke"])
@pytest.mark.parametrize("hours", ["0.015", "0.071", "35.505", "167.999", "0.30000000000000004", "3.3333"])
def test_what_lies_between_is_none(field, hours):
    found = [(fault.pointer, fault.keyword) for fault in VERSION.check(decision(hours, field))]
    assert found == [(f"/0/vedtak/1/tjenester/1/{field}", hundredths.KEYWORD)]


@pytest.mark.parametrize("hours", ["7", "7.0", "7.00", "0.7e1", "70e-1", "7.1", "7.10", "null"])
def test_a_number_may_be_written_in_any_way(hours):
    assert VERSION.check(decision(hours)) == []


def test_no_more_are_told_than_asked_for():
    twice = decision("0.071").replace(b'"timerUke": 0.071', b'"timerUke": 0.071, "ressursTimerUke": 0.071')
    assert [len(VERSION.check(twice, at_most=most)) for most in (1, 100)] == [1, 2]
