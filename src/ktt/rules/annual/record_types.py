"""The annual message's elements as record types, and what a rule may see besides an element's own fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from ktt.domain.places import SPECIAL_MUNICIPALITIES, district_frame, municipality_frame
from ktt.domain.schema import Column, RecordType
from ktt.messages.iplos_3_7.layout import PERSON, XmlElement, layout

YEAR_START, YEAR_END = "year.start", "year.end"
PARENT_KEY, SINGLE_KEY = "parent.key", "key.single"
PLACE_KNOWN, DISTRICT_KNOWN = "place.known", "district.known"
CONTEXT = (YEAR_START, YEAR_END, PARENT_KEY, SINGLE_KEY, PLACE_KNOWN, DISTRICT_KNOWN)
"""Columns beside an element's own: the report year's first and last day as `YYYYMMDD`; the person's `pePeID`; whether
no earlier row has the same key; whether the municipality and the district existed when the year began."""

_PLACES = {"INNHINFO": ("iiKomnr", "iiBydelsnr"), PERSON: ("peKomnr", "peBydelsnr")}
_NO_DISTRICT = "00"


@cache
def record_types() -> Mapping[str, RecordType]:
    """Element → record type. All columns are text, as they are written."""
    return {one.name: _record_type(one) for one in layout().elements if one.parent is not None}


def _record_type(element: XmlElement) -> RecordType:
    columns = tuple(Column(one.name, "text", one.required) for one in element.fields)
    key = element.key[-1] if element.key else element.fields[0].name
    inside = element.parent == PERSON
    return RecordType(
        element.name, key, columns, parent_key=element.key[0] if inside else None, order=(key,) if inside else ()
    )


@dataclass(frozen=True, slots=True)
class ReportYear:
    """The year that an annual message is about."""

    year: int

    @classmethod
    def of(cls, head: pl.DataFrame) -> ReportYear:
        """From the head's period; the last year of the format when the head has none."""
        dates = [*head["iiFraDato"].head(1), *head["iiTilDato"].head(1)]
        years = [
            int(text[:4])
            for text in dates
            if text and len(text) == len("YYYYMMDD") and text.isascii() and text.isdigit()
        ]
        return cls(years[0] if years and years[0] else layout().years[1])

    @property
    def context(self) -> dict[str, pl.Expr]:
        """The first and the last day of the year as columns."""
        return {YEAR_START: pl.lit(f"{self.year:04}0101"), YEAR_END: pl.lit(f"{self.year:04}1231")}

    @property
    def first_day(self) -> dt.date:
        """The day on which places must exist."""
        return dt.date(self.year, 1, 1)


def with_context(frame: pl.DataFrame, element: str, used: set[str], report_year: ReportYear) -> pl.DataFrame:
    """The frame with the context columns that are used and that it does not have already."""
    wanted = {name: made for name, made in report_year.context.items() if name in used}
    if {PLACE_KNOWN, DISTRICT_KNOWN} & used:
        place, district = _PLACES[element]
        wanted |= {
            PLACE_KNOWN: _place_known(place, report_year),
            DISTRICT_KNOWN: _district_known(place, district, report_year),
        }
    return frame.with_columns(made.alias(name) for name, made in wanted.items() if name not in frame.columns)


def _place_known(column: str, report_year: ReportYear) -> pl.Expr:
    known = municipality_frame().filter(pl.lit(report_year.first_day).is_between("valid_from", "valid_to"))
    return pl.col(column).is_in([*known["municipality"], *SPECIAL_MUNICIPALITIES])


def _district_known(place: str, district: str, report_year: ReportYear) -> pl.Expr:
    """Whether the district is the municipality's own, or none is given."""
    known = district_frame().filter(pl.lit(report_year.first_day).is_between("valid_from", "valid_to"))
    pairs = known.select(pl.concat_str("municipality", "district", separator="-")).to_series().to_list()
    return (pl.col(district) == _NO_DISTRICT) | pl.concat_str(pl.col(place), pl.col(district), separator="-").is_in(
        pairs
    )
