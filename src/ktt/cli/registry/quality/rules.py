"""`ktt registry rules`: the rules that are broken most, whether it gets better, and where."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import Vendor, day_of
from ktt.cli.registry.options import Day, Folder, OneUnit, as_of_from, place_of
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

_HELP = told(
    nb="""Vis reglene som brytes mest i det som er mottatt, om det blir bedre, og hos hvem.

    Åpne avvik er dem som ikke er rettet, slik mottaket kjenner dem nå. Nye og lukkede er fra de siste sju dagene før dagen, og
    endringen de sju før der står ved siden av. Et avvik hører til programmet som sendte meldingen det sist sto i; det nye og
    lukkede hører til programmet enheten bruker nå.""",
    en="""Show the rules that are broken most in what was received, whether it gets better, and by whom.

    Open findings are those that are not corrected, as the receiver knows them now. New and closed ones are of the last seven
    days before the day, with the change of the seven before beside. A finding belongs to the program that sent the message
    that had it last; new and closed ones belong to the program that the unit uses now.""",
)


class _By(StrEnum):
    RULE = "rule"
    UNIT = "unit"
    VENDOR = "vendor"
    SYSTEM = "system"
    VERSION = "version"


_ByOption = Annotated[
    _By,
    typer.Option("--by", help=told(nb="Hva hver regel deles på.", en="What each rule is divided by.")),
]
_Top = Annotated[
    int,
    typer.Option(
        "--top", min=1, help=told(nb="Høyst så mange rader i tabellen.", en="At most so many rows in the table.")
    ),
]
_KEYS = {
    "unit": Column("unit", Text(nb="Enhet", en="Unit")),
    "vendor": Column("vendor", Text(nb="Leverandør", en="Vendor")),
    "system": Column("system", Text(nb="System", en="System")),
    "version": Column("version", Text(nb="Versjon", en="Version")),
    "export_version": Column("export_version", Text(nb="Eksportversjon", en="Export version")),
}
_COLUMNS = (
    Column("rule", Text(nb="Regel", en="Rule")),
    Column("says", Text(nb="Hva som er galt", en="What is wrong")),
    Column("cause_words", Text(nb="Årsak", en="Cause"), in_table=False),
    Column("findings", Text(nb="Åpne avvik", en="Open findings"), "count"),
    Column("units", Text(nb="Enheter", en="Units"), "count"),
    Column("opened", Text(nb="Nye", en="New"), "count"),
    Column("closed", Text(nb="Lukket", en="Closed"), "count"),
    Column("change", Text(nb="Endring", en="Change"), "count"),
    Column("change_before", Text(nb="Uken før", en="Week before"), "count"),
    Column("since", Text(nb="Eldste", en="Oldest"), "instant", in_table=False),
)
_NOTHING = Text(nb="✓ Ingen regler er brutt.", en="✓ No rule is broken.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("rules", help=_HELP)(rules)


def rules(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    *,
    unit: OneUnit = None,
    vendor: Vendor = None,
    by: _ByOption = _By.RULE,
    top: _Top = 20,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The most broken first."""
    command = "ktt registry rules"
    form, on = Form(command, json, csv, parquet), day_of(as_of_from(day, None, command))
    from ktt.registry.coverage.known_unit import check_unit
    from ktt.registry.coverage.software import BY
    from ktt.registry.quality.rules import broken_rules, chosen
    from ktt.wiring.receiver import finding_log_at, registry_at

    keys = {"rule": (), "unit": ("unit",), **BY}[by.value]
    place = place_of(config, folder)
    with registry_at(place) as database, database.reading() as connection:
        check_unit(connection, unit)
    with finding_log_at(place) as log:
        found = chosen(log.findings(on - dt.timedelta(weeks=2)), unit, vendor)
    rows = [_row(row) for row in broken_rules(found, on, keys).iter_rows(named=True)]
    shown = rows if json or csv or parquet else rows[:top]
    columns = [*(_KEYS[key] for key in keys), *_COLUMNS]
    answer(columns, shown, form, render=lambda drawn: drawn if rows else _NOTHING.in_(language()))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    from ktt.rules.catalogue import catalogue

    rule = next((one for one in catalogue() if one.id == row["rule"]), None)
    return row | {"says": rule and rule.says, "cause_words": rule and rule.cause.text}
