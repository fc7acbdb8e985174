"""Which machine this is: a keyed hash of the id that the operating system gave it when it was installed."""

from __future__ import annotations

import sys
from hashlib import blake2b
from pathlib import Path

ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def machine_of(key: bytes) -> str | None:
    """The hash under this key, so that the id itself is kept nowhere; None on a machine without one."""
    found = _from_files() or _from_windows()
    return blake2b(found.encode(), key=key, digest_size=16).hexdigest() if found else None


def _from_files() -> str | None:
    for path in ID_FILES:
        try:
            found = path.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        if found and found != "uninitialized":
            return found
    return None


def _from_windows() -> str | None:
    if sys.platform != "win32":
        return None
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    except OSError:
        return None
