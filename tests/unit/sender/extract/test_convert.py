"""How a text becomes a value of each kind; empty where there is none, a finding where it cannot be read."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.convert import cleaned, converted
from ktt.sender.extract.mapping.model import FieldSource
from ktt.sender.extract.mapping.values.formats import polars_format

NONE, BAD = "none", "bad"
DAY, INSTANT, MONTH = (
    polars_format("day", "%d.%m.%Y"),
    polars_format("instant", "%Y-%m-%d %H:%M:%S"),
    polars_format("month", "%m/%Y"),
)
FRACTION, ZONED = polars_format("instant", "%d.%m.%Y %H:%M:%S.%f"), polars_format("instant", "%Y-%m-%dT%H:%M:%S%z")
ISO_DAY = polars_format("day", "%Y-%m-%d")
OFFSETS = {
    "Z": (2, 30),
    "z": (2, 30),
    " UTC": (2, 30),
    "+00": (2, 30),
    "+01": (1, 30),
    "+0100": (1, 30),
    "+01:00": (1, 30),
    "-03:30": (6, 0),
    " +02": (0, 30),
}


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


CASES = [
    # kind, how it is read, text, value
    ("id", {}, "  T-1 ", "T-1"),
    ("id", {}, "   ", NONE),
    ("code", {"empty": ("0", " - ")}, "-", NONE),
    ("day", {"format": DAY}, "01.02.2017", dt.date(2017, 2, 1)),
    ("day", {"format": DAY}, "1.2.2017", dt.date(2017, 2, 1)),
    ("day", {"format": DAY, "empty": ("31.12.9999",)}, "31.12.9999", NONE),
    ("day", {"format": DAY}, "31.12.9999", BAD),
    ("day", {"format": DAY}, "30.02.2017", BAD),
    ("day", {"format": DAY}, "01.02.17", BAD),
    ("day", {"format": DAY}, "01.02.2017 10:00", BAD),
    ("day", {"format": polars_format("day", "%Y-%m-%d %H:%M:%S")}, "2017-02-01 23:59:00", dt.date(2017, 2, 1)),
    ("instant", {"format": INSTANT}, "2026-01-20 09:41:00", dt.datetime(2026, 1, 20, 8, 41, tzinfo=dt.UTC)),
    ("instant", {"format": INSTANT}, "2026-07-20 09:41:00", dt.datetime(2026, 7, 20, 7, 41, tzinfo=dt.UTC)),
    ("instant", {"format": INSTANT}, "2025-10-26 02:30:00", dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC)),
    ("instant", {"format": INSTANT}, "2025-10-26 03:00:00", dt.datetime(2025, 10, 26, 2, 0, tzinfo=dt.UTC)),
    (
        "instant",
        {"format": INSTANT},
        "2025-03-30 02:30:00",
        utc(2025, 3, 30, 1, 30),
    ),  # never was: 03:30 by the new clock
    ("instant", {"format": INSTANT}, "2026-01-20 09:41:00.123456", utc(2026, 1, 20, 8, 41, 0, 123456)),
    *(
        ("instant", {"format": how}, f"2025-10-26{mark}02:30:00{offset}", utc(2025, 10, 26, *clock))
        for offset, clock in OFFSETS.items()
        for how, mark in ((INSTANT, " "), (INSTANT, "T"), (ZONED, "T"))
    ),
    ("instant", {"format": ZONED}, "2025-10-26T02:30:00", BAD),  # the format demands an offset
    ("instant", {"format": INSTANT}, "2025-10-26 02:30:00+99", BAD),
    ("instant", {"format": INSTANT}, "2025-10-26 02:30:00 CEST", BAD),
    ("instant", {"format": polars_format("instant", "%H:%M %d-%m-%Y")}, "09:41 20-01-2026", utc(2026, 1, 20, 8, 41)),
    (
        "instant",
        {"format": polars_format("instant", "%z %d.%m.%Y %H:%M")},
        "+0100 20.01.2026 09:41",
        utc(2026, 1, 20, 8, 41),
    ),
    ("instant", {"format": polars_format("instant", "%d.%m.%Y %H:%M")}, "20.01.2026 09:41Z", utc(2026, 1, 20, 9, 41)),
    ("day", {"format": ISO_DAY}, "2017-02-01", dt.date(2017, 2, 1)),
    ("day", {"format": ISO_DAY}, "2017-01-31 23:00:00+00", dt.date(2017, 2, 1)),
    ("day", {"format": ISO_DAY}, "2017-07-31T22:00:00.5Z", dt.date(2017, 8, 1)),
    ("day", {"format": ISO_DAY}, "2017-07-31T21:59:59Z", dt.date(2017, 7, 31)),
    ("day", {"format": ISO_DAY}, "2025-03-30 02:30:00", dt.date(2025, 3, 30)),
    ("day", {"format": ISO_DAY}, "2017-02-01 kveld", BAD),
    ("day", {"format": polars_format("day", "%Y-%m-%dT%H:%M:%S%z")}, "2017-01-31T23:00:00Z", dt.date(2017, 2, 1)),
    ("day", {"format": polars_format("day", "%Y-%m-%dT%H:%M:%S%z")}, "2017-02-01T00:00:00+01", dt.date(2017, 2, 1)),
    ("day", {"format": polars_format("day", "%d.%m.%Y %H:%M")}, "01.02.2017 00:00", dt.date(2017, 2, 1)),
    (
        "instant",
        {"format": FRACTION},
        "20.01.2026 09:41:00.5",
        dt.datetime(2026, 1, 20, 8, 41, 0, 500000, tzinfo=dt.UTC),
    ),
    ("instant", {"format": ZONED}, "2025-10-26T02:30:00+01:00", dt.datetime(2025, 10, 26, 1, 30, tzinfo=dt.UTC)),
    ("month", {"format": MONTH}, "11/2025", "2025-11"),
    ("month", {"format": MONTH}, "13/2025", BAD),
    ("month", {"format": polars_format("month", "%d.%m.%Y")}, "30.11.2025", "2025-11"),
    ("month", {"format": polars_format("month", "%Y-%m")}, "2025-11-30 23:10:00", "2025-11"),
    ("month", {"format": polars_format("month", "%Y-%m")}, "2025-11-30", "2025-11"),
    ("month", {"format": polars_format("month", "%Y-%m")}, "2025-11", "2025-11"),
    ("month", {"format": polars_format("month", "%d.%m.%Y %H:%M")}, "30.11.2025 23:10", "2025-11"),
    ("hours", {"decimal": ","}, "3,5", Decimal("3.50")),
    ("hours", {"decimal": ","}, "3.5", BAD),
    ("hours", {}, "3.5", Decimal("3.50")),
    ("hours", {}, "3,5", BAD),
    ("hours", {}, "0.125", Decimal("0.13")),
    ("hours", {}, "168", Decimal("168.00")),
    ("hours", {}, "1e2", BAD),
    ("hours", {}, "1000000", BAD),
    ("count", {}, "2", 2),
    ("count", {}, "2.5", BAD),
    ("organisation", {}, "312 000 008", "312000008"),
    ("organisation", {}, "3120000080", "312000008"),
    ("organisation", {}, "31200000", BAD),
    ("organisation", {}, "000000000", BAD),
    ("municipality", {}, "0000", BAD),
    ("municipality", {}, "301", "0301"),
    ("municipality", {}, "Oslo", BAD),
    ("district", {}, "3", "03"),
    ("district", {}, "00", NONE),
    ("district", {}, "123", BAD),
    ("person_number", {}, "8844110015", "08844110015"),
    ("code", {}, "05", "5"),
    ("code", {}, "15", "15"),
    ("code", {}, "0", "0"),
    ("code", {}, "00", "0"),
    ("code", {}, "005", "005"),
    ("person_number", {}, "088441 10015", "08844110015"),
    ("person_number", {}, "202300004711", "202300004711"),
]


@pytest.mark.parametrize(("kind", "how", "text", "value"), CASES)
def test_a_text_is_read_by_its_kind(kind, how, text, value):
    source = FieldSource(
        column="x", **{"formats" if k == "format" else k: (v,) if k == "format" else v for k, v in how.items()}
    )
    clean = pl.DataFrame({"x": [text, None]}).select(cleaned(kind, source, "Europe/Oslo"))
    frame = clean.select(value=converted(kind, source, "Europe/Oslo", pl.col("x")), text="x")
    expected = None if value in {NONE, BAD} else value
    assert frame["value"].to_list() == [expected, None]
    assert frame["text"].is_null().to_list() == [value == NONE, True]


def test_a_nought_in_front_of_an_official_code_can_only_be_one_too_many():
    """Why «05» is read as 5: no list has a code that begins with a nought, or one of three signs."""
    lists = {column.code_list for kind in ALL_TYPES.values() for column in kind.columns if column.code_list}
    codes = {code.code for number in lists for code in code_list(number).codes}
    assert len(codes) > 20
    assert [code for code in codes if code.startswith("0") or len(code) > 2] == []
