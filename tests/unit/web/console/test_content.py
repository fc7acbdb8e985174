"""A message on its page: the lines that the findings lead to, and nobody's number."""

from __future__ import annotations

import datetime as dt
import re

import orjson
import pytest

from ktt.messages.register import find
from ktt.web.console.content import MOST_LINES, content_of

TODAY = dt.date(2026, 3, 2)
KIND = ("KTT_Vedtak", "1")


def example(name: str) -> str:
    return find(*KIND).examples()[name].decode()


def shown(text: str, *, masked: bool = True):
    return content_of(text, KIND, ("ktt_v1",), TODAY, masked=masked)


def test_a_finding_leads_to_the_line_with_the_field():
    content = shown(example("F28-unused-service-type"))
    (number,) = content.found
    assert "tjenesteType" in content.lines[number - 1]
    assert content.found[number][0].startswith("KTT-SKJEMA")


def test_a_message_on_one_line_is_laid_out_and_still_leads_to_the_line():
    flat = orjson.dumps(orjson.loads(example("F28-unused-service-type"))).decode()
    content = shown(flat)
    assert content.formatted
    (number,) = content.found
    assert "tjenesteType" in content.lines[number - 1]
    assert re.sub(r"\s", "", "".join(shown(flat, masked=False).lines)) == re.sub(r"\s", "", flat)


@pytest.mark.parametrize("name", ["N01-everyday", "N04-d-number", "N05-duf-number", "F18-half-a-message"])
def test_numbers_are_hidden_until_they_are_asked_for(name: str):
    number = re.compile(r"\d{11}")
    assert number.search("\n".join(shown(example(name)).lines)) is None
    assert "\n".join(shown(example(name), masked=False).lines) == example(name)


def test_what_cannot_be_read_says_why():
    content = shown(example("F18-half-a-message"))
    assert content.fault is not None
    assert content.found == {}


@pytest.mark.parametrize("before", range(8))
def test_no_number_is_uncovered_by_the_cut(before: int):
    content = shown("x" * (400_000 - 11 + before) + "01417012345" * 2)
    assert re.search(r"\d", content.lines[0]) is None
    assert len(content.lines[0]) <= 400_000


def test_a_long_message_is_cut():
    content = shown("[\n" + "\n".join(["1,"] * (MOST_LINES + 10)) + "\n1]")
    assert (len(content.lines), content.total) == (MOST_LINES, MOST_LINES + 12)
