"""Parsing what an operator writes about access: organisations, units and message types that exist on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from ktt.domain import places
from ktt.domain.identifiers import organisation_synthetic, organisation_valid
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import register_of
from ktt.receiver.access.errors import NotAMessageType, NotAMunicipality, NotAnOrganisation
from ktt.receiver.settings import ReceiverSettings

_WIDTHS = ([4], [4, 2])


def parse_organisation(number: str, settings: ReceiverSettings) -> str:
    """A number with the right check digit, and in production not of the synthetic series; else NotAnOrganisation."""
    if not organisation_valid(number):
        raise NotAnOrganisation(number=number[:20], reason="MOD11")
    if settings.environment == "production" and organisation_synthetic(number):
        raise NotAnOrganisation(number=number, reason="syntetisk · synthetic")
    return number


def parse_unit(text: str, settings: ReceiverSettings, on: dt.date) -> ReportingUnit:
    """`ORGNR-KOMMUNENR[-BYDELNR]`, its municipality and district valid on the day; else NotAMunicipality."""
    number, *rest = text.split("-")
    parse_organisation(number, settings)
    digits = all(part.isascii() and part.isdecimal() for part in rest)
    if [len(part) for part in rest] not in _WIDTHS or not digits:
        raise NotAMunicipality(number="-".join(rest)[:20], day=on, hint_nb="", hint_en="")
    found = ReportingUnit.from_key(text)
    if found.municipality in places.SPECIAL_MUNICIPALITIES or places.municipality(found.municipality, on) is None:
        raise _no_municipality(found.municipality, on)
    if found.district and places.district(found.municipality, found.district, on) is None:
        raise NotAMunicipality(number=f"{found.municipality}-{found.district}", day=on, hint_nb="", hint_en="")
    return found


def parse_message_types(wanted: Sequence[str], settings: ReceiverSettings) -> list[str]:
    """The types that are named, or every deployed one when none is; NotAMessageType."""
    deployed = list(register_of(settings.packs).message_types)
    known = sorted({*deployed, *(name for name, _version in settings.announced_types)})
    for name in wanted:
        if name not in known:
            raise NotAMessageType(message_type=name[:64], known=", ".join(known))
    return [*wanted] or deployed


def place_name(municipality: str, district: str, on: dt.date) -> str:
    """The name of the municipality and district; empty when the number is no longer in use."""
    city = places.municipality(municipality, on)
    part = places.district(municipality, district, on) if district else None
    return " · ".join(found.name for found in (city, part) if found is not None)


def _no_municipality(number: str, on: dt.date) -> NotAMunicipality:
    today = _listed(places.successors(number))
    hint_nb = f" {number} heter nå {today}." if today else ""
    hint_en = f" {number} is {today} now." if today else ""
    return NotAMunicipality(number=number, day=on, hint_nb=hint_nb, hint_en=hint_en)


def _listed(numbers: Iterable[str]) -> str:
    return ", ".join(numbers)
