"""Whether units can change so at all, and what of it the reforms of municipalities do not know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl

from ktt.core.text import Text
from ktt.domain import places
from ktt.domain.identifiers import organisation_valid
from ktt.domain.unit import ReportingUnit
from ktt.sender.unit_changes.change import Kind
from ktt.sender.unit_changes.errors import PlaceUnknown, UnitsWrong

_NEWEST = 2026  # the year of the newest numbers in `domain.places`
_NOT_REPORTING = {*places.SPECIAL_MUNICIPALITIES} - {"2111"}  # of the special numbers, only Svalbard has inhabitants
_COUNTS = {
    Kind.RETIRE: (1, 1, 0, 0),
    Kind.MOVE: (1, 1, 1, 1),
    Kind.MERGE: (1, None, 1, 1),
    Kind.SPLIT: (1, 1, 2, None),
}
"""For each kind: fewest and most that leave, fewest and most that come after."""
_NUMBERS = Text(
    nb="«{kind}» kan ikke ha {leaving:enhet|enheter} som slutter og {coming:enhet|enheter} som kommer etter",
    en="`{kind}` cannot have {leaving:unit that leaves|units that leave} and {coming:unit that comes|units that come} after",
)
_TWICE = Text(nb="enhet {unit} er nevnt to ganger", en="unit {unit} is named twice")
_MUNICIPALITY = Text(nb="kommune {number} finnes ikke", en="there is no municipality {number}")
_ENDED = Text(
    nb="kommune {number} er ikke i bruk den dagen ({day})", en="municipality {number} is not in use on that day ({day})"
)
_DISTRICT = Text(
    nb="kommune {number} har ingen bydel {district} den dagen ({day})",
    en="municipality {number} has no district {district} on that day ({day})",
)
_ORGANISATION = Text(
    nb="{number} er ikke et organisasjonsnummer (kontrollsifferet stemmer ikke)",
    en="{number} is not an organisation number (its check digit is wrong)",
)
_UNKNOWN_REFORM = Text(
    nb="ktt kjenner ingen kommunereform der {old} ble til {new}. Kontroller at numrene er riktige; endringen gjøres likevel.",
    en="No reform of municipalities that we know turns {old} into {new}. See that the numbers are right; it is done anyway.",
)
_LEFT_OUT = Text(
    nb="Kommune {old} ble delt, og {missing} er ikke blant enhetene som kommer etter.",
    en="Municipality {old} was divided, and {missing} is not among the units that come after.",
)


def check_units(
    kind: Kind, leaving: Sequence[ReportingUnit], coming: Sequence[ReportingUnit], day: dt.date
) -> list[Text]:
    """UnitsWrong or PlaceUnknown when it cannot be; else what is unusual about it."""
    least, most, least_after, most_after = _COUNTS[kind]
    if not (_within(len(leaving), least, most) and _within(len(coming), least_after, most_after)):
        raise UnitsWrong(why=_NUMBERS.format(kind=kind.value, leaving=len(leaving), coming=len(coming)))
    named = [*leaving, *coming]
    if twice := [unit for unit in named if named.count(unit) > 1]:
        raise UnitsWrong(why=_TWICE.format(unit=twice[0].key))
    for unit in named:
        _check_place(unit, day if unit in coming else None)
    return [*_unknown_reforms(leaving, coming), *_left_out(leaving, coming)]


def _within(count: int, least: int, most: int | None) -> bool:
    return least <= count and (most is None or count <= most)


def _check_place(unit: ReportingUnit, day: dt.date | None) -> None:
    """A unit that comes after must exist on the day; one that leaves, at some time."""
    number, facts = unit.municipality, {"number": unit.municipality, "district": unit.district, "day": day}
    why = None
    if not organisation_valid(unit.organisation):
        why = _ORGANISATION.format(number=unit.organisation)
    elif number in _NOT_REPORTING or not places.successors(number):
        why = _MUNICIPALITY.format(**facts)
    elif day is not None and places.municipality(number, day) is None:
        why = _ENDED.format(**facts)
    elif unit.district is not None and not _has_district(unit, day):
        why = _DISTRICT.format(**facts | {"day": day or "–"})
    if why is not None:
        raise PlaceUnknown(unit=unit.key, why=why, year=f"{_NEWEST}")


def _has_district(unit: ReportingUnit, day: dt.date | None) -> bool:
    if day is not None:
        return places.district(unit.municipality, str(unit.district), day) is not None
    this = (pl.col("municipality") == unit.municipality) & (pl.col("district") == unit.district)
    return not places.district_frame().filter(this).is_empty()


def _unknown_reforms(leaving: Sequence[ReportingUnit], coming: Sequence[ReportingUnit]) -> Iterator[Text]:
    """Pairs of numbers of which no part has become the same as a part of the other."""
    pairs = sorted({(old.municipality, new.municipality) for old in leaving for new in coming})
    for old, new in pairs:
        if not {*places.successors(old)} & {*places.successors(new)}:
            yield _UNKNOWN_REFORM.format(old=old, new=new)


def _left_out(leaving: Sequence[ReportingUnit], coming: Sequence[ReportingUnit]) -> Iterator[Text]:
    after = {unit.municipality for unit in coming}
    for old in sorted({unit.municipality for unit in leaving}):
        became = places.successors(old)
        missing = [number for number in became if number not in after]
        if len(became) > 1 and after & set(became) and missing:
            yield _LEFT_OUT.format(old=old, missing=", ".join(missing))
