"""Everything that can be done to a running sandbox: the one object behind the admin endpoint and the tests."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.core.clock import OffsetClock, norwegian_day
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, OutgoingMessage
from ktt.receiver.keys.key_store import KeyStore
from ktt.storage.database import Database
from ktt.testing.sandbox.faults.faults import Knobs
from ktt.testing.sandbox.faults.recorder import Recorded, Recorder
from ktt.testing.sandbox.faults.request_view import View, decoded, plaintext, view
from ktt.testing.sandbox.faults.token_faults import TokenMint, TokenOrder
from ktt.testing.sandbox.helseid.issuer import HelseId
from ktt.wire import headers
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import write_keys

_ROTATED_DAYS = 400  # longer than the key before it, so that every sender chooses it
_AWAY = "ALTER TABLE receiver_inbox RENAME TO receiver_inbox_away"
_BACK = "ALTER TABLE receiver_inbox_away RENAME TO receiver_inbox"
Replay = Callable[[OutgoingMessage], Outcome]


@dataclass
class Desk:
    """The knobs of one sandbox and what they turn."""

    clock: OffsetClock | None  # None: the clock is the owner's own and is not turned here
    helseid: HelseId
    keys: KeyStore
    database: Database
    recorder: Recorder
    units: tuple[ReportingUnit, ...]
    facts: dict[str, Any]
    resend: Replay
    knobs: Knobs = field(default_factory=Knobs)

    def __post_init__(self) -> None:
        self.mint = TokenMint(self.helseid.keys, self.knobs)
        self.helseid.issue = self.mint.issue

    def state(self) -> dict[str, Any]:
        """What a test must know of this sandbox, and what waits."""
        offset = None if self.clock is None else self.clock.offset.total_seconds()
        waiting = {"waiting": self.knobs.waiting(), "clock_offset": offset, "last_request": self.recorder.last}
        return {**self.facts, **waiting}

    def rotate(self, what: str) -> str:
        """A new key at HelseID or at the receiver, beside the old one; its id."""
        if what == "helseid":
            self.helseid.keys.rotate()
            return str(self.helseid.keys.current["kid"])
        return self.keys.add(dt.timedelta(days=_ROTATED_DAYS)).id

    def set_clock(self, seconds: float) -> bool:
        """Let the sandbox's clock be this much ahead; False when it is not ours to turn."""
        if self.clock is None:
            return False
        self.clock.offset = dt.timedelta(seconds=seconds)
        return True

    def reset(self) -> None:
        """Everything right again, and nothing remembered."""
        self.knobs.clear()
        self.recorder.clear()
        self.set_clock(0)

    def token(self, jkt: str, order: TokenOrder) -> str:
        """A token as ordered, bound to a key, for the first unit's client."""
        now = int((self.clock or OffsetClock()).now().timestamp())
        claims = {
            "iss": self.helseid.issuer,
            "nbf": now,
            "iat": now,
            "exp": now + 60,
            "aud": headers.AUDIENCE,
            "cnf": {"jkt": jkt},
            "scope": [headers.SCOPE],
            "client_id": self.facts["client_id"],
            headers.CLAIM_PARENT: self.facts["organisation"],
            "jti": uuid.uuid4().hex,
        }
        return self.mint.make(claims, order)

    def expired_key(self) -> bytes:
        """A key that the receiver knows and that has expired, in the form of `/keys`."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        yesterday = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
        return write_keys([self.keys.adopt(str(uuid.uuid4()), private, yesterday)])

    def bad_keys(self, kind: str) -> bytes:
        """A list of keys that a careful sender does not use."""
        public, end = self.keys.listed()[0].public_key, dt.datetime.now(dt.UTC)
        if kind == "keys-weak":
            public = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505 - the point
            end += dt.timedelta(days=_ROTATED_DAYS)
        return write_keys([ReceiverKey(str(uuid.uuid4()), public, end - dt.timedelta(days=1))])

    @asynccontextmanager
    async def no_storage(self) -> AsyncIterator[None]:
        """The table for messages is gone for a while, so that storing really fails."""
        await asyncio.to_thread(self._execute, _AWAY)
        try:
            yield
        finally:
            await asyncio.to_thread(self._execute, _BACK)

    def restore_storage(self) -> None:
        """Put the table back, should an earlier sandbox have died while it was away."""
        with self.database.reading() as connection:
            names = connection.dialect.get_table_names(connection)
        if "receiver_inbox_away" in names:
            self._execute(_BACK)

    def _execute(self, statement: str) -> None:
        with self.database.transaction() as connection:
            connection.exec_driver_sql(statement)

    def requests(self, after: int = 0) -> list[View]:
        """What has come since, decoded and decrypted, in order."""
        return [view(note, self.keys) for note in self.recorder.after(after)]

    def replay(self, number: int) -> Outcome | None:
        """Send a recorded message again, freshly sealed, as its own unit's client; None when it cannot be opened."""
        note = next((one for one in self.recorder.after(number - 1) if one.number == number), None)
        content = None if note is None else plaintext(note, self.keys)
        if note is None or content is None:
            return None
        return self.resend(self._outgoing(note, content))

    def _outgoing(self, note: Recorded, content: bytes) -> OutgoingMessage:
        token, proof = (decoded(text) for text in (note.bearer, note.header(headers.DPOP) or ""))
        holder = token["claims"].get(headers.CLAIM_PARENT) if token else None
        unit = next((unit for unit in self.units if unit.organisation == holder), self.units[0])
        claims = proof["claims"] if proof else {}
        day = headers.read_date(note.header(headers.EXTRACTED_ON) or "") or norwegian_day(note.came_at)
        return OutgoingMessage(unit, claims[headers.CLAIM_TYPE], claims[headers.CLAIM_VERSION], content, day)
