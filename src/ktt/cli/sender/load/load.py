"""`ktt load`: send the history, or show what would be sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.sender.run import Accept, AcceptReason, OnDay, Run, Strict, accepted, carry_out
from ktt.cli.show import JsonFlag, emit, progress, told
from ktt.core.clock import norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.settings import SenderSettings

_Plan = Annotated[
    bool,
    typer.Option(
        "--plan",
        help=told(
            nb="Les, kontroller og vis hva som vil bli sendt, og hvor lang tid det tar. Ingenting sendes eller lagres.",
            en="Read, validate and show what will be sent, and how long it takes. Nothing is sent or stored.",
        ),
    ),
]
_Between = Annotated[
    str | None,
    typer.Option(
        "--between",
        metavar="22:00-06:00",
        help=told(
            nb="Send bare i dette tidsrommet (norsk tid), og vent utenfor det. Standard: send til alt er sendt.",
            en="Send only within these hours (Norwegian time), and wait outside them. Without: until all is sent.",
        ),
    ),
]


def load(
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    accept: Accept = None,
    between: _Between = None,
    *,
    plan: _Plan = False,
    reason: AcceptReason = "",
    strict: Strict = False,
    json: JsonFlag = False,
) -> None:
    """Send everything back to 2017, month by month; run it again to go on where it stopped. `--plan` shows it first."""
    from ktt.sender.initial_load import run_load
    from ktt.sender.load_plan.hours import SendingHours

    if plan and (between or accept or strict):
        raise CommandMisused(reason="--plan", command="ktt load")
    settings, hours = load_settings(config), SendingHours.parse(between) if between else None
    if plan:
        _plan(settings, on, json=json)
    else:
        carry_out(Run("load", run_load), settings, on, accepted(accept, reason), hours=hours, strict=strict, json=json)


def _plan(settings: SenderSettings, on: dt.datetime | None, *, json: bool) -> None:
    from ktt.cli.sender.load.plan_report import shown
    from ktt.core.clock import SystemClock
    from ktt.sender.load_plan.plan import plan_load
    from ktt.wiring.sender import planning_from

    day = on.date() if on else norwegian_day(SystemClock().now())
    words = Text(nb="Leser, kontrollerer og planlegger …", en="Reading, validating and planning …")
    with planning_from(settings, on=day) as sender, progress(words) as steps:
        plan = plan_load(sender, day, steps)
    emit(plan.as_data(), json=json, render=lambda: shown(plan))
    raise typer.Exit(plan.exit_code)
