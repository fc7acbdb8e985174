"""The status as a Prometheus text file, for the collector of a node exporter. Its only label is the unit."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.rules.kinds import Cause
from ktt.sender.monitoring.errors import MetricsUnwritable
from ktt.sender.monitoring.overview import Status, UnitStatus

_HELP = {
    "ktt_unit_things_to_do": "Things that must be done.",
    "ktt_unit_exit_code": "The highest class of what must be done; 0 when all is well.",
    "ktt_unit_messages_waiting": "Messages in the queue.",
    "ktt_unit_messages_delivered": "Messages that were accepted.",
    "ktt_unit_waiting_since_seconds": "When the first message that waits was queued.",
    "ktt_unit_last_accepted_seconds": "When the last message was accepted.",
    "ktt_unit_last_run_seconds": "When the last run ended.",
    "ktt_unit_last_run_exit_code": "The exit code of the last run.",
    "ktt_unit_last_change_seconds": "When the last run ended that had anything to send.",
    "ktt_unit_findings_registration": "Open findings that keep something back and are the caseworkers'.",
    "ktt_unit_findings_extraction": "Open findings that keep something back and are in the extract.",
    "ktt_unit_findings_code_mapping": "Open findings that keep something back and are in the code mapping.",
    "ktt_unit_records_parked": "Records that are set aside.",
    "ktt_unit_records_missing": "Records missing from the extract and not deleted for lack of proof.",
    "ktt_unit_registry_differences": "Records that differ at the registry, by the last comparison.",
}


def exposition(status: Status) -> str:
    """All metrics, as gauges in the text format of Prometheus."""
    values: dict[str, list[str]] = {name: [] for name in _HELP}
    for unit in status.units:
        for name, value in _metrics(unit):
            values[name].append(f'{name}{{unit="{unit.facts.unit.key}"}} {value}')
    lines = [line for name, found in values.items() if found for line in (*_head(name, _HELP[name]), *found)]
    days = status.key.current.days_left(status.at) if status.key else None
    common = {"ktt_status_seconds": ("When this was written.", _seconds(status.at))}
    if days is not None:
        common["ktt_client_key_days_left"] = ("Whole days until the client's key expires.", days)
    for name, (about, value) in common.items():
        lines += [*_head(name, about), f"{name} {value}"]
    return "\n".join(lines) + "\n"


def write_metrics(status: Status, path: Path) -> None:
    """Write the metrics in one step in the place of what was there, readable for the collector; MetricsUnwritable."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        draft.write_text(exposition(status), encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise MetricsUnwritable(path=path, reason=os_reason(fault)) from fault


def _metrics(unit: UnitStatus) -> Iterator[tuple[str, int]]:
    facts, queue, last = unit.facts, unit.facts.queue, unit.facts.outcomes
    yield "ktt_unit_things_to_do", len(unit.things)
    yield "ktt_unit_exit_code", max((thing.exit_code for thing in unit.things), default=0)
    yield "ktt_unit_messages_waiting", queue.undelivered
    yield "ktt_unit_messages_delivered", queue.delivered
    instants = {
        "ktt_unit_waiting_since_seconds": queue.first.queued_at if queue.first else None,
        "ktt_unit_last_accepted_seconds": queue.last_accepted_at,
        "ktt_unit_last_run_seconds": facts.last_run_at,
        "ktt_unit_last_change_seconds": facts.changed_at,
    }
    yield from ((name, _seconds(at)) for name, at in instants.items() if at is not None)
    if last.last is not None:
        yield "ktt_unit_last_run_exit_code", last.last.outcome.exit_code
    for cause in Cause:
        yield f"ktt_unit_findings_{cause.value.replace(' ', '_')}", facts.findings.get(cause, 0)
    yield "ktt_unit_records_parked", facts.parked
    if last.read is not None:
        yield "ktt_unit_records_missing", last.read.outcome.missing
    if last.compared is not None:
        yield "ktt_unit_registry_differences", last.compared.outcome.differences


def _head(name: str, about: str) -> tuple[str, str]:
    return f"# HELP {name} {about}", f"# TYPE {name} gauge"


def _seconds(at: dt.datetime) -> int:
    return int(at.timestamp())
