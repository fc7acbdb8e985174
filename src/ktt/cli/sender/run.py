"""`ktt load` and `ktt daily`: send the history, then each day's changes."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, current_user, load_settings
from ktt.cli.show import JsonFlag, Steps, emit, note, progress, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.outbox.message import QueuedMessage
    from ktt.sender.plausibility.question import Acceptance
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
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="fall:15",
        help=told(
            nb="Navnet på et spørsmål som ktt har stilt, når det er riktig likevel. Kan gjentas. Gjelder bare denne kjøringen.",
            en="The name of a question that ktt has asked, when it is right after all. May be repeated. For this run only.",
        ),
    ),
]
AcceptReason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor det er riktig. Skrives ned med hvem og når; «ktt outbox accepted» viser det.",
            en="Why it is right. It is written down with who and when; `ktt outbox accepted` shows it.",
        ),
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help=told(
            nb="Avslutt med 3 også når poster er holdt tilbake, eller felt er tømt, på grunn av avvik.",
            en="Leave with 3 also when records were held, or fields cleared, because of findings.",
        ),
    ),
]


class _Run(Protocol):
    def __call__(self, sender: Any, day: dt.date, /, *, accept: Acceptance) -> RunReport: ...


def load(
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    accept: Accept = None,
    *,
    reason: AcceptReason = "",
    strict: Strict = False,
    json: JsonFlag = False,
) -> None:
    """Send everything back to 2017, month by month; run it again to go on where it stopped."""
    from ktt.sender.initial_load import run_load

    _run(run_load, config, on, accepted(accept, reason), strict=strict, json=json)


def daily(
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    accept: Accept = None,
    *,
    reason: AcceptReason = "",
    strict: Strict = False,
    json: JsonFlag = False,
) -> None:
    """Send what is different from what the registry holds."""
    from ktt.sender.daily import run_daily

    _run(run_daily, config, on, accepted(accept, reason), strict=strict, json=json)


def _run(run: _Run, config: Path, on: dt.datetime | None, accept: Acceptance, *, strict: bool, json: bool) -> None:
    settings = load_settings(config)
    from ktt.cli.sender.monitoring.alarms import ringing
    from ktt.cli.sender.queue.words import alarm_words
    from ktt.cli.sender.run_report import remarks, shown
    from ktt.sender.agent.stopping import options_that_stop, stopping_on
    from ktt.sender.status import alarm
    from ktt.wiring import sender_from

    clock = SystemClock()
    day = on.date() if on else norwegian_day(clock.now())
    words = Text(nb="Sender …", en="Sending …")
    with (
        stopping_on(signal.SIGTERM) as stopping,
        ringing(settings),
        sender_from(settings, clock=clock, on=day, options=options_that_stop(stopping)) as sender,
        progress(words) as steps,
    ):
        counted = replace(sender, options=replace(sender.options, on_delivered=counting(steps)))
        report = run(counted, day, accept=accept)
        late = alarm(sender.outbox.queue(sender.unit), clock.now())
    for remark in remarks(report):
        note(remark)
    if late:
        note(alarm_words(late))
    code = report.strict_exit_code if strict else report.exit_code
    data = report.as_data() | {"exit_code": code, "alarm": late and late.as_data()}
    emit(data, json=json, render=lambda: shown(report))
    report.check()
    raise typer.Exit(code)


def accepted(names: list[str] | None, reason: str) -> Acceptance:
    """What someone accepts of a run, and why."""
    from ktt.sender.plausibility.asked import acceptance_of

    return acceptance_of(names or [], reason, current_user())


def counting(steps: Steps) -> Callable[[QueuedMessage], None]:
    """Tells a progress line about each message that was accepted."""
    sent = 0

    def delivered(message: QueuedMessage) -> None:
        nonlocal sent
        sent += 1
        steps(sent, text=f"{message.period} {message.message_type}")

    return delivered
