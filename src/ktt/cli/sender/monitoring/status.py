"""`ktt status`: whether all is well, and if not what must be done and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, told
from ktt.core.clock import SystemClock

Prometheus = Annotated[
    Path | None,
    typer.Option(
        "--prometheus",
        metavar=told(nb="FIL.prom", en="FILE.prom"),
        help=told(
            nb="Skriv også målingene til denne filen, for node_exporter. Den byttes ut i ett steg.",
            en="Also write the metrics to this file, for node_exporter. It is replaced in one step.",
        ),
    ),
]
Alarm = Annotated[
    bool,
    typer.Option(
        "--alarm",
        help=told(
            nb="Send varslene som «[alarms]» i innstillingene sier: ett når noe begynner, og ett når det er over.",
            en="Send the alarms that `[alarms]` in the settings asks for: one when something begins, and one when it ends.",
        ),
    ),
]


def status(
    config: ConfigFile = CONFIG, prometheus: Prometheus = None, *, alarm: Alarm = False, json: JsonFlag = False
) -> None:
    """Whether all is well: one line a unit of the store, then what must be done, and by whom.

    The exit code is 0 when nothing must be done, 3 when only findings or records that are held wait for someone, and
    else the class of what is most serious, as for a run.
    """
    settings = load_settings(config)
    from ktt.cli.sender.monitoring.status_report import shown
    from ktt.sender.monitoring.overview import status_of
    from ktt.wiring import facts_from

    if alarm:
        from ktt.cli.sender.monitoring.alarms import ring_and_tell

        ring_and_tell(settings)  # first, since a store that cannot be opened rings too
    now = SystemClock().now()
    with facts_from(settings) as facts:
        found = status_of(facts, settings.unit.reporting_unit, settings.helseid.key_file, now)
    if prometheus is not None:
        from ktt.sender.monitoring.prometheus import write_metrics

        write_metrics(found, prometheus)
    emit(found.as_data(), json=json, render=lambda: shown(found))
    raise typer.Exit(found.exit_code)
