"""`ktt reconcile`: the record system held against what the registry truly holds; `--mend` brings both together."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, current_user, load_settings
from ktt.cli.sender.run import Accept, AcceptReason, OnDay, accepted, counting
from ktt.cli.show import JsonFlag, emit, progress, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.plausibility.question import Acceptance
    from ktt.sender.reconcile import ReconcileReport
    from ktt.sender.sender import Sender

_Mend = Annotated[
    bool,
    typer.Option(
        "--mend",
        help=told(
            nb="Rett forskjellene: det som mangler eller er ulikt, sendes, og det som er overtallig, slettes, gjennom køen.",
            en="Mend the differences: what is missing or different is sent and what is surplus is deleted, through the queue.",
        ),
    ),
]


def reconcile(
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    accept: Accept = None,
    *,
    reason: AcceptReason = "",
    mend: _Mend = False,
    json: JsonFlag = False,
) -> None:
    """Compare the record system with the registry, record by record."""
    settings = load_settings(config)
    from ktt.cli.sender.reconcile_report import shown
    from ktt.wiring.sender import sender_from

    clock = SystemClock()
    day = on.date() if on else norwegian_day(clock.now())
    words = Text(nb="Avstemmer …", en="Reconciling …")
    with sender_from(settings, clock=clock, on=day) as sender, progress(words) as steps:
        counted = replace(sender, options=replace(sender.options, on_delivered=counting(steps)))
        report = _run(counted, day, accepted(accept, reason), mend=mend)
    emit(report.as_data(), json=json, render=lambda: shown(report))
    report.check()
    raise typer.Exit(report.exit_code)


def _run(sender: Sender, day: dt.date, accept: Acceptance, *, mend: bool) -> ReconcileReport:
    from ktt.sender.reconcile import run_mend, run_reconcile

    return run_mend(sender, day, current_user(), accept=accept) if mend else run_reconcile(sender, day)
