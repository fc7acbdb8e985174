"""`ktt fleet`: a daily run of many units, and the status of all of them."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.monitoring.status import Alarm, Prometheus
from ktt.cli.sender.run import OnDay, Strict
from ktt.cli.show import JsonFlag, Steps, emit, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.fleet.report import UnitResult
    from ktt.sender.fleet.settings import Fleet

app = typer.Typer(add_completion=False)
FLEET = Path("fleet.toml")

FleetFile = Annotated[
    Path, typer.Option("--config", help=told(nb="Innstillingsfilen til flåten.", en="The fleet's settings file."))
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(
            nb="Bare denne enheten, som 312000008-1114. Kan gjentas.",
            en="This unit alone, such as 312000008-1114. May be repeated.",
        ),
    ),
]

Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        help=told(nb="Hvor mange enheter som er i gang samtidig.", en="How many units are under way at the same time."),
    ),
]


@app.command(
    help=told(
        nb="Kjør den daglige kjøringen for alle enhetene. Ingen venter på en som er treg eller stanset.",
        en="Do the daily run of every unit. None waits for one that is slow or stopped.",
    )
)
def run(
    config: FleetFile = FLEET,
    only: Only = None,
    on: OnDay = None,
    workers: Workers = None,
    *,
    strict: Strict = False,
    json: JsonFlag = False,
) -> None:
    """A unit whose initial load is not finished goes on with it, after all daily runs. The exit code is the highest class of all units."""
    from ktt.cli.fleet.run_report import shown
    from ktt.core.clock import SystemClock, norwegian_day
    from ktt.sender.agent.stopping import stopping_on
    from ktt.sender.fleet.run import FleetRun
    from ktt.sender.fleet.settings import Fleet
    from ktt.wiring.fleet import fleet_opener

    fleet, clock = Fleet.load(config), SystemClock()
    units, day = fleet.only(only or []), on.date() if on else norwegian_day(clock.now())
    words = Text(nb="Kjører …", en="Running …")
    with (
        stopping_on(signal.SIGTERM, signal.SIGINT) as stopping,
        fleet_opener(fleet, clock=clock) as opener,
        progress(words, len(units)) as steps,
    ):
        fleet_run = FleetRun(
            fleet, day, opener, stopping.is_asked, strict=strict, workers=workers, told=_telling(steps)
        )
        report = fleet_run.run(units)
    ring_and_tell(fleet)
    emit(report.as_data(), json=json, render=lambda: shown(report, fleet))
    raise typer.Exit(report.exit_code)


@app.command(
    help=told(
        nb="Se om alt er i orden hos alle enhetene, den verste først, og hva som må gjøres av hvem.",
        en="See whether all is well with every unit, the worst first, and what must be done by whom.",
    )
)
def status(
    config: FleetFile = FLEET,
    only: Only = None,
    prometheus: Prometheus = None,
    *,
    alarm: Alarm = False,
    json: JsonFlag = False,
) -> None:
    """Units that need nobody are counted, and shown with `--only`. The exit code is the highest class of all units, as for `ktt status`."""
    from ktt.cli.fleet.status_report import shown
    from ktt.sender.fleet.settings import Fleet
    from ktt.wiring.fleet import status_of_fleet

    fleet = Fleet.load(config)
    found = status_of_fleet(fleet, only or [])
    if prometheus is not None:
        from ktt.sender.monitoring.prometheus import write_metrics

        write_metrics(found, prometheus)
    if alarm:
        ring_and_tell(fleet)
    emit(found.as_data(), json=json, render=lambda: shown(found, every=bool(only)))
    raise typer.Exit(found.exit_code)


def ring_and_tell(fleet: Fleet) -> None:
    """Ring for all units at once, and say on stderr what could not be delivered."""
    from ktt.cli.sender.monitoring.alarms import tell_faults
    from ktt.wiring.fleet import ring_fleet_alarms

    tell_faults(lambda: ring_fleet_alarms(fleet))


def _telling(steps: Steps) -> Callable[[UnitResult, int], object]:
    def tell(result: UnitResult, done: int) -> None:
        steps(done, text=result.unit)

    return tell
