"""The bundle itself: one zip file, each part a file in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import orjson

from ktt.core.log.masking import masked
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.monitoring.errors import BundleUnwritable
from ktt.sender.monitoring.overview import Status
from ktt.sender.monitoring.support import parts
from ktt.sender.outcomes.store import OutcomeStore
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database

_ABOUT = """Hjelp til ktt-avsenderen.

Her er versjoner, innstillinger uten hemmeligheter, status, de siste kjøringene, køen, forsøkene og antall avvik, og loggen når den
ble oppgitt. Her er ingen personer, ingen lokale ID-er og ingen nøkler. Se gjerne selv før dere sender den videre.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the bundle is made of."""

    database: Database
    outcomes: OutcomeStore
    settings: SenderSettings
    status: Status


def write_bundle(out: Path, known: Known, log: Path | None = None) -> list[str]:
    """Write the bundle, with the end of a log if there is one; the names of its parts. BundleUnwritable, LogUnreadable."""
    content: dict[str, Any] = {
        "versions.json": parts.versions(known.database),
        "settings.json": parts.safe_settings(known.settings),
        "status.json": known.status.as_data(),
        "runs.json": parts.runs(known.outcomes),
        "queue.json": parts.newest_messages(known.database),
        "attempts.json": parts.newest_attempts(known.database),
        "findings.json": parts.counted_findings(known.database),
    }
    folders = _folders(known.settings)
    files = {"les-meg.txt": _ABOUT, **{name: _json(data, folders) for name, data in content.items()}}
    if log is not None:
        lines, left_out = parts.log_tail(log)
        files["log.jsonl"] = "".join(f"{line}\n" for line in lines)
        files["log-utelatt.txt"] = f"{left_out}\n"
    _write(out, files)
    return list(files)


def _write(out: Path, files: Mapping[str, str]) -> None:
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in files.items():
                bundle.writestr(name, text)
    except OSError as fault:
        raise BundleUnwritable(path=out, reason=os_reason(fault)) from fault


def _folders(settings: SenderSettings) -> list[str]:
    """The folders of the settings as they stand in JSON, the longest first: they may be named after somebody."""
    files = (settings.source.mapping, settings.store.key_file, settings.helseid.key_file)
    return sorted({json.dumps(str(file.parent), ensure_ascii=False)[1:-1] for file in files}, key=len, reverse=True)


def _json(data: object, folders: list[str]) -> str:
    """Masked once more as a whole: a number must not get out through a part that forgot."""
    text = orjson.dumps(data, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    for folder in folders:
        text = text.replace(folder, "…")
    return masked(text)


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return value.both()
    if isinstance(value, Path):
        return value.name
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
