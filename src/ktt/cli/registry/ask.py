"""`ktt registry status|units`: how it stands with the registry, and with each unit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, format_instant
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, as_of_from, place_of, where_of
from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.questions import UnitState

_STATUS_HELP = told(
    nb="""Vis hvordan det står til med hele registeret: enheter, meldinger, personer og poster, og hvem som venter.

    Uten --day telles poster uansett når de gjaldt, og uten --known-at det som er kjent nå.""",
    en="""Show how it stands with the whole registry: units, messages, persons and records, and who waits.

    Without --day records count whenever they held, and without --known-at what is known now.""",
)
_UNITS_HELP = told(
    nb="""Vis hver enhet: sist mottatt og innlest, hvor mange personer og poster den har, og om den venter og hvorfor.

    Tabellen viser summen av postene; --json, --csv og --parquet har hver opplysningstype. Uten --day telles poster uansett
    når de gjaldt, og uten --known-at det som er kjent nå. Om en enhet venter, er alltid slik det er nå.""",
    en="""Show each unit: last received and ingested, how many persons and records it has, and whether it waits and why.

    The table has the sum of the records; --json, --csv and --parquet have each record type. Without --day records count
    whenever they held, and without --known-at what is known now. Whether a unit waits is always as it is now.""",
)
_TYPES = {
    "decision": Text(nb="Vedtak", en="Decisions"),
    "care_service": Text(nb="Tjenester", en="Care services"),
    "circumstances": Text(nb="Personopplysninger", en="Circumstances"),
    "assessment": Text(nb="Funksjonsvurderinger", en="Assessments"),
    "diagnosis": Text(nb="Diagnoser", en="Diagnoses"),
}
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("last_received", Text(nb="Sist mottatt", en="Last received"), "instant"),
    Column("last_ingested", Text(nb="Sist innlest", en="Last ingested"), "instant", in_table=False),
    Column("messages", Text(nb="Meldinger", en="Messages"), "count"),
    Column("persons", Text(nb="Personer", en="Persons"), "count"),
    Column("records", Text(nb="Poster", en="Records"), "count"),
    *(Column(name, heading, "count", in_table=False) for name, heading in _TYPES.items()),
    Column("waiting", Text(nb="Venter", en="Waiting"), "count"),
    Column("waits_since", Text(nb="Venter siden", en="Waits since"), "instant", in_table=False),
    Column("waits_code", Text(nb="Kode", en="Code"), in_table=False),
    Column("waits_reason", Text(nb="Hvorfor", en="Why"), in_table=False),
)
_STATUS_COLUMNS = (Column("what", Text(nb="Hva", en="What")), Column("value", Text(nb="Nå", en="Now")))
_WAITS = Text(
    nb="{unit} venter siden {since} på melding {position} ({code}): {reason}",
    en="{unit} has waited since {since} for message {position} ({code}): {reason}",
)
_SEE = Text(
    nb="Tallene kan øke når det som venter, leses inn. Se «ktt registry held{where}».",
    en="The figures may rise when what waits is ingested. See `ktt registry held{where}`.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("status", help=_STATUS_HELP)(status)
    app.command("units", help=_UNITS_HELP)(units)


def status(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The sums over all units."""
    command = "ktt registry status"
    form, where = Form(command, json, csv, parquet), where_of(config, folder)
    as_of = as_of_from(day, known_at, command)
    from ktt.wiring.receiver import registry_state_at

    state = registry_state_at(place_of(config, folder), as_of)
    waiting = [one for one in state.units if one.waits is not None]
    facts: dict[str, Any] = {
        "day": as_of.day,
        "known_at": as_of.known_at,
        "units": len(state.units),
        "waiting_units": len(waiting),
        "messages": state.messages,
        "waiting_messages": state.waiting_messages,
        "last_received": state.last_received,
        "last_ingested": state.last_ingested,
        "persons": state.persons,
        "records": dict(state.records),
    }
    answer(
        _STATUS_COLUMNS, list(_told(facts)), form, data=facts, render=lambda drawn: _with_waits(drawn, waiting, where)
    )


def units(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """One row for each unit, by its key."""
    command = "ktt registry units"
    form, where = Form(command, json, csv, parquet), where_of(config, folder)
    as_of = as_of_from(day, known_at, command)
    from ktt.wiring.receiver import check_unit_at, registry_state_at

    place = place_of(config, folder)
    check_unit_at(place, unit)
    shown = [one for one in registry_state_at(place, as_of).units if unit in {None, one.unit}]
    waiting = [one for one in shown if one.waits is not None]
    on = as_of.day or norwegian_day(SystemClock().now())
    answer(_COLUMNS, _rows(shown, on), form, render=lambda drawn: _with_waits(drawn, waiting, where))


def _rows(units: Sequence[UnitState], on: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "unit": one.unit,
            "name": place_name(one.unit, on),
            "last_received": one.last_received,
            "last_ingested": one.last_ingested,
            "messages": one.messages,
            "persons": one.persons,
            "records": sum(one.records.values()),
            **one.records,
            "waiting": one.waits and one.waits.messages,
            "waits_since": one.waits and one.waits.since,
            "waits_code": one.waits and one.waits.code,
            "waits_reason": one.waits and one.waits.reason,
        }
        for one in units
    ]


def _told(facts: dict[str, Any]) -> list[dict[str, str]]:
    """The facts as rows for people."""
    words = {
        "units": Text(nb="Enheter", en="Units"),
        "waiting_units": Text(nb="Enheter som venter", en="Units that wait"),
        "messages": Text(nb="Meldinger innlest", en="Messages ingested"),
        "waiting_messages": Text(nb="Meldinger som venter", en="Messages that wait"),
        "last_received": Text(nb="Sist mottatt", en="Last received"),
        "last_ingested": Text(nb="Sist innlest", en="Last ingested"),
        "persons": Text(nb="Personer", en="Persons"),
    }
    plain = {says: facts[name] for name, says in words.items()} | {
        _TYPES[name]: count for name, count in facts["records"].items()
    }
    return [{"what": says.in_(language()), "value": _spoken(value)} for says, value in plain.items()]


def _spoken(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
    return format_instant(value)


def _with_waits(drawn: RenderableType, waiting: list[UnitState], where: str) -> RenderableType:
    """The table, and below it what each waiting unit waits for."""
    from rich.console import Group

    lines = []
    for one in waiting:
        held = one.waits
        assert held is not None
        facts = {"unit": one.unit, "since": format_instant(held.since), "position": str(held.position)}
        lines.append(_WAITS.format(**facts, code=held.code, reason=held.reason).in_(language()))
    return Group(drawn, *lines, _SEE.format(where=where).in_(language())) if lines else drawn
