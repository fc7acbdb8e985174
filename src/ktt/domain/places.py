"""Municipalities and districts from 2017 to 2026, with the reforms between them.

Source: SSB KLASS 131 and 103. A change takes effect on 1 January, so validity is a pair of years turned into days.
Numbers that ended before 2017 are not here; a number valid at the start of 2017 has been valid since the first day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

FIRST_DAY = dt.date.min
LAST_DAY = dt.date.max

UNKNOWN_MUNICIPALITY = "9999"
SPECIAL_MUNICIPALITIES: Mapping[str, str] = {
    "2111": "Svalbard",
    "9000": "Utlandet, uten konvensjonsavtale",
    "9900": "Utlandet, med konvensjonsavtale (EU/EØS)",
    UNKNOWN_MUNICIPALITY: "Ukjent",
}
"""Numbers that may be given in place of a municipality and are not one (list 3402)."""

NO_DISTRICT, UNKNOWN_DISTRICT = "00", "99"
"""District numbers that name no district: `00` only in IPLOS 3.7."""


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality number in the years it was in use. `today`: the number or numbers it has become, itself if valid."""

    number: str
    name: str
    valid_from: dt.date
    valid_to: dt.date
    today: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class District:
    """A district of a city. Two in Oslo (Sentrum, Marka) have no administration of their own."""

    municipality: str
    number: str
    name: str
    valid_from: dt.date
    valid_to: dt.date
    own_administration: bool


def municipality(number: str, on: dt.date) -> Municipality | None:
    """The municipality that had that number on that day, or None. The special numbers are valid on every day."""
    found = _municipalities().get(number)
    return found if found and found.valid_from <= on <= found.valid_to else None


def successors(number: str) -> tuple[str, ...]:
    """Today's number for a number of 2017 or later: one, or several where a municipality was split; () if unknown."""
    found = _municipalities().get(number)
    return found.today if found else ()


def district(municipality: str, number: str, on: dt.date) -> District | None:
    """The district of that city with that number on that day, or None."""
    found = _districts().get((municipality, number))
    return found if found and found.valid_from <= on <= found.valid_to else None


def has_districts(municipality: str) -> bool:
    """Whether the city is one of the four whose districts have numbers."""
    return any(city == municipality for city, _ in _districts())


def today_number(column: pl.Expr) -> pl.Expr:
    """Each number as it is today. A split number has no single answer and stays as it is, as does an unknown one."""
    single = {number: place.today[0] for number, place in _municipalities().items() if len(place.today) == 1}
    return column.replace(single)


@cache
def municipality_frame() -> pl.DataFrame:
    """To join with: `municipality`, `name`, `valid_from`, `valid_to` (days, never empty), `today` (empty if split)."""
    rows = [
        (m.number, m.name, m.valid_from, m.valid_to, m.today[0] if len(m.today) == 1 else None)
        for m in _municipalities().values()
    ]
    text, day = pl.String(), pl.Date()
    schema = {"municipality": text, "name": text, "valid_from": day, "valid_to": day, "today": text}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def district_frame() -> pl.DataFrame:
    """To join with: `municipality`, `district`, `name`, `valid_from`, `valid_to`, `own_administration`."""
    rows = [
        (d.municipality, d.number, d.name, d.valid_from, d.valid_to, d.own_administration)
        for d in _districts().values()
    ]
    text, day = pl.String(), pl.Date()
    schema = {"municipality": text, "district": text, "name": text, "valid_from": day, "valid_to": day}
    return pl.DataFrame(rows, schema=schema | {"own_administration": pl.Boolean()}, orient="row")


@cache
def _municipalities() -> dict[str, Municipality]:
    known = {
        row["number"]: Municipality(row["number"], row["name"], *_validity(row), tuple(row["today"].split("|")))
        for row in _read("municipalities.csv")
    }
    special = {
        number: Municipality(number, name, FIRST_DAY, LAST_DAY, (number,))
        for number, name in SPECIAL_MUNICIPALITIES.items()
    }
    return known | special


@cache
def _districts() -> dict[tuple[str, str], District]:
    return {
        (row["municipality"], row["number"]): District(
            row["municipality"], row["number"], row["name"], *_validity(row), row["own_administration"] == "true"
        )
        for row in _read("districts.csv")
    }


def _validity(row: dict[str, str]) -> tuple[dt.date, dt.date]:
    first = dt.date(int(row["from_year"]), 1, 1) if row["from_year"] else FIRST_DAY
    last = dt.date(int(row["to_year"]), 12, 31) if row["to_year"] else LAST_DAY
    return first, last


def _read(name: str) -> list[dict[str, str]]:
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    return [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in lines]
