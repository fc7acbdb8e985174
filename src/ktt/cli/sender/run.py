"""`ktt load` and `ktt daily`: send the history, then each day's changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, Steps, emit, note, progress, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.outbox.message import QueuedMessage
    from ktt.sender.report import RunReport

OnDay = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=told(
            nb="Uttaksdatoen; i dag når den ikke er oppgitt.", en="The extraction day; today unless it is given."
        ),
    ),
]
AcceptDrop = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-drop",
        help=told(
            nb="Tabell eller opplysningstype som virkelig har mistet så mange rader. Kan gjentas.",
            en="A table or record type that really lost that many rows. May be repeated.",
        ),
    ),
]


class _Run(Protocol):
    def __call__(self, sender: Any, day: dt.date, /, *, accept_drop: list[str]) -> RunReport: ...


def load(
    config: ConfigFile = CONFIG, on: OnDay = None, accept_drop: AcceptDrop = None, *, json: JsonFlag = False
) -> None:
    """Send everything back to 2017, month by month; run it again to go on where it stopped."""
    from ktt.sender.initial_load import run_load

    _run(run_load, config, on, accept_drop or [], json=json)


def daily(
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    accept_drop: AcceptDrop = None,
    *,
    json: JsonFlag = False,
) -> None:
    """Send what is different from what the registry holds."""
    from ktt.sender.daily import run_daily

    _run(run_daily, config, on, accept_drop or [], json=json)


def _run(run: _Run, config: Path, on: dt.datetime | None, accept_drop: list[str], *, json: bool) -> None:
    settings = load_settings(config)
    from ktt.cli.sender.outbox_words import alarm_words
    from ktt.cli.sender.run_report import remarks, shown
    from ktt.sender.status import alarm
    from ktt.wiring import sender_from

    clock = SystemClock()
    day = on.date() if on else norwegian_day(clock.now())
    words = Text(nb="Sender …", en="Sending …")
    with sender_from(settings, clock=clock, on=day) as sender, progress(words) as steps:
        counted = replace(sender, options=replace(sender.options, on_delivered=counting(steps)))
        report = run(counted, day, accept_drop=accept_drop)
        late = alarm(sender.outbox.queue(sender.unit), clock.now())
    for remark in remarks(report):
        note(remark)
    if late:
        note(alarm_words(late))
    emit(report.as_data() | {"alarm": late and late.as_data()}, json=json, render=lambda: shown(report))
    report.check()
    raise typer.Exit(report.exit_code)


def counting(steps: Steps) -> Callable[[QueuedMessage], None]:
    """Tells a progress line about each message that was accepted."""
    sent = 0

    def delivered(message: QueuedMessage) -> None:
        nonlocal sent
        sent += 1
        steps(sent, text=f"{message.period} {message.message_type}")

    return delivered
