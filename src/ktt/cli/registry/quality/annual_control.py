"""`ktt registry annual-control`: users by service type against the year before, and what is filled in, on any day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import day_of
from ktt.cli.registry.options import Day, Folder, KnownAt, as_of_from, place_of, unit_from
from ktt.cli.registry.quality.words import field_word, service_type_word
from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer, drawn
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.quality.annual_control import AnnualControl

_HELP = told(
    nb="""Vis det kommunene kjenner fra årskontrollen, på hvilken dag som helst: brukere per tjenestetype mot året før i prosent, og
    hvor stor del av feltene som er fylt ut for langtidsbeboere og hjemmeboende ved årets slutt.

    Brukere i året har en tjeneste en dag fra 1. januar til og med dagen. Hjemmeboende har en tjeneste, og ikke langtidsopphold
    (type 21). Utfylt er det som gjaldt den dagen. Vurdert av lege og tannhelse teller når det er høyst tolv måneder gammelt.
    Type 12 og 13 telles som 29. Personer telles, ikke tjenester.""",
    en="""Show what municipalities know from the annual control, on any day: users by service type against the year before in per
    cent, and the share of the fields that is filled for long-stay and home-dwelling users on 31 December.

    Users in the year have a service on a day from 1 January through the day. Home-dwelling ones have a service, and no long-term
    stay (type 21). Filled is what held on that day. Assessed by doctor and dentist counts when at most twelve months old.
    Types 12 and 13 count as 29. Persons are counted, not services.""",
)
_Unit = Annotated[
    str,
    typer.Option(
        "--unit",
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(nb="Enheten, som 312000008-1114.", en="The unit, as 312000008-1114."),
    ),
]
_FilledOn = Annotated[
    dt.datetime | None,
    typer.Option(
        "--filled-on",
        formats=["%Y-%m-%d"],
        help=told(
            nb="Dagen utfyllingen måles. Standard: 31. desember før dagen.",
            en="The day on which filling is measured; without: 31 December before the day.",
        ),
    ),
]
_USERS = (
    Column("service_type", Text(nb="Type", en="Type")),
    Column("service", Text(nb="Tjeneste", en="Care service")),
    Column("in_year", Text(nb="I året", en="In the year"), "count"),
    Column("in_year_before", Text(nb="Året før", en="Year before"), "count"),
    Column("change", Text(nb="Endring", en="Change"), "share"),
    Column("on_day", Text(nb="På dagen", en="On the day"), "count"),
    Column("on_day_before", Text(nb="Samme dag året før", en="Same day year before"), "count"),
)
_FILLED = (
    Column("group", Text(nb="Gruppe", en="Group")),
    Column("field", Text(nb="Felt", en="Field")),
    Column("users", Text(nb="Brukere", en="Users"), "count"),
    Column("share", Text(nb="Fylt ut", en="Filled"), "share"),
    Column("share_before", Text(nb="Året før", en="Year before"), "share"),
    Column("users_before", Text(nb="Brukere året før", en="Users year before"), "count", in_table=False),
)
_GROUPS = {
    "long_stay": Text(nb="langtidsopphold", en="long-stay"),
    "home_dwelling": Text(nb="hjemmeboende", en="home-dwelling"),
}
_TITLES = (
    Text(nb="{name}: brukere {day} og året før", en="{name}: users on {day} and the year before"),
    Text(nb="Fylt ut {day} og året før", en="Filled on {day} and the year before"),
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("annual-control", help=_HELP)(annual_control)


def annual_control(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: _Unit,
    filled_on: _FilledOn = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """One unit."""
    command = "ktt registry annual-control"
    form, as_of, who = Form(command, json, csv, parquet), as_of_from(day, known_at, command), unit_from(unit, command)
    on = day_of(as_of)
    from ktt.registry.coverage.known_unit import check_unit
    from ktt.registry.quality.annual_control import annual_control as found_in
    from ktt.wiring.receiver import registry_at

    last_filled = filled_on.date() if filled_on else dt.date(on.year - 1, 12, 31)
    with registry_at(place_of(config, folder)) as database, database.reading() as connection:
        check_unit(connection, unit)
        found = found_in(connection, who, on, last_filled, as_of.known_at)
    users = [row | {"service": service_type_word(row["service_type"])} for row in found.users.iter_rows(named=True)]
    filled = found.filled.to_dicts()
    data = {"unit": unit, "day": on, "filled_on": found.filled_on, "users": users, "filled": filled}
    spoken = [row | {"group": _GROUPS[row["group"]], "field": field_word(row["field"])} for row in filled]
    answer((*_USERS, *_FILLED), [*users, *spoken], form, data=data, render=lambda _: _shown(found, users, spoken))


def _shown(found: AnnualControl, users: list[dict[str, Any]], filled: list[dict[str, Any]]) -> RenderableType:
    from rich.console import Group

    names = {"name": place_name(found.unit.key, found.day) or found.unit.key}
    first = _TITLES[0].format(day=str(found.day), **names).in_(language())
    second = _TITLES[1].format(day=str(found.filled_on)).in_(language())
    return Group(first, drawn(_USERS, users), second, drawn(_FILLED, filled))
