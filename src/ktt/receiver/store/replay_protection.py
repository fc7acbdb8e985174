"""What may be used only once: proofs (by `jti`) and wrapped keys (by submission). Both are remembered over a restart.

A proof is remembered for as long as it could be fresh, by a clock that may be set back afterwards. So the largest instant
up to which proofs were forgotten is kept as well: of an older one nobody knows whether it was used, and the ledger of
wrapped keys, which is kept for months, is asked instead.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.store.tables import SPENT_PROOF, WRAPPED_KEY

_RECORD_PROOF = sa.text(
    "INSERT INTO receiver_jti (hash, expires_at) VALUES (:hash, :expires_at) ON CONFLICT DO NOTHING"
)
_RECORD_KEY = sa.text(
    "INSERT INTO receiver_wrapped_key (hash, jkt, msg_hash, body_hash, key_id)"
    " VALUES (:hash, :jkt, :msg_hash, :body_hash, :key_id) ON CONFLICT DO NOTHING"
)

FORGOTTEN = b""
"""The key of the row of `receiver_jti` that says up to which instant proofs are forgotten: no digest is empty."""

_MOVE_FORGOTTEN = sa.text(
    "INSERT INTO receiver_jti (hash, expires_at) VALUES (:hash, :until) ON CONFLICT (hash)"
    " DO UPDATE SET expires_at = excluded.expires_at WHERE receiver_jti.expires_at < excluded.expires_at"
)
FORGOTTEN_UNTIL = sa.select(SPENT_PROOF.c.expires_at).where(SPENT_PROOF.c.hash == FORGOTTEN).scalar_subquery()
"""Proofs that expired before this instant (seconds since 1970) are forgotten; NULL when none was."""


@dataclass(frozen=True, slots=True)
class ProofUse:
    """A proof that is spent: `digest` is `proof_digest`, kept until `expires_at` (seconds since 1970)."""

    digest: bytes
    expires_at: int

    @classmethod
    def of(cls, jkt: str, htu: str, jti: str, *, until: dt.datetime) -> ProofUse:
        """The use of a proof, remembered at least until that instant."""
        return cls(proof_digest(jkt, htu, jti), int(until.timestamp()) + 1)


@dataclass(frozen=True, slots=True)
class WrappedKeyUse:
    """A wrapped key (`digest`: its SHA-256), and the one submission that it belongs to (transport § 14.2 point 3)."""

    digest: bytes
    jkt: str
    msg_hash: bytes
    body_hash: bytes
    key_id: str

    @property
    def submission(self) -> tuple[str, bytes, bytes, str]:
        """What must be the same when the same wrapped key is used again."""
        return self.jkt, self.msg_hash, self.body_hash, self.key_id


SingleUse = ProofUse | WrappedKeyUse


def proof_digest(jkt: str, htu: str, jti: str) -> bytes:
    """SHA-256 over the three with their lengths, so that no two triples give the same bytes (helseid § 13.2)."""
    digest = hashlib.sha256()
    for part in (jkt.encode(), htu.encode(), jti.encode()):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def record_use(connection: Connection, use: SingleUse, forgotten: int) -> tuple[bool, bool]:
    """Record a use: whether it may be, and whether it is known to be the first. Of two at the same time exactly one is.

    It may not be when the proof is spent, or the wrapped key belongs to another submission.
    """
    if isinstance(use, ProofUse):
        new = connection.execute(_RECORD_PROOF, {"hash": use.digest, "expires_at": use.expires_at}).rowcount == 1
        return new, new and use.expires_at >= forgotten
    columns = ("jkt", "msg_hash", "body_hash", "key_id")
    row = dict(zip(columns, use.submission, strict=True))
    if connection.execute(_RECORD_KEY, {"hash": use.digest, **row}).rowcount == 1:
        return True, True
    found = sa.select(*(WRAPPED_KEY.c[name] for name in columns)).where(WRAPPED_KEY.c.hash == use.digest)
    return tuple(connection.execute(found).one()) == use.submission, False


def prune(connection: Connection, now: dt.datetime, destroyed_keys: Sequence[str]) -> int:
    """Forget proofs that can no longer be fresh, and wrapped keys whose RSA key is destroyed; how many rows."""
    at = int(now.timestamp())
    connection.execute(_MOVE_FORGOTTEN, {"hash": FORGOTTEN, "until": at})
    expired = (SPENT_PROOF.c.expires_at < at) & (SPENT_PROOF.c.hash != FORGOTTEN)
    proofs = connection.execute(sa.delete(SPENT_PROOF).where(expired))
    keys = connection.execute(sa.delete(WRAPPED_KEY).where(WRAPPED_KEY.c.key_id.in_(destroyed_keys)))
    return proofs.rowcount + keys.rowcount
