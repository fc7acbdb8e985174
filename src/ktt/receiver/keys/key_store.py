"""The receiver's RSA keys: one sealed 0600 file each, named by a GUID, with an expiry and an overlap (transport § 3.3).

The public part of an expired key is kept, so that its use is answered 1007 and not 1004; the private part is
overwritten as soon as no message under it can still be in flight.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pybase64
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from filelock import FileLock

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.receiver.errors import ReceiverKeyUnreadable
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault, read_secret, replace_secret, write_secret
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import same_id

_log = logging.getLogger(__name__)
_BITS = 3072  # FHI's own sample key; 128-bit strength (OWASP ASVS 5.0 11.2.3)
_SUFFIX = ".key"
_GRACE = dt.timedelta(hours=1)  # by then every request that began before the expiry has been answered


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key of ours. `private` is None once it is destroyed."""

    public: ReceiverKey
    private: rsa.RSAPrivateKey | None = field(repr=False)
    made_at: dt.datetime | None = None  # older files do not have it
    modulus: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "modulus", self.public.public_key.public_numbers().n)

    @property
    def modulus_bytes(self) -> int:
        """How long a wrapped key is."""
        return (self.modulus.bit_length() + 7) // 8

    def expired(self, at: dt.datetime) -> bool:
        """Whether messages under it are refused (1007)."""
        return self.private is None or self.public.expires_at <= at


Stamp = tuple[int, int] | None
"""What changes whenever a key file is replaced: inode and time; None when there is no such file."""


def _stamp(path: str | Path) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, for every message
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


class KeyStore:
    """The keys in one folder. A change by another process holds from the next time that the list, or the key, is asked for."""

    def __init__(self, folder: Path, vault: Vault, clock: Clock) -> None:
        self._folder, self._vault, self._clock = folder, vault, clock
        self._lock = threading.Lock()
        self._keys: dict[str, StoredKey] = {}
        self._seen: frozenset[tuple[str, int]] = frozenset()
        self._stamps: dict[str, Stamp] = {}
        self._read_folder()

    def find(self, key_id: str) -> StoredKey | None:
        """The key with this id, GUIDs compared without regard to case; None when it is unknown or no id."""
        wanted = same_id(key_id)
        if wanted is None:
            return None
        stamp = _stamp(self._path(wanted))
        if stamp != self._stamps.get(wanted):
            self._reload()
            self._stamps[wanted] = stamp  # also of one that cannot be read, so that not every request tries again
        return self._keys.get(wanted)

    def listed(self) -> list[ReceiverKey]:
        """The unexpired keys, the one that lives longest first."""
        now = self._clock.now()
        valid = [key.public for key in self.stored() if not key.expired(now)]
        return sorted(valid, key=lambda key: (key.expires_at, key.id), reverse=True)

    def stored(self) -> list[StoredKey]:
        """Every key in the folder, expired ones included, as the folder is now."""
        if self._files() != self._seen:
            self._reload()
        return [*self._keys.values()]

    def ensure(self, life: dt.timedelta, overlap: dt.timedelta) -> None:
        """Make a key when the newest does not outlive the overlap: one only, however many processes ask at the same time."""
        if self._lasts(overlap):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / ".lock", mode=0o600):
            self._read_folder()
            if not self._lasts(overlap):
                self.add(life)

    def _lasts(self, overlap: dt.timedelta) -> bool:
        listed = self.listed()
        return bool(listed) and listed[0].expires_at > self._clock.now() + overlap

    def add(self, life: dt.timedelta) -> ReceiverKey:
        """Make a key that expires after `life`; the older ones stay valid until their own expiry."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        return self.adopt(str(uuid.uuid4()), private, (self._clock.now() + life).replace(microsecond=0))

    def adopt(self, key_id: str, private: rsa.RSAPrivateKey, expires_at: dt.datetime) -> ReceiverKey:
        """Add a key made elsewhere; FileExistsError when the id is taken."""
        stored = StoredKey(ReceiverKey(key_id, private.public_key(), expires_at), private, self._clock.now())
        with self._lock:
            write_secret(self._path(stored.public.id), self._text(stored))
            self._keys = {**self._keys, stored.public.id: stored}
        return stored.public

    def retire(self, key_ids: Iterable[str], expires_at: dt.datetime) -> None:
        """Let these keys expire at that instant, unless they expire before it."""
        wanted = set(key_ids)
        with self._lock:
            for key in [*self._keys.values()]:
                if key.public.id in wanted and key.public.expires_at > expires_at:
                    self._replace(
                        replace(key, public=replace(key.public, expires_at=expires_at.replace(microsecond=0)))
                    )

    def destroy_expired(self) -> list[str]:
        """Overwrite the private parts that are past use; the ids of all keys that have none."""
        now = self._clock.now()
        self.stored()
        with self._lock:
            for key in [*self._keys.values()]:
                if key.private is not None and key.public.expires_at + _GRACE <= now:
                    self._replace(replace(key, private=None))
            return sorted(key.public.id for key in self._keys.values() if key.private is None)

    def _replace(self, key: StoredKey) -> None:
        replace_secret(self._path(key.public.id), self._text(key))
        self._keys = {**self._keys, key.public.id: key}

    def _reload(self) -> None:
        """A file that is damaged while the receiver runs must not take the other keys with it."""
        try:
            self._read_folder()
        except KttError as fault:
            _log.error("the key folder is read no further: %s", fault)

    def _files(self) -> frozenset[tuple[str, int]]:
        """Names and inodes: every change of ours replaces a file by a new one, and so changes the inode."""
        try:
            with os.scandir(self._folder) as entries:
                return frozenset((entry.name, entry.inode()) for entry in entries if entry.name.endswith(_SUFFIX))
        except FileNotFoundError:
            return frozenset()

    def _read_folder(self) -> None:
        with self._lock:
            self._seen = self._files()
            files = sorted(self._folder.glob(f"*{_SUFFIX}"))
            stamps = {
                path.stem: _stamp(path) for path in files
            }  # before they are read: a change meanwhile is seen later
            self._keys = {key.public.id: key for key in map(self._read, files)}
            self._stamps = stamps

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}{_SUFFIX}"

    def _text(self, key: StoredKey) -> bytes:
        public = key.public.public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        content = {
            "id": key.public.id,
            "made_at": None if key.made_at is None else key.made_at.isoformat(timespec="seconds"),
            "expires_at": key.public.expires_at.isoformat(),
            "public": public.decode("ascii"),
            "private": None if key.private is None else self._seal(key.public.id, key.private),
        }
        return json.dumps(content, indent=1).encode()

    def _seal(self, key_id: str, private: rsa.RSAPrivateKey) -> str:
        der = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pybase64.b64encode(self._vault.seal(der, f"receiver-key/{key_id}")).decode("ascii")

    def _read(self, path: Path) -> StoredKey:
        try:
            content = json.loads(read_secret(path))
            public = serialization.load_pem_public_key(content["public"].encode())
            private = None if content["private"] is None else self._open(content["id"], content["private"])
            expires_at = dt.datetime.fromisoformat(content["expires_at"])
            made_at = dt.datetime.fromisoformat(content["made_at"]) if content.get("made_at") else None
        except (ValueError, KeyError, TypeError, AttributeError, SealBroken) as fault:
            raise ReceiverKeyUnreadable(path=path, reason=type(fault).__name__) from fault
        if not isinstance(public, rsa.RSAPublicKey) or path.stem != content["id"]:
            raise ReceiverKeyUnreadable(path=path, reason="id")
        return StoredKey(ReceiverKey(content["id"], public, expires_at), private, made_at)

    def _open(self, key_id: str, sealed: str) -> rsa.RSAPrivateKey | None:
        der = self._vault.open(pybase64.b64decode(sealed, validate=True), f"receiver-key/{key_id}")
        key = serialization.load_der_private_key(der, None)
        return key if isinstance(key, rsa.RSAPrivateKey) else None
