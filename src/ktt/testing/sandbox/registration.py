"""Which sandboxes run on this machine: each leaves a file in the user's state folder while it runs.

So a command finds the one that runs, whatever folder it was given. The file (mode 0600) names the folder, the process and
when that began; what is needed to control the sandbox stays in its own folder.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable
from ktt.storage.vault import read_secret, replace_secret
from ktt.testing.sandbox.errors import ControlRefused, NoSandboxRuns, SandboxBusy, SandboxNotFound, SeveralSandboxes
from ktt.testing.sandbox.faults.admin_client import AdminClient

_STARTED_FIELD = 19  # of /proc/PID/stat after the name: clock ticks from the machine's start to the process's (proc(5))


class _Registration(msgspec.Struct):
    folder: str
    host: str  # a home folder may be shared by machines
    pid: int
    began: str | None


def state_folder() -> Path:
    """Where the files are: `ktt/sandboxes` in `$XDG_STATE_HOME`, `~/.local/state` or Windows' `%LOCALAPPDATA%`."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "ktt" / "sandboxes"


@contextmanager
def registered(folder: Path) -> Iterator[None]:
    """Keep a file about the running sandbox in the folder, and remove it afterwards; KeyFileUnwritable."""
    pid = os.getpid()
    path = state_folder() / f"{socket.gethostname()}-{pid}-{secrets.token_hex(4)}.json"
    content = _Registration(str(folder.absolute()), socket.gethostname(), pid, _began(pid))
    replace_secret(path, msgspec.json.encode(content))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_folders() -> list[Path]:
    """The folders of the sandboxes that run, sorted. Files that sandboxes left which were killed are removed."""
    found = set()
    for path in sorted(state_folder().glob("*.json")):
        registration = _read(path)
        if registration is not None and registration.host != socket.gethostname():
            continue
        if registration is None or not _runs(registration):
            path.unlink(missing_ok=True)
        else:
            found.add(Path(registration.folder))
    return sorted(found)


def running_folder() -> Path:
    """The folder of the one sandbox that runs; NoSandboxRuns, SeveralSandboxes."""
    folders = running_folders()
    if not folders:
        raise NoSandboxRuns
    if len(folders) > 1:
        raise SeveralSandboxes(folders=", ".join(map(str, folders)))
    return folders[0]


def _read(path: Path) -> _Registration | None:
    try:
        return msgspec.json.decode(read_secret(path), type=_Registration)
    except (KeyFileUnreadable, KeyFileTooOpen, msgspec.MsgspecError):
        return None


def _runs(registration: _Registration) -> bool:
    """Whether the process is the one that wrote the file, and its sandbox answers."""
    if registration.began != _began(registration.pid):
        return False
    try:
        with AdminClient(Path(registration.folder)) as admin:
            admin.state()
    except SandboxBusy:
        return True
    except (SandboxNotFound, ControlRefused):
        return False
    return True


def _began(pid: int) -> str | None:
    """When a process began, as Linux says it; None where that is not told, or when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[_STARTED_FIELD]
