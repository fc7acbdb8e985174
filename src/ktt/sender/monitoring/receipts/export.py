"""A file of receipts for those who inspect, and the signature beside it; both are verified without the store.

The chain binds what was sent, when it was accepted and under which receipt. The signature, by the client's key at
HelseID, binds the whole file, and how many receipts each unit has.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from ktt.core.csv_text import as_csv
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.monitoring.errors import ExportAltered, ExportUnreadable, ExportUnwritable
from ktt.sender.monitoring.receipts.chains import Chain, chain_of
from ktt.sender.outbox.errors import ReceiptsAltered
from ktt.sender.outbox.message import Receipt
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.wire import jws
from ktt.wire.dpop import ProofKey
from ktt.wire.jwk import BadJwk, load_public, thumbprint

TYP = "ktt-receipts+jwt"
"""The signature's own type, so that it can never pass as something that HelseID or the receiver is asked with."""
COLUMNS = (
    *("unit", "sequence", "message_type", "version", "period", "extracted_on", "upserts", "deletions", "sent_at"),
    *("accepted_at", "correlation_id", "payload_hash", "previous_hash", "hash"),
)
_NO_EXPORT = Text(nb="den er ikke en eksport av kvitteringer", en="it is no export of receipts")
_MAX_SIGNATURE = 1 << 20
_KEY_MATERIAL = ("kty", "crv", "x", "y", "n", "e")


def write_export(
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    key: ProofKey,
    at: dt.datetime,
    limited: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> list[Chain]:
    """Write the receipts (JSON when the name ends so, else CSV) and `PATH.jws`; ExportUnwritable.

    `limited` is by unit the history that its record system does not have, and is signed with the rest.

    Returns the chains that were written. Nothing is written when one of them does not hold: ReceiptsAltered.
    """
    written = [{name: _text(row[name]) for name in COLUMNS} for row in rows]
    found = _chains(written)
    for chain in found:
        if chain.fault is not None:
            raise chain.fault
    content = orjson.dumps(written, option=orjson.OPT_INDENT_2) if _is_json(path) else _csv(written)
    units = {chain.unit.key: {"count": chain.count, "head": chain.head} for chain in found}
    claims: dict[str, Any] = {"sha256": hashlib.sha256(content).hexdigest(), "iat": int(at.timestamp()), "units": units}
    if limited:
        claims["limited"] = {unit: [dict(one) for one in some] for unit, some in limited.items()}
    try:
        path.write_bytes(content)
        _signature(path).write_text(_signed(key, claims), encoding="ascii")
    except OSError as fault:
        raise ExportUnwritable(path=path, reason=os_reason(fault)) from fault
    return found


def verify_export(path: Path) -> tuple[list[Chain], str]:
    """The chains in an export and the thumbprint of the key that signed it; ExportUnreadable, ExportAltered.

    Whose key it is must be known from elsewhere: it is the client's at HelseID.
    """
    try:
        content, compact = path.read_bytes(), _signature(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as fault:
        if not isinstance(fault, OSError):
            raise ExportUnreadable(path=path, reason=_NO_EXPORT) from fault
        raise ExportUnreadable(path=fault.filename or path, reason=os_reason(fault)) from fault
    claims, signer = _verified(path, compact)
    if claims.get("sha256") != hashlib.sha256(content).hexdigest():
        raise ExportAltered(path=path)
    found = _chains(_rows(path, content))
    units = {chain.unit.key: {"count": chain.count, "head": chain.head} for chain in found}
    if claims.get("units") != units:
        raise ExportAltered(path=path)
    return found, signer


def _signed(key: ProofKey, claims: dict[str, Any]) -> str:
    material = {name: key.public_jwk[name] for name in _KEY_MATERIAL if name in key.public_jwk}
    return key.signer(TYP, {"jwk": material}).sign(claims)


def _verified(path: Path, compact: str) -> tuple[Mapping[str, Any], str]:
    try:
        signed = jws.parse(compact, max_bytes=_MAX_SIGNATURE)
        public = signed.header.get("jwk")
        if signed.header.get("typ") != TYP or not isinstance(public, dict):
            raise ExportAltered(path=path)
        jws.verify(signed, load_public(public), jws.ASYMMETRIC)
        return signed.payload, thumbprint(public)
    except (jws.BadJws, BadJwk) as fault:
        raise ExportAltered(path=path) from fault


def _chains(rows: Sequence[Mapping[str, Any]]) -> list[Chain]:
    return [_chain(ReportingUnit.from_key(unit), list(mine)) for unit, mine in groupby(rows, lambda row: row["unit"])]


def _chain(unit: ReportingUnit, rows: list[Mapping[str, Any]]) -> Chain:
    receipts = [_receipt(row) for row in rows]
    try:
        verify_receipts(unit, receipts)
    except ReceiptsAltered as fault:
        return chain_of(unit, receipts, fault)
    return chain_of(unit, receipts, None)


def _receipt(row: Mapping[str, Any]) -> Receipt:
    values = {name: row[name] for name in Receipt.__slots__}
    at = dt.datetime.fromisoformat(row["accepted_at"])
    return Receipt(**values | {"sequence": int(row["sequence"]), "accepted_at": at})


def _text(value: object) -> str | int | None:
    return value.isoformat() if isinstance(value, dt.date) else value  # type: ignore[return-value]


def _csv(rows: list[dict[str, Any]]) -> bytes:
    return as_csv([COLUMNS, *(["" if row[name] is None else row[name] for name in COLUMNS] for row in rows)])


def _rows(path: Path, content: bytes) -> list[Mapping[str, Any]]:
    try:
        if _is_json(path):
            rows: list[Mapping[str, Any]] = orjson.loads(content)
            return rows
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    except (ValueError, KeyError) as fault:
        raise ExportUnreadable(path=path, reason=_NO_EXPORT) from fault


def _is_json(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def _signature(path: Path) -> Path:
    return path.with_name(f"{path.name}.jws")
