"""Encryption at rest: AES-256-GCM under a key that lives in a 0600 file of its own."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable, KeyFileUnwritable, SealBroken

_NOT_HEX = Text(nb="den er ikke heksadesimal", en="it is not hexadecimal")
_LENGTH = Text(nb="{has} byte, ventet {wants}", en="{has} bytes, expected {wants}")
_KEY_BYTES, _NONCE_BYTES, _FORMAT = 32, 12, b"\x01"


def write_secret(path: Path, content: bytes) -> None:
    """Write a new 0600 file, whole or not at all; FileExistsError if it is there already, else KeyFileUnwritable."""
    try:
        draft = _draft(path, content)
    except OSError as fault:
        raise KeyFileUnwritable(path=path, reason=os_reason(fault)) from fault
    try:
        os.link(draft, path)  # unlike a rename, never over a file that is there
    finally:
        draft.unlink()


def replace_secret(path: Path, content: bytes) -> None:
    """Write a 0600 file, in one step in the place of what was there; KeyFileUnwritable."""
    try:
        draft = _draft(path, content)
        try:
            draft.replace(path)
        except OSError:
            draft.unlink()
            raise
    except OSError as fault:
        raise KeyFileUnwritable(path=path, reason=os_reason(fault)) from fault


def _draft(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    return draft


def read_secret(path: Path) -> bytes:
    """Read a secret file, refusing one that others may read (POSIX; on Windows the folder's rights decide)."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except OSError as fault:
        raise KeyFileUnreadable(path=path, reason=os_reason(fault)) from fault
    if sys.platform != "win32" and mode & 0o077:
        raise KeyFileTooOpen(path=path, mode=f"{mode:o}")
    return content


class Vault:
    """Seals bytes so that only the same key, and the same context, opens them."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)
        self._alike = AESSIV(self.derive("seal alike") + self.derive("seal alike, second half"))

    @classmethod
    def new(cls) -> Vault:
        """A vault with a key of its own, which is nowhere yet; see `write`."""
        return cls(secrets.token_bytes(_KEY_BYTES))

    def write(self, path: Path) -> None:
        """Write the key to a new 0600 file; FileExistsError, KeyFileUnwritable."""
        write_secret(path, self._key.hex().encode())

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> Vault:
        """The vault whose key is in `path` (64 hexadecimal characters); made on first use when `create`."""
        if create and not path.exists():
            with suppress(FileExistsError):  # another process was first: its key is the key
                write_secret(path, secrets.token_hex(_KEY_BYTES).encode())
        text = read_secret(path).strip()
        try:
            key = bytes.fromhex(text.decode("ascii"))
        except ValueError as fault:
            raise KeyFileUnreadable(path=path, reason=_NOT_HEX) from fault
        if len(key) != _KEY_BYTES:
            raise KeyFileUnreadable(path=path, reason=_LENGTH.format(has=len(key), wants=_KEY_BYTES))
        return cls(key)

    def __repr__(self) -> str:
        return "Vault(•••)"

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt; `context` (such as `outbox/312000008-1114/17`) must be the same when it is opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plaintext, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal` made; SealBroken when key, context or bytes differ."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) < _NONCE_BYTES:
            raise SealBroken(context=context)
        try:
            return self._cipher.decrypt(nonce, ciphertext, context.encode())
        except InvalidTag as fault:
            raise SealBroken(context=context) from fault

    def seal_alike(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt so that the same always gives the same (AES-SIV, RFC 5297): what is looked for by equality alone."""
        return self._alike.encrypt(plaintext, [context.encode()])

    def open_alike(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal_alike` made; SealBroken when key, context or bytes differ."""
        try:
            return self._alike.decrypt(sealed, [context.encode()])
        except (InvalidTag, ValueError) as fault:
            raise SealBroken(context=context) from fault

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for another purpose (a keyed fingerprint, a pseudonym), not revealing this one."""
        from hashlib import blake2b

        return blake2b(purpose.encode(), key=self._key, digest_size=32, person=b"ktt-derive").digest()
