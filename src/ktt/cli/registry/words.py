"""What people call units, record types, their parts and their columns."""

from __future__ import annotations

import datetime as dt

from ktt.cli.show import language
from ktt.domain.glossary import for_column, for_record


def record_word(name: str | None) -> str:
    """A record type or part: `tjeneste` or `care service`; empty for none."""
    term = for_record(name or "")
    return term.nb.partition(",")[0] if term is not None and language() == "nb" else (name or "").replace("_", " ")


def column_word(record_type: str, name: str) -> str:
    """A column of a record type, or a part of it."""
    term = for_column(record_type, name)
    return term.nb if term is not None and language() == "nb" else record_word(name)


def place_name(unit: str, on: dt.date) -> str:
    """The name of a unit's municipality, and the district's; empty for a number that was not in use that day.

    `unit` is a unit's key, or the place alone: `1114`, `0301-03`.
    """
    from ktt.domain import places

    number, *rest = unit.split("-")[0 if _is_place(unit) else 1 :]
    district = places.district(number, rest[0], on) if rest else None
    found = (places.municipality(number, on), district)
    return ", ".join(place.name for place in found if place is not None)


def _is_place(unit: str) -> bool:
    return len(unit.partition("-")[0]) == len("1114")
