"""`ktt registry acceptance`: how much was accepted at the first try, by vendor, system, version or unit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.options import Day, Folder, OneUnit, Since, Until, days_from, place_of
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, told
from ktt.core.text import Text

_HELP = told(
    nb="""Vis hvor stor del av meldingene som ble godtatt ved første forsøk, per leverandør, system, versjon eller enhet.

    En melding ble godtatt ved første forsøk når ingenting ble avvist fra enheten siden den forrige ble godtatt. Avvist er det
    som hadde tilgang og hode i orden, men ble avvist, med koden det siste forsøket fikk. Det som vises, er ikke
    godtatt ennå og teller som ikke godtatt ved første forsøk; det vises også når det ble avvist før perioden. Når en
    avsender kan sende for flere enheter, vet ingen hvilken det gjaldt:
    da står organisasjonsnummeret.""",
    en="""Show how much was accepted at the first try, by vendor, system, version or unit.

    A message was accepted at the first try when nothing of the unit was rejected since the one before it. Rejected is what
    was let in (access and headers hold) and then refused, with the code of the last try. What is listed is not accepted
    yet, and counts as not accepted at the first try; it is shown also when it was rejected before the period. When a
    sender may send for several units nobody knows which it was: then the organisation number is shown.""",
)


class _By(StrEnum):
    VENDOR = "vendor"
    SYSTEM = "system"
    VERSION = "version"
    UNIT = "unit"


_ByOption = Annotated[
    _By,
    typer.Option(
        "--by",
        help=told(nb="Hva det deles på.", en="What it is divided by."),
    ),
]
_KEYS = {
    "unit": Column("unit", Text(nb="Enhet", en="Unit")),
    "vendor": Column("vendor", Text(nb="Leverandør", en="Vendor")),
    "system": Column("system", Text(nb="System", en="System")),
    "version": Column("version", Text(nb="Versjon", en="Version")),
    "export_version": Column("export_version", Text(nb="Eksportversjon", en="Export version")),
}
_FIGURES = (
    Column("units", Text(nb="Enheter", en="Units"), "count"),
    Column("accepted", Text(nb="Godtatt", en="Accepted"), "count"),
    Column("retried", Text(nb="Etter avvisning", en="After a rejection"), "count"),
    Column("standing", Text(nb="Står nå", en="Stand now"), "count"),
    Column("tries", Text(nb="Avviste forsøk", en="Rejected tries"), "count"),
    Column("share", Text(nb="Første forsøk", en="First try"), "share"),
    Column("code", Text(nb="Vanligste kode", en="Most frequent code")),
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("acceptance", help=_HELP)(acceptance)


def acceptance(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    *,
    unit: OneUnit = None,
    since: Since = None,
    until: Until = None,
    by: _ByOption = _By.VENDOR,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The lowest share first."""
    form = Form("ktt registry acceptance", json, csv, parquet)
    first, last = days_from(day, since, until, form.command)
    import polars as pl

    from ktt.messages.deliveries import Period
    from ktt.registry.coverage.acceptance import first_tries, of_unit
    from ktt.registry.coverage.software import BY
    from ktt.wiring.receiver import check_unit_at, delivery_log_at

    keys = ("unit",) if by is _By.UNIT else BY[by.value]
    place = place_of(config, folder)
    with delivery_log_at(place) as log:
        told_of = of_unit(log.deliveries(Period.of_days(first, last)), unit)
    if told_of.accepted.is_empty() and told_of.rejected.is_empty():
        check_unit_at(place, unit)
    rows = first_tries(told_of, keys).with_columns(pl.col("code").cast(pl.String)).to_dicts()
    answer([*(_KEYS[key] for key in keys), *_FIGURES], rows, form)
