"""What may come only once: proofs (by `jti`) and wrapped keys (by submission). Both survive a restart."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.tables import JTI, WRAPPED_KEY

_BURN = sa.text("INSERT INTO receiver_jti (hash, expires_at) VALUES (:hash, :expires_at) ON CONFLICT DO NOTHING")
_RECORD = sa.text(
    "INSERT INTO receiver_wrapped_key (hash, jkt, msg_hash, body_hash, key_id)"
    " VALUES (:hash, :jkt, :msg_hash, :body_hash, :key_id) ON CONFLICT DO NOTHING"
)


def proof_digest(jkt: str, htu: str, jti: str) -> bytes:
    """SHA-256 over the three with their lengths, so that no two triples read alike (helseid § 13.2)."""
    digest = hashlib.sha256()
    for part in (jkt.encode(), htu.encode(), jti.encode()):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def burn(connection: Connection, digest: bytes, expires_at: dt.datetime) -> bool:
    """Remember a proof; False when it has been used before. Of two at once exactly one gets True."""
    done = connection.execute(_BURN, {"hash": digest, "expires_at": int(expires_at.timestamp()) + 1})
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class WrappedKeyUse:
    """The one submission that a wrapped key belongs to (slash § 14.2 point 3)."""

    jkt: str
    msg_hash: bytes
    body_hash: bytes
    key_id: str


def record(connection: Connection, wrapped: bytes, use: WrappedKeyUse) -> bool:
    """Remember a wrapped key before it is opened; False when it is known from another submission."""
    row = {"jkt": use.jkt, "msg_hash": use.msg_hash, "body_hash": use.body_hash, "key_id": use.key_id}
    digest = hashlib.sha256(wrapped).digest()
    if connection.execute(_RECORD, {"hash": digest, **row}).rowcount == 1:
        return True
    known = connection.execute(sa.select(WRAPPED_KEY).where(WRAPPED_KEY.c.hash == digest)).mappings().one()
    return all(known[name] == value for name, value in row.items())


def prune(connection: Connection, now: dt.datetime, destroyed_keys: list[str]) -> int:
    """Forget proofs that can no longer be fresh, and wrapped keys whose RSA key is destroyed; how many rows."""
    proofs = connection.execute(sa.delete(JTI).where(JTI.c.expires_at < int(now.timestamp())))
    keys = connection.execute(sa.delete(WRAPPED_KEY).where(WRAPPED_KEY.c.key_id.in_(destroyed_keys)))
    return proofs.rowcount + keys.rowcount
