"""`ktt findings`: the open findings, who must act, since when; and those that closed lately."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.clock import SystemClock, norwegian_day

LATELY = dt.timedelta(days=30)
"""How far back `--closed` looks when no day is given."""

_EXITS = told(
    nb="Utgangskode etter det verste som står åpent: 0 ingenting, eller bare noterte · 3 felter tømmes eller "
    "opplysninger holdes tilbake · 12 meldingen avvises, og ingenting sendes.",
    en="Exit code by the worst that is open: 0 nothing, or only noted · 3 fields are cleared or records kept back · "
    "12 the message is rejected, and nothing is sent.",
)

_Closed = Annotated[
    bool,
    typer.Option(
        "--closed",
        help=told(
            nb="Vis det som har lukket seg de siste 30 dagene, i stedet for det som er åpent.",
            en="Show what closed in the last 30 days instead of what is open.",
        ),
    ),
]
_Since = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help=told(nb="Vis det som har lukket seg siden denne dagen.", en="Show what closed since this day."),
    ),
]
_Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        metavar="ID",
        help=told(
            nb="Bare avvik etter denne regelen, som KTT-DATO-03 eller KTT-SRC-F01. Kan gjentas.",
            en="Only findings of this rule, such as KTT-DATO-03 or KTT-SRC-F01. May be repeated.",
        )
        + " "
        + _EXITS,
    ),
]


def findings(
    config: ConfigFile = CONFIG,
    *,
    closed: _Closed = False,
    since: _Since = None,
    rule: _Rules = None,
    json: JsonFlag = False,
) -> None:
    """What the last run found wrong, by who must act. Nobody ticks off: what is corrected closes at the next run."""
    settings = load_settings(config)
    from ktt.cli.sender.findings_report import as_data, shown, with_follow_ups
    from ktt.sender.findings.overview import open_findings_overview
    from ktt.wiring.follow_ups import follow_ups_from
    from ktt.wiring.sender import findings_from

    from_day = since.date() if since else norwegian_day(SystemClock().now()) - LATELY if closed else None
    with findings_from(settings) as store:
        view = open_findings_overview(store, settings.unit.reporting_unit, rule or (), closed_since=from_day)
    with follow_ups_from(settings) as told_:
        waited_for = told_.of(settings.unit.reporting_unit)
    lately = from_day.isoformat() if from_day else None
    emit(
        as_data(view) | {"follow_ups": [asdict(one) for one in waited_for]},
        json=json,
        render=lambda: with_follow_ups(
            shown(view, language(), lately=lately, whole=bool(rule)), waited_for, language()
        ),
    )
    raise typer.Exit(view.exit_code)
