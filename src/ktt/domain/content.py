"""One number for a whole state: equal for two descriptions of the same records, whatever their order.

Used to show that the registry holds what the record system holds. Each side describes its state with code of its own;
only this hash is shared, and it depends neither on frames nor on messages nor on databases.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal

import orjson

NOT_COMPARED = frozenset({"recorded_at"})
"""A record whose only news is when it was stored is not sent again (messages § 7.1), so it cannot be compared."""


def content_hash(rows: Iterable[Mapping[str, object]]) -> str:
    """SHA-256 over the sorted SHA-256 of each record's canonical JSON.

    A row is a record as a plain mapping: column name → text, `date`, `Decimal`, int or None, and part name → list of
    such mappings without the parent's key. Empty values and empty lists are left out; `recorded_at` does not count.
    """
    digests = sorted(hashlib.sha256(_line(row)).digest() for row in rows)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _line(row: Mapping[str, object]) -> bytes:
    return _text(_canonical(row))


def _text(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _canonical(row: Mapping[str, object]) -> dict[str, object]:
    return {n: kept for n, value in row.items() if n not in NOT_COMPARED and (kept := _value(value)) not in (None, [])}


def _value(value: object) -> object:
    if value is None or isinstance(value, str):  # most values are text, so that is tried first
        return value
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=_text)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value
