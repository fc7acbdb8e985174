"""`ktt status`: whether all is well, and if not what must be done and by whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, note, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.settings import SenderSettings

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
Ask = Annotated[
    bool,
    typer.Option(
        "--ask",
        help=told(
            nb="Spør først mottaket hva FHI venter på; uten vises det den siste kjøringen fikk vite.",
            en="First ask the receiver what FHI waits for; without, what the last run was told is shown.",
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
    config: ConfigFile = CONFIG,
    prometheus: Prometheus = None,
    *,
    ask: Ask = False,
    alarm: Alarm = False,
    json: JsonFlag = False,
) -> None:
    """Whether all is well: one line a unit of the store, then what must be done, and by whom.

    The exit code is 0 when nothing must be done, 3 when only findings or records that are held wait for someone, and
    else the class of what is most serious, as for a run.
    """
    settings = load_settings(config)
    from ktt.cli.sender.monitoring.status_report import shown
    from ktt.sender.monitoring.overview import status_of
    from ktt.wiring.sender import facts_from

    if ask:
        _ask(settings)
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


def _ask(settings: SenderSettings) -> None:
    """Who gives no answer is a remark: the status is told all the same."""
    from ktt.sender.client.lookups import Found
    from ktt.wiring.follow_ups import ask_registry

    if not isinstance(ask_registry(settings), Found):
        note(
            Text(
                nb="⚠ Mottaket ga ikke svar på hva FHI venter på.", en="⚠ The receiver did not say what FHI waits for."
            )
        )
