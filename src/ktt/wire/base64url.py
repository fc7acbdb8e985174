"""Base64 in one form only: what decodes is also what encoding would have written.

No library's strict mode refuses non-zero trailing bits (`QUJDRB==`), so every value is compared with its re-encoding;
that also catches padding, white space and foreign characters (helseid § 16.1).
"""

from __future__ import annotations

import binascii

import pybase64

_TO_URL_ALPHABET = str.maketrans("+/", "-_")


def encode(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 § 2)."""
    return pybase64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes | None:
    """The bytes of canonical base64url without padding; None for anything else."""
    if "+" in text or "/" in text:
        return None  # the library would decode them, with a warning that each request could cause
    try:
        raw = pybase64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if encode(raw) == text else None


def decode_either(text: str) -> bytes | None:
    """The bytes of canonical base64 in the standard or the URL alphabet (not mixed), padded rightly or not at all."""
    if (raw := decode(text)) is not None:  # as every client of ours and FHI's writes it
        return raw
    bare = text.rstrip("=")
    if len(text) not in {len(bare), len(bare) + (-len(bare) % 4)}:
        return None
    if not set("+/").isdisjoint(bare) and not set("-_").isdisjoint(bare):
        return None
    return decode(bare.translate(_TO_URL_ALPHABET))
