"""Everything that can be done to a running sandbox, for the admin endpoint and the tests."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.core.clock import norwegian_day
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Outcome, OutgoingMessage
from ktt.receiver.keys.key_store import KeyStore
from ktt.storage.database import Database
from ktt.testing.sandbox.faults.armed import FaultQueue
from ktt.testing.sandbox.faults.faults import Resettable
from ktt.testing.sandbox.faults.message_findings import message_findings
from ktt.testing.sandbox.faults.recorder import RecordedRequest, Recorder
from ktt.testing.sandbox.faults.request_view import View, decoded, plaintext, view
from ktt.testing.sandbox.faults.token_faults import TokenFactory, TokenSpec
from ktt.testing.sandbox.helseid.issuer import HelseId
from ktt.testing.sandbox.offset_clock import OffsetClock
from ktt.testing.sandbox.saved_states import SavedState, SavedStates
from ktt.wire import headers
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import write_keys

_ROTATED_DAYS = 400  # longer than the key before it, so that every sender chooses the new one
_REMOVE_TABLE = "ALTER TABLE receiver_inbox RENAME TO receiver_inbox_away"
_RESTORE_TABLE = "ALTER TABLE receiver_inbox_away RENAME TO receiver_inbox"
_KIND = (headers.CLAIM_TYPE, headers.CLAIM_VERSION)
Resend = Callable[[OutgoingMessage], Outcome]


@dataclass
class SandboxControl:
    """The fault queue, clock, keys and recorder of one sandbox."""

    clock: OffsetClock | None  # None: the clock is the owner's own and is not changed here
    helseid: HelseId
    keys: KeyStore
    database: Database
    recorder: Recorder
    units: tuple[ReportingUnit, ...]
    message_types: tuple[str, ...]
    facts: dict[str, Any]
    config: dict[str, Any] = field(repr=False)  # what a client of the first unit needs, with its private key
    packs: tuple[str, ...]
    resend: Resend
    states: SavedStates
    look_again: Callable[[], None]  # lets the registry and the rules look for something to read
    explain: Callable[[RecordedRequest], View | None]  # why a token, a proof or a client assertion was refused
    faults: FaultQueue = field(default_factory=FaultQueue)

    def __post_init__(self) -> None:
        self.token_factory = TokenFactory(self.helseid.keys, self.faults)
        self.helseid.issue = self.token_factory.issue

    def state(self) -> dict[str, Any]:
        """What a test must know of this sandbox: its facts, the faults in the queue, the clock, the last request."""
        offset = None if self.clock is None else self.clock.offset.total_seconds()
        return {
            **self.facts,
            "waiting": self.faults.waiting(),
            "armed": self.faults.armed(),
            "clock_offset": offset,
            "last_request": self.recorder.last,
        }

    def message_type(self, name: str) -> str | None:
        """The message type of that name, or the only one with the name in its own, whatever the case; None without one."""
        within = [one for one in self.message_types if name.casefold() in one.casefold()]
        same = [one for one in within if one.casefold() == name.casefold()]
        return next(iter(same or (within if len(within) == 1 else ())), None)

    def rotate(self, what: str) -> str:
        """A new key at HelseID or at the receiver, beside the old one; its id."""
        if what == "helseid":
            self.helseid.keys.rotate()
            return str(self.helseid.keys.current["kid"])
        return self.keys.add(dt.timedelta(days=_ROTATED_DAYS)).id

    def set_clock(self, seconds: float) -> bool:
        """Set the sandbox's clock this much ahead; False when the clock is the owner's own."""
        if self.clock is None:
            return False
        self.clock.offset = dt.timedelta(seconds=seconds)
        return True

    def reset(self, what: Resettable | None = None) -> None:
        """Remove the faults and put the clock right, or forget the recorded requests; both when nothing is named.

        `all` removes every message and record of receiver and registry too; RequestsUnderWay, and then nothing is done but
        that the faults are gone.
        """
        if what != "requests":
            self.faults.clear()
            self.set_clock(0)
        if what == "all":
            self.states.empty()
            self.look_again()
        if what != "faults":
            self.recorder.clear()

    def restore(self, name: str) -> SavedState:
        """Put a saved state in the place of what receiver and registry have; NoSuchState, RequestsUnderWay."""
        restored = self.states.restore(name)
        self.look_again()
        return restored

    def send(self, message_type: str, version: str, content: bytes) -> Outcome:
        """Send a message as the first unit's own client would, sealed and proved as any."""
        day = norwegian_day((self.clock or OffsetClock()).now())
        return self.resend(OutgoingMessage(self.units[0], message_type, version, content, day))

    def token(self, jkt: str, spec: TokenSpec) -> str:
        """A token as specified, bound to a key, for the first unit's client."""
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
        return self.token_factory.make(claims, spec)

    def expired_key(self) -> bytes:
        """A key that the receiver knows and that has expired, in the form of `/keys`."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        yesterday = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
        return write_keys([self.keys.adopt(str(uuid.uuid4()), private, yesterday)])

    def bad_keys(self, kind: str) -> bytes:
        """A list of keys that a careful sender does not use: one that has expired, or one that is too weak."""
        public, end = self.keys.listed()[0].public_key, dt.datetime.now(dt.UTC)
        if kind == "keys-weak":
            public = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505 - the point
            end += dt.timedelta(days=_ROTATED_DAYS)
        return write_keys([ReceiverKey(str(uuid.uuid4()), public, end - dt.timedelta(days=1))])

    @asynccontextmanager
    async def no_storage(self) -> AsyncIterator[None]:
        """Without the table for messages, so that storing one really fails."""
        await asyncio.to_thread(self._execute, _REMOVE_TABLE)
        try:
            yield
        finally:
            await asyncio.to_thread(self._execute, _RESTORE_TABLE)

    def restore_storage(self) -> None:
        """Put the table back, in case an earlier sandbox was stopped inside `no_storage`."""
        with self.database.reading() as connection:
            names = connection.dialect.get_table_names(connection)
        if "receiver_inbox_away" in names:
            self._execute(_RESTORE_TABLE)

    def _execute(self, statement: str) -> None:
        with self.database.transaction() as connection:
            connection.exec_driver_sql(statement)

    def requests(self, after: int = 0) -> list[View]:
        """The requests that were recorded after that number, decoded and decrypted, in order."""
        found = self.recorder.after(after)
        return [{**view(request, self.keys), "explanation": self.explain(request)} for request in found]

    def replay(self, number: int) -> Outcome | None:
        """Send a recorded message again, encrypted anew, as its own unit's client; None when it cannot be opened."""
        message = self._message(number)
        return None if message is None else self.resend(message)

    def findings(self, number: int) -> list[View] | None:
        """What schema and rules find in a recorded message; None when it cannot be opened.

        A KttError when it cannot be read as a message.
        """
        message = self._message(number)
        if message is None:
            return None
        day = norwegian_day((self.clock or OffsetClock()).now())
        return message_findings(message.payload, message.message_type, message.version, day, self.packs)

    def _message(self, number: int) -> OutgoingMessage | None:
        request = next((one for one in self.recorder.after(number - 1) if one.number == number), None)
        content = None if request is None else plaintext(request, self.keys)
        return None if request is None or content is None else self._outgoing(request, content)

    def _outgoing(self, request: RecordedRequest, content: bytes) -> OutgoingMessage | None:
        token, proof = (decoded(text) for text in (request.bearer, request.header(headers.DPOP) or ""))
        holder = token["claims"].get(headers.CLAIM_PARENT) if token else None
        unit = next((unit for unit in self.units if unit.organisation == holder), self.units[0])
        message_type, version = (proof["claims"].get(name) if proof else None for name in _KIND)
        if not (isinstance(message_type, str) and isinstance(version, str)):
            return None
        day = headers.read_date(request.header(headers.EXTRACTED_ON) or "") or norwegian_day(request.came_at)
        return OutgoingMessage(unit, message_type, version, content, day)
