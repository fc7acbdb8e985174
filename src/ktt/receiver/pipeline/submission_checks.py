"""The order of the checks (transport § 9). Each step is a small function in `header_checks` or `body_checks`.

No step may move across either of the two marked lines. The steps of `authenticate` and `admit` need no body and run when
the headers have arrived; the body is not read before them.

A step runs on the event loop: most take microseconds, and the RSA step holds the interpreter lock wherever it runs. What
might wait for something else, or has megabytes to go through, runs in a thread; what is written to the database is
awaited.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from ktt.receiver.http.refusal import Refusal
from ktt.receiver.http.request_bodies import THREAD_BYTES
from ktt.receiver.http.responses import KNOWN_CALLER
from ktt.receiver.pipeline import body_checks, header_checks
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import (
    Admitted,
    Authenticated,
    Buffer,
    Checked,
    Encrypted,
    Opened,
    Received,
    Sealed,
    TokenClaims,
)
from ktt.receiver.pipeline.steps import Step, refuse_replay
from ktt.receiver.store.acceptance import Receipt

_FULL_CHECK_BYTES = 16 * 1024
"""From this size a full check by the schema runs in a thread: the worst message of it takes ten milliseconds."""
_log = logging.getLogger(__name__)
Given = TypeVar("Given")
Found = TypeVar("Found")


class SubmissionChecks:
    """The checks of one request. As a context it logs a refusal, and gives back the request's place at its client.

    Every method raises a `Refusal` at the first step that does not hold. `timed` measures the steps.
    """

    __slots__ = ("_client_id", "_received", "_services", "_timed")

    def __init__(self, services: Services, received: Received, *, timed: bool = False) -> None:
        self._services, self._received, self._timed = services, received, timed
        self._client_id: str | None = None  # of the client among whose open posts this one counts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: TracebackType | None) -> None:
        if self._client_id is not None:
            self._services.limits.release(self._client_id)
        if isinstance(fault, Refusal):
            _log.info("refused %s: correlation=%s why=%s", fault.status, self._received.correlation_id, fault.why)

    async def authenticate(self) -> Authenticated:
        """Steps 1 to 6."""
        received, services = self._received, self._services
        with self._step("credentials"):
            credentials = header_checks.read_credentials(received.headers)
        token = await self._check_token(credentials.token)
        with self._step("proof"):
            proof_claims = header_checks.check_proof(received, credentials, token, services)
        with self._step("caller"):
            caller = header_checks.identify_caller(token)
        with self._step("limits"):
            header_checks.check_limits(caller, received, services)
            self._client_id = caller.client_id
        with self._step("jti"):
            recorded = await header_checks.spend_proof(received, token, proof_claims, services)
        # ═══ line 1: the request is authenticated from here
        received.state[KNOWN_CALLER] = True
        return Authenticated(received, caller, token.jkt, proof_claims, recorded.access_version, recorded.unseen)

    async def authenticate_alone(self) -> Authenticated:
        """Steps 1 to 6 of a request without an envelope: there is no ledger that could know the request instead."""
        request = await self.authenticate()
        with self._step("jti"):
            if not request.unseen:
                raise refuse_replay()
        return request

    async def _check_token(self, token: str) -> TokenClaims:
        with self._step("token"):
            check = partial(header_checks.check_token, token, self._received, self._services)
            known = self._services.tokens.is_cached(token, self._received.received_at.timestamp())
            return check() if known else await self._in_thread(check)  # HelseID may have to be asked for its keys

    async def admit(self, request: Authenticated) -> Admitted:
        """Steps 7 to 10: from here the body may be read."""
        with self._step("headers"):
            export = header_checks.check_headers(request.received.headers)
        with self._step("claims"):
            claims = header_checks.read_claims(request.proof_claims, self._services)
        with self._step("access"):
            query = (request.caller.holder, claims.message_type, request.caller.supplier)
            granted = self._services.access.cached(query, request.access_version)
            if granted is None:
                granted = await self._in_thread(partial(self._services.access.load, query, request.access_version))
            allowed = header_checks.check_access(request.caller, granted)
        with self._step("key"):
            receiver_key, wrapped_key = header_checks.find_key(claims, request, self._services)
        return Admitted(request, export, claims, allowed, receiver_key, wrapped_key)

    async def accept(self, admitted: Admitted, body: Buffer) -> Receipt:
        """Steps 11 to 19: the message is stored, once, and durable when this returns."""
        large = body.size > THREAD_BYTES
        opened = await self._run(self._open, await self._decode(admitted, body), large=large)
        sealed = await self._run(self._seal, await self.check_content(opened), large=large)
        with self._step("store"):
            return await body_checks.store(sealed, self._services)

    async def open(self, admitted: Admitted, body: Buffer) -> Opened:
        """Steps 11 to 16 alone."""
        large = body.size > THREAD_BYTES
        return await self._run(self._open, await self._decode(admitted, body), large=large)

    async def check_content(self, opened: Opened) -> Checked:
        """Steps 17 and 18 alone."""
        services, size = self._services, len(opened.content)
        with self._step("schema"):
            quickly = partial(body_checks.check_quickly, services=services)
            summaries = await self._run(quickly, opened, large=size > THREAD_BYTES)
            if summaries is None:
                fully = partial(body_checks.check_schema, opened, services)
                summaries = fully() if size <= _FULL_CHECK_BYTES else await self._in_thread(fully, services.full_checks)
        with self._step("units"):
            return body_checks.check_units(opened, summaries, services)

    async def _decode(self, admitted: Admitted, body: Buffer) -> Encrypted:
        encrypted = await self._run(partial(self._decode_body, admitted), body, large=body.size > THREAD_BYTES)
        with self._step("ledger"):
            await body_checks.record_wrapped_key(encrypted, self._services)
        return encrypted

    def _decode_body(self, admitted: Admitted, body: Buffer) -> Encrypted:
        with self._step("body"):
            return body_checks.decode_body(admitted, body, self._services)

    def _open(self, encrypted: Encrypted) -> Opened:
        with self._step("envelope"):
            opened = body_checks.open_envelope(encrypted, self._services)
        # ═══ line 2: the content is authentic from here; nothing is parsed before this line
        with self._step("json"):
            body_checks.check_json(opened, self._services)
        return opened

    def _seal(self, checked: Checked) -> Sealed:
        with self._step("seal"):
            return body_checks.seal(checked, self._services)

    def _step(self, name: str) -> Step:
        return Step(name, self._services, timed=self._timed)

    async def _run(self, work: Callable[[Given], Found], given: Given, *, large: bool) -> Found:
        return await self._in_thread(partial(work, given)) if large else work(given)

    async def _in_thread(self, work: Callable[[], Found], threads: Executor | None = None) -> Found:
        return await asyncio.get_running_loop().run_in_executor(threads or self._services.threads, work)
