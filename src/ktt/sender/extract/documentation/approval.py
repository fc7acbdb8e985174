"""Who has approved a mapping as it is: a file beside it, with the hash of the mapping and its code files together."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ktt.core.clock import OSLO
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.extract.mapping.errors import ApprovalUnreadable, ApprovalUnwritable
from ktt.sender.extract.mapping.model import SourceMapping

FORMAT = "ktt-approval/1"
State = Literal["approved", "changed", "none"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: the hash of what was approved, by whom, when (with its offset from UTC) and why."""

    sha256: str
    by: str
    approved_at: str
    reason: str

    @property
    def day(self) -> str:
        """The Norwegian day, as people write it."""
        return dt.datetime.fromisoformat(self.approved_at).astimezone(OSLO).strftime("%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class ApprovalStatus:
    """Whether the mapping is approved as it is, or has changed since; `last` is the last approval."""

    sha256: str
    last: Approval | None = None

    @property
    def state(self) -> State:
        """In a word."""
        if self.last is None:
            return "none"
        return "approved" if self.last.sha256 == self.sha256 else "changed"

    @property
    def says(self) -> Text:
        """In a sentence, without who."""
        return _SAYS[self.state].format(day=self.last.day if self.last else "")


_SAYS: dict[State, Text] = {
    "approved": Text(nb="godkjent {day}, og ikke endret siden", en="approved {day}, and not changed since"),
    "changed": Text(nb="endret etter at den ble godkjent {day}", en="changed since it was approved {day}"),
    "none": Text(nb="ikke godkjent", en="not approved"),
}


def approval_file(mapping: Path) -> Path:
    """The approvals' file: `koblingsfil.approval.json` beside `koblingsfil.toml`."""
    return mapping.with_suffix(".approval.json")


def fingerprint(mapping: SourceMapping) -> str:
    """SHA-256 of the mapping and the code files that it uses: each by name, length and content, the mapping first."""
    codes = {
        source.codes.file for place in mapping.places for source in place.fields.values() if source.codes is not None
    }
    digest = hashlib.sha256()
    folder = mapping.file.parent
    for name, file in [("", mapping.file), *sorted((_relative(code, folder), code) for code in codes)]:
        content = file.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def _relative(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.as_posix()


def approval_status(mapping: SourceMapping) -> ApprovalStatus:
    """What is approved of it."""
    approvals = _read(approval_file(mapping.file))
    return ApprovalStatus(fingerprint(mapping), approvals[-1] if approvals else None)


def approve(mapping: SourceMapping, by: str, reason: str, now: dt.datetime) -> Approval:
    """Write down that somebody has approved the mapping as it is; earlier approvals are kept."""
    file = approval_file(mapping.file)
    made = Approval(fingerprint(mapping), by, now.isoformat(timespec="seconds"), reason)
    data = {"format": FORMAT, "approvals": [asdict(one) for one in (*_read(file), made)]}
    try:
        file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as fault:
        raise ApprovalUnwritable(file=file, reason=os_reason(fault)) from fault
    return made


def _read(file: Path) -> list[Approval]:
    if not file.exists():
        return []
    try:
        return _approvals(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ApprovalUnreadable(file=file) from fault


def _approvals(data: dict[str, Any]) -> list[Approval]:
    if data["format"] != FORMAT:
        raise ValueError(data["format"])
    found = [Approval(**one) for one in data["approvals"]]
    for one in found:
        dt.datetime.fromisoformat(one.approved_at)
    return found
