"""`ktt unit`: the units of a store, and a unit that is retired, moved, merged or split."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.sender.run import OnDay, counting
from ktt.cli.show import JsonFlag, emit, note, progress, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.settings import SenderSettings
    from ktt.sender.unit_changes.carry_out import ChangeRequest
    from ktt.sender.unit_changes.report import ChangeReport

app = typer.Typer(add_completion=False)

From = Annotated[
    Path,
    typer.Option(
        "--from",
        help=told(nb="Innstillingsfilen til enheten som slutter.", en="The settings file of the unit that leaves."),
    ),
]
EachFrom = Annotated[
    list[Path],
    typer.Option(
        "--from",
        help=told(
            nb="Innstillingsfilen til en enhet som slutter. Kan gjentas.",
            en="The settings file of a unit that leaves. May be repeated.",
        ),
    ),
]
To = Annotated[
    Path,
    typer.Option(
        "--config",
        help=told(
            nb="Innstillingsfilen til enheten som kommer etter.", en="The settings file of the unit that comes after."
        ),
    ),
]
EachTo = Annotated[
    list[Path],
    typer.Option(
        "--config",
        help=told(
            nb="Innstillingsfilen til en enhet som kommer etter. Gjentas for hver av dem.",
            en="The settings file of a unit that comes after. Repeated for each of them.",
        ),
    ),
]
Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor enheten endres; det skrives ned sammen med hvem og når.",
            en="Why the unit changes; it is written down with who and when.",
        ),
    ),
]
PlanOnly = Annotated[
    bool,
    typer.Option(
        "--plan",
        help=told(
            nb="Bare vis hva som ville blitt slettet i registeret. Ingenting sendes eller skrives.",
            en="Only show what would be deleted in the registry. Nothing is sent or written.",
        ),
    ),
]
DeletedByRegistry = Annotated[
    str | None,
    typer.Option(
        "--deleted-by-registry",
        help=told(
            nb="Hvem hos FHI som har bekreftet at alt fra den gamle enheten er slettet der, og når. Bare når den gamle "
            "enheten ikke lenger har tilgang. Ingenting sendes.",
            en="Who at FHI has confirmed that all of the old unit is deleted there, and when. Only when the old unit is "
            "not let in any more; nothing is sent.",
        ),
    ),
]


@app.command(
    "list",
    help=told(
        nb="Vis enhetene i databasen: tilstand, siden når, og hvem som kom før og etter.",
        en="Show the units of the store: state, since when, and who came before and after.",
    ),
)
def list_(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Every unit that has a queue in the store or takes part in a change that it knows."""
    settings = load_settings(config)
    from ktt.cli.sender.unit_report import listed
    from ktt.sender.unit_changes.overview import overview
    from ktt.wiring.sender import unit_changes_from

    with unit_changes_from(settings) as (outbox, changes):
        lines = overview(outbox.queues(), changes.changes())
    emit([line.as_data() for line in lines], json=json, render=lambda: listed(lines))


@app.command(
    help=told(
        nb="Avvikle en enhet som ingen kommer etter: alt fra den slettes i registeret.",
        en="Retire a unit that nobody comes after: all of it is deleted in the registry.",
    )
)
def retire(
    reason: Reason,
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    deleted_by_registry: DeletedByRegistry = None,
    *,
    plan: PlanOnly = False,
    json: JsonFlag = False,
) -> None:
    """The unit's own settings file is `--config` here, as for its other commands."""
    _change(_request("retire", reason, on, deleted_by_registry), [config], [], plan=plan, json=json)


@app.command(
    help=told(
        nb="Flytt en enhet til et nytt nummer: den gamle trekkes tilbake, så laster den nye.",
        en="Move a unit to a new number: the old one is withdrawn, then the new one loads.",
    )
)
def move(
    old: From,
    config: To,
    reason: Reason,
    on: OnDay = None,
    deleted_by_registry: DeletedByRegistry = None,
    *,
    plan: PlanOnly = False,
    json: JsonFlag = False,
) -> None:
    """A new organisation, municipality or district number for the same services."""
    _change(_request("move", reason, on, deleted_by_registry), [old], [config], plan=plan, json=json)


@app.command(
    help=told(
        nb="Slå sammen enheter: de gamle trekkes tilbake, så laster den som kommer etter.",
        en="Merge units: the old ones are withdrawn, then the one that comes after loads.",
    )
)
def merge(
    old: EachFrom,
    config: To,
    reason: Reason,
    on: OnDay = None,
    deleted_by_registry: DeletedByRegistry = None,
    *,
    plan: PlanOnly = False,
    json: JsonFlag = False,
) -> None:
    """Several become one, or one that goes on takes others up."""
    _change(_request("merge", reason, on, deleted_by_registry), old, [config], plan=plan, json=json)


@app.command(
    help=told(
        nb="Del en enhet: den gamle trekkes tilbake, så laster de som kommer etter.",
        en="Split a unit: the old one is withdrawn, then those that come after load.",
    )
)
def split(
    old: From,
    config: EachTo,
    reason: Reason,
    on: OnDay = None,
    deleted_by_registry: DeletedByRegistry = None,
    *,
    plan: PlanOnly = False,
    json: JsonFlag = False,
) -> None:
    """One becomes several."""
    _change(_request("split", reason, on, deleted_by_registry), [old], config, plan=plan, json=json)


def _request(kind: str, reason: str, on: dt.datetime | None, deleted_by_registry: str | None) -> ChangeRequest:
    from ktt.sender.unit_changes.carry_out import ChangeRequest
    from ktt.sender.unit_changes.change import Kind

    day = on.date() if on else norwegian_day(SystemClock().now())
    return ChangeRequest(Kind(kind), day, reason, getpass.getuser(), deleted_by_registry)


def _change(request: ChangeRequest, old: Sequence[Path], new: Sequence[Path], *, plan: bool, json: bool) -> None:
    leaving, coming = [load_settings(path) for path in old], [load_settings(path) for path in new]
    from ktt.cli.sender.unit_report import shown

    report = _plan(request, leaving, coming) if plan else _carry_out(request, leaving, coming)
    for warning in report.warnings:
        note(warning)
    emit(report.as_data(), json=json, render=lambda: shown(report))
    report.check()


def _plan(request: ChangeRequest, leaving: Sequence[SenderSettings], coming: Sequence[SenderSettings]) -> ChangeReport:
    from ktt.sender.unit_changes.carry_out import plan_change
    from ktt.wiring.sender import unit_stores_from

    with ExitStack() as opened:
        stores = [opened.enter_context(unit_stores_from(one, on=request.day)) for one in leaving]
        return plan_change(request, stores, [one.unit.reporting_unit for one in coming])


def _carry_out(
    request: ChangeRequest, leaving: Sequence[SenderSettings], coming: Sequence[SenderSettings]
) -> ChangeReport:
    from ktt.sender.outbox.dispatch import SendOptions
    from ktt.sender.unit_changes.carry_out import Changing
    from ktt.wiring.sender import unit_stores_from, way_from

    words = Text(nb="Trekker tilbake …", en="Withdrawing …")
    clock, by_messages = SystemClock(), request.deleted_by_registry is None
    with ExitStack() as opened, progress(words) as steps:
        old, new = (
            [opened.enter_context(unit_stores_from(one, clock=clock, on=request.day)) for one in some]
            for some in (leaving, coming)
        )
        ways = {
            one.unit.reporting_unit: opened.enter_context(way_from(one, clock=clock))
            for one in (leaving if by_messages else ())
        }
        options = replace(SendOptions(), on_delivered=counting(steps))
        return Changing(request, old, new, ways, clock, options).carry_out()
