"""Each form of a value: what is written is JSON, and read again it is the same; what has no such form is told."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from ktt.domain.schema import Column
from ktt.messages.mapping.forms import NotExpressible, form_of
from ktt.messages.mapping.language import MemberEntry

DAY = dt.date(2026, 3, 9)
AT = dt.datetime(2026, 7, 1, 10, 30, tzinfo=dt.UTC)
CODES = {"J": "1", "N": "2"}


def form(kind, json_type, code_list=None, **entry):
    return form_of(Column("c", kind, code_list=code_list), json_type, MemberEntry(column="c", **entry))


def both(kind, found, value):
    """The JSON value that is written, and what is read of it."""
    frame = pl.DataFrame({"c": pl.Series([None, value], dtype=Column("c", kind).dtype)})
    if found.writable is not None:
        assert frame.select(found.writable(pl.col("c"))).to_series().to_list() == [None, True]
    empty, text = frame.select(found.write(pl.col("c"))).to_series()
    assert empty is None
    written = json.loads(text)
    raw = pl.DataFrame({"c": found.raw([None, written])})
    return written, raw.select(found.read(pl.col("c"))).to_series().cast(Column("c", kind).dtype).to_list()


@pytest.mark.parametrize(
    ("kind", "json_type", "entry", "value", "written"),
    [
        ("id", "string", {}, 'a"\\\n', 'a"\\\n'),
        ("id", "integer", {}, "17", 17),
        ("text", "string", {}, "æ", "æ"),
        ("day", "string", {}, DAY, "2026-03-09"),
        ("day", "string", {"day": "%d.%m.%Y"}, DAY, "09.03.2026"),
        ("day", "integer", {}, DAY, 20260309),
        ("month", "string", {}, "2026-03", "2026-03"),
        ("month", "string", {"month": "%m.%Y"}, "2026-03", "03.2026"),
        ("month", "integer", {}, "2026-03", 202603),
        ("instant", "string", {}, AT, "2026-07-01T12:30:00+02:00"),
        ("instant", "string", {"instant": "utc"}, AT, "2026-07-01T10:30:00Z"),
        ("instant", "string", {"instant": "%d.%m.%Y %H:%M:%S"}, AT, "01.07.2026 12:30:00"),
        ("hours", "number", {}, Decimal("3.07"), 3.07),
        ("hours", "integer", {}, Decimal(3), 3),
        ("hours", "string", {"decimal": ","}, Decimal("3.25"), "3,25"),
        ("hours", "string", {}, Decimal("3.25"), "3.25"),
        ("count", "integer", {}, 2, 2),
        ("count", "string", {}, 2, "2"),
        ("count", "string", {"digits": 3}, 2, "002"),
        ("code", "integer", {}, "15", 15),
        ("code", "string", {}, "15", "15"),
        ("code", "string", {"digits": 3}, "15", "015"),
        ("code", "boolean", {"code_list": "1101"}, "2", False),
        ("code", "string", {"codes": CODES}, "2", "N"),
        ("code", "integer", {"codes": {"0": "2"}}, "2", 0),
        ("code", "boolean", {"codes": {"true": "2", "false": "1"}}, "2", True),
        ("text", "string", {"codes": {"ICD10": "ICD-10"}}, "ICD-10", "ICD10"),
        ("organisation", "integer", {}, "012000008", 12000008),
        ("municipality", "integer", {}, "0301", 301),
        ("municipality", "string", {}, "0301", "0301"),
        ("municipality", "string", {"digits": 0}, "0301", "301"),
        ("district", "integer", {}, "03", 3),
        ("person_number", "integer", {}, "08844110015", 8844110015),
        ("person_number", "string", {}, "08844110015", "08844110015"),
    ],
)
def test_it_comes_back(kind, json_type, entry, value, written):
    assert both(kind, form(kind, json_type, **entry), value) == (written, [None, value])


@pytest.mark.parametrize(
    ("kind", "json_type", "entry", "value"),
    [
        ("id", "integer", {}, "017"),
        ("id", "integer", {}, "A"),
        ("code", "integer", {}, "015"),
        ("code", "string", {"digits": 2}, "150"),
        ("code", "string", {"digits": 3}, "015"),
        ("code", "string", {"codes": CODES}, "3"),
        ("code", "boolean", {"code_list": "1101"}, "9"),
        ("hours", "integer", {}, Decimal("3.5")),
        ("count", "string", {"digits": 3}, 1000),
        ("municipality", "integer", {}, "Oslo"),
        ("month", "integer", {}, "2026"),
    ],
)
def test_what_would_not_come_back_is_not_writable(kind, json_type, entry, value):
    found = form(kind, json_type, **entry)
    frame = pl.DataFrame({"c": pl.Series([value], dtype=Column("c", kind).dtype)})
    assert frame.select(found.writable(pl.col("c"))).item() is False


@pytest.mark.parametrize(
    ("kind", "json_type", "entry"),
    [
        ("day", "boolean", {}),
        ("day", "number", {}),
        ("instant", "integer", {}),
        ("hours", "boolean", {}),
        ("id", "boolean", {}),
        ("code", "boolean", {"code_list": "9171"}),
        ("code", "string", {"code_list": "1101", "codes": {"J": "7"}}),
        ("code", "boolean", {"codes": {"yes": "1"}}),
        ("code", "integer", {"codes": {"01": "1"}}),
        ("code", "string", {"codes": {"J": []}}),
    ],
)
def test_what_has_no_form_is_refused(kind, json_type, entry):
    with pytest.raises(NotExpressible):
        form(kind, json_type, **entry)


@pytest.mark.parametrize(
    ("codes", "written", "read"),
    [
        ({"A": "1", "B": "1"}, {"1": "A"}, {"A": "1", "B": "1"}),  # two of theirs for one of ours
        ({"A": ["1", "2"]}, {"1": "A", "2": "A"}, {"A": "1"}),  # said to lose the second
        ({"A": "1", "?": ""}, {"1": "A"}, {"A": "1", "?": None}),  # theirs for what is not known
    ],
)
def test_codes_that_are_not_one_to_one(codes, written, read):
    found = form("code", "string", codes=codes)
    ours = pl.DataFrame({"c": list(written)}).select(found.write(pl.col("c"))).to_series()
    assert dict(zip(written, map(json.loads, ours), strict=True)) == written
    theirs = pl.DataFrame({"c": list(read)}).select(found.read(pl.col("c"))).to_series()
    assert dict(zip(read, theirs, strict=True)) == read


def test_a_value_of_theirs_that_nobody_has_named_is_an_error():
    with pytest.raises(pl.exceptions.PolarsError):
        pl.DataFrame({"c": ["X"]}).select(form("code", "string", codes=CODES).read(pl.col("c")))


def test_the_hour_that_happens_twice_is_read_as_the_first_where_there_is_no_offset():
    found = form("instant", "string", instant="%d.%m.%Y %H:%M")
    texts = pl.DataFrame({"c": ["25.10.2026 02:30"]})
    assert texts.select(found.read(pl.col("c"))).item() == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
