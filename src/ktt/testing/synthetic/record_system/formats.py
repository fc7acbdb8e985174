"""How the record system stores values: Norwegian dates, decimal commas, codes of its own.

Each form converts a value of the model to a cell and back, and knows how a mapping file describes the cell.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

FOREVER = "31.12.9999"
_DAY, _INSTANT = "%d.%m.%Y", "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Form:
    """Converts a value to a cell and back. `mapped` is the cell's description in a mapping file, `sql` its type."""

    write: Callable[[Any], object]
    read: Callable[[Any], object]
    mapped: str = ""
    sql: str = "TEXT"


def _same(value: object) -> object:
    return value


@cache
def _day_text(day: dt.date | None, open_end: str = "") -> str:
    return open_end if day is None else f"{day.day:02d}.{day.month:02d}.{day.year}"


@cache
def _read_day(cell: str) -> dt.date | None:
    return None if cell in {"", FOREVER} else dt.date(int(cell[6:]), int(cell[3:5]), int(cell[:2]))


@cache
def _hours_text(hours: Decimal | None) -> str | None:
    return None if hours is None else f"{hours:.2f}".replace(".", ",")


@cache
def _read_hours(cell: str | None) -> Decimal | None:
    return None if cell is None else Decimal(cell.replace(",", "."))


@cache
def _month_text(month: str | None) -> str | None:
    return None if month is None else f"{month[5:]}.{month[:4]}"


@cache
def _read_month(cell: str | None) -> str | None:
    return None if cell is None else f"{cell[3:]}-{cell[:2]}"


TEXT = Form(_same, _same)
COUNT = Form(_same, _same, sql="INTEGER")
PERSON = Form(int, str, sql="INTEGER")
DAY = Form(_day_text, _read_day, mapped=f'date = "{_DAY}", empty = [""]')
END = Form(lambda day: _day_text(day, FOREVER), _read_day, mapped=f'date = "{_DAY}", empty = ["", "{FOREVER}"]')
INSTANT = Form(str, dt.datetime.fromisoformat, mapped=f'instant = "{_INSTANT}"')
HOURS = Form(_hours_text, _read_hours, mapped='decimal = ","')
MONTH = Form(_month_text, _read_month, mapped='month = "%m.%Y"')


@cache
def local_codes() -> Mapping[str, Mapping[str, str]]:
    """Code file name → local code → Volven code; the service types have a file of their own."""
    text = resources.files(__package__).joinpath("data/local_codes.toml").read_text("utf-8")
    return tomllib.loads(text)


def code_form(name: str, codes: Mapping[str, str]) -> Form:
    """The form of a cell that holds a local code."""
    empty: dict[str | None, str | None] = {None: None}
    written, read = empty | {v: k for k, v in codes.items()}, empty | dict(codes)
    return Form(written.__getitem__, read.__getitem__, mapped=f'codes = "koder/{name}.csv"')
