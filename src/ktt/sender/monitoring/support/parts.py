"""What is put into the bundle. Each part names what it takes, so that what is added elsewhere is not in it by itself."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from ktt.core.log.masking import masked
from ktt.core.os_faults import os_reason
from ktt.sender.findings.tables import FINDING
from ktt.sender.monitoring.errors import LogUnreadable
from ktt.sender.outbox.sql.tables import ATTEMPT, OUTBOX
from ktt.sender.outcomes.store import OutcomeStore
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database

RUNS, MESSAGES, ATTEMPTS, LOG_LINES = 30, 500, 500, 2000
"""How many at most: of each unit's runs, and of the store's newest messages, attempts and lines of the log."""
_LIBRARIES = ("sqlalchemy", "polars", "pydantic", "joserfc", "httpcore2", "typer")
_LOGGED = ("at", "level", "component", "event", "error")


def versions(database: Database) -> dict[str, Any]:
    """What runs, and on what."""
    with database.reading() as connection:
        server = ".".join(map(str, connection.dialect.server_version_info or ()))
    return {
        "ktt": importlib.metadata.version("ktt"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "store": f"{database.dialect} {server}",
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def safe_settings(settings: SenderSettings) -> dict[str, Any]:
    """The settings without secrets, addresses of people and folders, which may be named after somebody."""
    alarms, helseid = settings.alarms, settings.helseid
    return {
        "environment": settings.environment,
        "packs": [Path(pack).name for pack in settings.packs],
        "unit": settings.unit.reporting_unit.key,
        "source": {"kind": _scheme(settings.source.url), "mapping": settings.source.mapping.name},
        "store": {"kind": _scheme(settings.store.url), "key_file": settings.store.key_file.name},
        "helseid": {
            "authority": helseid.authority,
            "client_id": helseid.client_id,
            "key_file": helseid.key_file.name,
            "scope": helseid.scope,
            "multi_tenant": helseid.multi_tenant,
            "child_organisation": helseid.child_organisation,
        },
        "mottak": {"base_url": settings.mottak.base_url},
        "software": settings.software.model_dump(),
        "alarms": {"webhook": alarms.webhook is not None, "email": alarms.email is not None},
    }


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def runs(outcomes: OutcomeStore) -> dict[str, Any]:
    """How the last runs of each unit ended."""
    return {
        unit.key: [{"at": one.at, **asdict(one.outcome)} for one in recorded]
        for unit, recorded in outcomes.latest(RUNS).items()
    }


_MESSAGE = (
    *(
        "unit",
        "sequence",
        "message_type",
        "version",
        "pack",
        "period",
        "state",
        "payload_bytes",
        "upserts",
        "deletions",
    ),
    *("attempts", "queued_at", "sent_at", "settled_at"),
)
_ATTEMPT = (
    *("unit", "sequence", "number", "at", "ended_at", "outcome", "http_status", "code", "name", "details"),
    "correlation_id",
)


def newest_messages(database: Database) -> list[dict[str, Any]]:
    """The newest messages of the store, without their content."""
    return _newest(database, OUTBOX, _MESSAGE, OUTBOX.c.queued_at, MESSAGES)


def newest_attempts(database: Database) -> list[dict[str, Any]]:
    """The newest attempts to send, with what was answered."""
    return _newest(database, ATTEMPT, _ATTEMPT, ATTEMPT.c.at, ATTEMPTS)


def _newest(
    database: Database, table: sa.Table, names: Sequence[str], order: sa.ColumnElement[Any], most: int
) -> list[dict[str, Any]]:
    columns = [table.c[name] for name in names]
    query = sa.select(*columns).order_by(order.desc(), table.c.unit, table.c.sequence.desc()).limit(most)
    with database.reading() as connection:
        return [_masked(row) for row in connection.execute(query).mappings()]


def _masked(row: RowMapping) -> dict[str, Any]:
    return {name: masked(value) if isinstance(value, str) else value for name, value in row.items()}


def counted_findings(database: Database) -> list[dict[str, Any]]:
    """The open findings by rule, record type and field: counts alone, neither id nor local code."""
    kind = [FINDING.c[name] for name in ("unit", "rule", "record_type", "fields", "consequence", "cause")]
    query = sa.select(*kind, sa.func.count().label("findings")).where(FINDING.c.closed_run.is_(None))
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(query.group_by(*kind).order_by(*kind)).mappings()]


def log_tail(path: Path) -> tuple[list[str], int]:
    """The last lines of a log that are ours, masked, and how many others were left out; LogUnreadable.

    What is not a line of ours may say anything, so it is not taken.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as log:
            lines = deque(log, maxlen=LOG_LINES)
    except OSError as fault:
        raise LogUnreadable(path=path, reason=os_reason(fault)) from fault
    ours = [line for line in map(_log_line, lines) if line is not None]
    return ours, len(lines) - len(ours)


def _log_line(text: str) -> str | None:
    start = text.find("{")  # a journal writes its own words before ours
    try:
        line: Mapping[str, Any] = json.loads(text[start:]) if start >= 0 else {}
    except ValueError:
        return None
    if not isinstance(line, dict) or not {"at", "level", "component", "event"} <= line.keys():
        return None
    return masked(json.dumps({name: line[name] for name in _LOGGED if name in line}, ensure_ascii=False))
