"""`ktt daily`, and what it has in common with `ktt load`: how a run is carried out and shown."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, current_user, load_settings
from ktt.cli.show import JsonFlag, Steps, emit, note, progress, told
from ktt.core.clock import OSLO, SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.load_plan.hours import SendingHours
    from ktt.sender.outbox.dispatch import SendOptions
    from ktt.sender.outbox.message import QueuedMessage
    from ktt.sender.plausibility.question import Acceptance
    from ktt.sender.report import RunKind, RunReport
    from ktt.sender.settings import SenderSettings
    from ktt.sender.status import Alarm

OnDay = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=told(nb="Uttaksdatoen. Standard: i dag.", en="The extraction day; today unless it is given."),
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


class _Function(Protocol):
    def __call__(self, sender: Any, day: dt.date, /, *, accept: Acceptance) -> RunReport: ...


@dataclass(frozen=True, slots=True)
class Run:
    """What is run, and the kind by which its outcome is known."""

    kind: RunKind
    function: _Function


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

    carry_out(Run("daily", run_daily), load_settings(config), on, accepted(accept, reason), strict=strict, json=json)


def carry_out(
    run: Run,
    settings: SenderSettings,
    on: dt.datetime | None,
    accept: Acceptance,
    *,
    hours: SendingHours | None = None,
    strict: bool,
    json: bool,
) -> None:
    """Run it, within the hours if there are any, show the report and leave with its exit code."""
    from ktt.cli.sender.monitoring.alarms import ringing
    from ktt.cli.sender.queue.words import alarm_words
    from ktt.cli.sender.run_report import remarks, shown

    with ringing(settings):
        report, late = _run(run, settings, on, accept, hours)
    for remark in remarks(report):
        note(remark)
    if late:
        note(alarm_words(late))
    code = report.strict_exit_code if strict else report.exit_code
    data = report.as_data() | {"exit_code": code, "alarm": late and late.as_data()}
    emit(data, json=json, render=lambda: shown(report))
    report.check()
    raise typer.Exit(code)


def _run(
    run: Run, settings: SenderSettings, on: dt.datetime | None, accept: Acceptance, hours: SendingHours | None
) -> tuple[RunReport, Alarm | None]:
    """The report, and what has waited too long. A signal, or the end of the hours, ends it between two messages."""
    from ktt.sender.agent.stopping import options_that_stop, stopping_on
    from ktt.sender.load_plan.hours import run_within
    from ktt.sender.outbox.errors import StopAsked

    clock = SystemClock()
    with stopping_on(signal.SIGTERM, signal.SIGINT, asked=lambda: note(_STOPPING)) as stopping:
        options = options_that_stop(stopping)
        if hours is not None:
            ended_hours = lambda: stopping.asked or not hours.include(clock.now())  # noqa: E731
            options = replace(options, stopping=ended_hours)

        def once() -> tuple[RunReport, Alarm | None]:
            day = on.date() if on else norwegian_day(clock.now())
            return _run_once(run, settings, day, accept, options)

        if hours is None:
            return once()
        ended = run_within(hours, clock, once, stopping=stopping, waits=_tell_of_waiting)
    if ended is None:
        raise StopAsked(unit=settings.unit.reporting_unit.key)
    return ended


def _run_once(
    run: Run, settings: SenderSettings, day: dt.date, accept: Acceptance, options: SendOptions
) -> tuple[RunReport, Alarm | None]:
    from ktt.cli.sender.sending_progress import SendingProgress
    from ktt.sender.status import alarm
    from ktt.wiring.sender import sender_for_run

    clock, words = SystemClock(), Text(nb="Leser og kontrollerer …", en="Reading and validating …")
    with (
        progress(words) as steps,
        sender_for_run(settings, run.kind, day, clock=clock, options=SendingProgress(steps).told_by(options)) as sender,
    ):
        report = run.function(sender, day, accept=accept)
        return report, alarm(sender.outbox.queue(sender.unit), clock.now())


_STOPPING = Text(
    nb="Stanser når meldingen som er underveis, er ferdig. Ctrl-C en gang til avbryter straks.",
    en="Stopping when the message under way is done. Ctrl-C once more ends it at once.",
)


def _tell_of_waiting(until: dt.datetime) -> None:
    waits = Text(
        nb="Utenfor tidsrommet for sending. Venter til {at}; køen er fri imens.",
        en="Outside the hours for sending. Waits until {at}; the queue is free meanwhile.",
    )
    note(waits.format(at=until.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")))


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
