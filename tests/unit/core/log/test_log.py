"""The log has events, never persons."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import uuid
from decimal import Decimal

import pytest
import structlog

from ktt.core.log.log import KeyNotAllowed, configure, logger
from ktt.core.log.masking import masked

PERSON, DUF = "41815012345", "201812345678"


@pytest.fixture
def log(clock):
    """Write one event, read it back."""
    before = structlog.get_config()

    def write(*, strict=False, **facts):
        stream = io.StringIO()
        configure(clock, stream=stream, strict=strict)
        logger("outbox").info("delivered", **facts)
        return json.loads(stream.getvalue())

    yield write
    structlog.configure(**before)


def test_a_line_says_when_where_and_what(log):
    assert log(unit="312000008", sequence=7) == {
        "at": "2026-03-02T06:00:00.000+00:00",
        "level": "info",
        "room": "outbox",
        "event": "delivered",
        "unit": "312000008",
        "sequence": 7,
    }


def test_a_word_that_is_not_on_the_list_is_left_out_and_named(log):
    line = log(count=1, person_number=PERSON, name="Kari")
    assert line["dropped"] == ["name", "person_number"]
    assert "Kari" not in json.dumps(line)


def test_in_tests_such_a_word_is_a_mistake(log):
    with pytest.raises(KeyNotAllowed, match="person_number"):
        log(strict=True, person_number=PERSON)


@pytest.mark.parametrize("number", [PERSON, DUF])
@pytest.mark.parametrize("shape", ["{}", "id {} was", "{} {}", "F{}X", "[{}]"])
def test_a_number_in_any_value_is_masked(log, number, shape):
    text = shape.format(number, number)
    for value in (text, [text], Named(text), int(number)):
        assert number not in json.dumps(log(reason=value))


def test_a_line_goes_to_standard_error_as_it_is_now(clock, capsys, log):
    configure(clock)
    with contextlib.redirect_stderr(io.StringIO()) as elsewhere:
        logger("outbox").info("first")
    logger("outbox").info("second")
    assert json.loads(elsewhere.getvalue())["event"] == "first"
    assert json.loads(capsys.readouterr().err)["event"] == "second"


class Named:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456789, 0.123),
        (True, True),
        (None, None),
        (dt.date(2026, 3, 2), "2026-03-02"),
        (14_000_000, 14_000_000),
        (Decimal(1), "Decimal"),  # a type nobody thought of is only named
        ({"a": 1}, "dict"),
    ],
)
def test_only_plain_values_are_written(log, value, shown):
    assert log(reason=value)["reason"] == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("41815012345", "•••"),
        ("418150 12345", "•••"),
        ("orgnr 312000008, kommune 1114", "orgnr 312000008, kommune 1114"),
        ("2026-03-02T06:00:00.123456", "2026-03-02T06:00:00.123456"),
        (str(uuid.UUID("9f1c2a34-0000-4000-8000-123456789012")), "9f1c2a34-0000-4000-8000-123456789012"),
    ],
)
def test_what_is_masked(text, shown):
    assert masked(text) == shown
