"""A all_rules to all the rules on one day, and messages to change."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.messages.register import find
from ktt.validate.message import message_document
from ktt.validate.rule_selection import validation_request

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def all_rules():
    """All rules, on a Monday in March."""
    return validation_request(TODAY)


@pytest.fixture
def document():
    """The everyday message of a type, as Python values."""

    def read(message_type, name="N01-everyday"):
        return json.loads(find(message_type, "1").examples()[name])

    return read


@pytest.fixture
def validated(all_rules):
    """A message's document."""

    def validate(message, *, name="m.json", request=all_rules):
        data = message if isinstance(message, bytes) else json.dumps(message, indent=1).encode()
        return message_document(name, data, request)

    return validate
