"""The lists as values, and as frames to join with."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import polars as pl

from ktt.domain.codes.errors import CodeListUnknown

FIRST_DAY = dt.date.min
LAST_DAY = dt.date.max


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its text as published (bokmål) and the days it may be used on, both included."""

    code: str
    text: str
    valid_from: dt.date = FIRST_DAY
    valid_to: dt.date = LAST_DAY
    replaced_by: str | None = None
    remark: str | None = None
    properties: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    def valid_on(self, day: dt.date) -> bool:
        """Whether the code may be used for something that happened on that day."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class CodeList:
    """One official list.

    `status` says how whole our copy is: complete, partial, texts from field rules, withdrawn, unpublished.
    """

    id: str
    name: str
    oid: str | None
    status: str
    source: str
    codes: tuple[Code, ...]

    def __contains__(self, code: object) -> bool:
        return any(known.code == code for known in self.codes)

    def get(self, code: str) -> Code | None:
        """The code's row, or None when the list has no such code."""
        return next((known for known in self.codes if known.code == code), None)

    def values(self) -> tuple[str, ...]:
        """Every code ever valid, in the list's order."""
        return tuple(known.code for known in self.codes)


@cache
def list_ids() -> tuple[str, ...]:
    """Every list we hold, sorted."""
    names = (entry.name for entry in (files(__package__) / "data").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def code_list(list_id: str) -> CodeList:
    """The list with that Volven number; CodeListUnknown when we do not hold it."""
    if list_id not in list_ids():
        raise CodeListUnknown(list_id=list_id)
    raw = tomllib.loads((files(__package__) / "data" / f"{list_id}.toml").read_text(encoding="utf-8"))
    codes = tuple(_code(row) for row in raw.get("code", []))
    return CodeList(raw["id"], raw["name"], raw.get("oid"), raw["status"], raw["source"], codes)


def valid_on(list_id: str, code: str, day: dt.date) -> bool:
    """Whether the list has the code, and the code may be used on that day."""
    known = code_list(list_id).get(code)
    return known is not None and known.valid_on(day)


@cache
def code_frame(list_id: str) -> pl.DataFrame:
    """The list as a frame to join with: code, text, valid_from, valid_to (days, never empty)."""
    schema = {"code": pl.String(), "text": pl.String(), "valid_from": pl.Date(), "valid_to": pl.Date()}
    rows = [(c.code, c.text, c.valid_from, c.valid_to) for c in code_list(list_id).codes]
    return pl.DataFrame(rows, schema=schema, orient="row")


_KNOWN = frozenset({"code", "text", "from_year", "to_year", "replaced_by", "remark"})


def _code(row: dict[str, object]) -> Code:
    return Code(
        code=str(row["code"]),
        text=str(row["text"]),
        valid_from=_day(row.get("from_year"), 1, 1) or FIRST_DAY,
        valid_to=_day(row.get("to_year"), 12, 31) or LAST_DAY,
        replaced_by=_text(row.get("replaced_by")),
        remark=_text(row.get("remark")),
        properties={name: value for name, value in row.items() if name not in _KNOWN},
    )


def _day(year: object, month: int, day: int) -> dt.date | None:
    return dt.date(year, month, day) if isinstance(year, int) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
