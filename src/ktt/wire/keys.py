"""The answer of `GET /keys` (transport § 3), read and written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.wire.envelope import ReceiverKey

MIN_BITS = 2048  # refused below; FHI's own sample key has 3072
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NO_END = dt.datetime.max.replace(tzinfo=dt.UTC)


class BadKeys(Exception):
    """The answer is not a list of keys at all."""


@dataclass(frozen=True, slots=True)
class KeyList:
    """The usable keys in the order listed, and for each other one its id and why it is not used."""

    keys: tuple[ReceiverKey, ...]
    unusable: tuple[tuple[str, str], ...] = ()


def same_id(text: str) -> str | None:
    """The form by which key ids are compared: GUID-shaped ones without regard to case; None when it is no id."""
    if _ID.fullmatch(text) is None:
        return None
    return text.lower() if _GUID.fullmatch(text) else text


def write_keys(keys: Iterable[ReceiverKey]) -> bytes:
    """The list as JSON, in the order given; the expiry says its zone, so that no reader has to guess."""
    return orjson.dumps(
        [
            {
                "id": key.id,
                "expirationDate": key.expires_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "publicKey": key.public_key.public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                ).decode("ascii"),
            }
            for key in keys
        ]
    )


def parse_keys(body: bytes) -> KeyList:
    """Read the list; BadKeys when it is not a JSON array. An entry that cannot be used is named, not fatal."""
    try:
        entries = orjson.loads(body)
    except ValueError:
        raise BadKeys("not JSON") from None
    if not isinstance(entries, list):
        raise BadKeys("not a list")
    keys: list[ReceiverKey] = []
    unusable: list[tuple[str, str]] = []
    for entry in entries:
        read = _read(entry)
        keys.append(read) if isinstance(read, ReceiverKey) else unusable.append(read)
    return KeyList(tuple(keys), tuple(unusable))


def _read(entry: Any) -> ReceiverKey | tuple[str, str]:
    fields = entry if isinstance(entry, dict) else {}
    key_id = fields.get("id")
    if not isinstance(key_id, str) or same_id(key_id) is None:
        return "?", "no usable id"
    expires_at = _instant(fields.get("expirationDate"))
    if expires_at is None:
        return key_id, "no usable expirationDate"
    public_key = _rsa_key(fields.get("publicKey"))
    return ReceiverKey(key_id, public_key, expires_at) if not isinstance(public_key, str) else (key_id, public_key)


def _instant(text: Any) -> dt.datetime | None:
    """An ISO 8601 instant; without a zone it is UTC (transport § 3.2), and one beyond the calendar is its end."""
    if not isinstance(text, str):
        return None
    try:
        read = dt.datetime.fromisoformat(text)
        return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    except OverflowError:
        return _NO_END
    except ValueError:
        return None


def _rsa_key(pem: Any) -> rsa.RSAPublicKey | str:
    """The key, or why it is not used."""
    try:
        key = serialization.load_pem_public_key(str(pem).encode())
    except (ValueError, UnsupportedAlgorithm):
        return "not a public key in PEM"
    if not isinstance(key, rsa.RSAPublicKey):
        return "not RSA"
    return key if key.key_size >= MIN_BITS else f"{key.key_size} bits"
