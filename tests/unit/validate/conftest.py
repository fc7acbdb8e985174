"""A question to all the rules on one day, and messages to change."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.messages.register import find
from ktt.validate.message import review_message
from ktt.validate.rule_selection import ask

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def question():
    """All rules, on a Monday in March."""
    return ask(TODAY)


@pytest.fixture
def document():
    """The everyday message of a type, as Python values."""

    def read(message_type, name="N01-everyday"):
        return json.loads(find(message_type, "1").examples()[name])

    return read


@pytest.fixture
def reviewed(question):
    """A message, judged."""

    def judge(message, *, name="m.json", ask=question):
        data = message if isinstance(message, bytes) else json.dumps(message, indent=1).encode()
        return review_message(name, data, ask)

    return judge
