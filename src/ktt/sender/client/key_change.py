"""A change of the client's key: the new one lies beside the one in use until HelseID accepts it, then takes its place.

Beside `klient.jwk` lies `klient.jwk.new` while the change goes on, and `klient.jwk.<thumbprint>.old` afterwards. The three
steps are one new file, one hard link and one rename, so a change that is cut short anywhere goes on where it was.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from ktt.core.os_faults import os_reason
from ktt.sender.client.client_key import read_client_key
from ktt.storage.errors import KeyFileUnwritable
from ktt.wire.dpop import ProofKey

_SHOWN = 12  # characters of a thumbprint: enough to tell one client's keys apart


def new_key_file(key_file: Path) -> Path:
    """Where the new key lies until it is taken into use."""
    return key_file.with_name(f"{key_file.name}.new")


def old_key_file(key_file: Path, old: ProofKey) -> Path:
    """Where a key lies that was in use before."""
    return key_file.with_name(f"{key_file.name}.{old.thumbprint[:_SHOWN]}.old")


def read_new_key(key_file: Path) -> ProofKey | None:
    """The new key when a change is going on; the faults of `read_client_key` when its file cannot be used."""
    path = new_key_file(key_file)
    return read_client_key(path) if path.exists() else None


def take_into_use(key_file: Path, accepted: ProofKey) -> bool:
    """Let the new key, which HelseID has accepted, take the place of the old one, which is kept; KeyFileUnwritable.

    False when another process has done so already.
    """
    try:
        with FileLock(f"{key_file}.lock", mode=0o600):
            new = read_new_key(key_file)
            if new is None or new.thumbprint != accepted.thumbprint:
                return False
            _keep(key_file)
            new_key_file(key_file).replace(key_file)
            _settle(key_file.parent)
    except OSError as fault:
        raise KeyFileUnwritable(path=key_file, reason=os_reason(fault)) from fault
    return True


def _keep(key_file: Path) -> None:
    """A second name for the file in use. It is there already when an earlier attempt came this far."""
    with suppress(FileExistsError):
        os.link(key_file, old_key_file(key_file, read_client_key(key_file)))


def _settle(folder: Path) -> None:
    """Write the names themselves to disk (POSIX; Windows has no such call)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
