"""All addresses of the receiver: those of FHI's protocol and our own beside them, with metrics of every request."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.messages.follow_ups import FollowUps
from ktt.messages.inventory import Inventory
from ktt.receiver.api import paths, problems
from ktt.receiver.api.authenticator import Authenticator
from ktt.receiver.api.check import OpenCheckEndpoint
from ktt.receiver.api.documentation.resources import DocumentationResources
from ktt.receiver.api.inventory import InventoryEndpoint
from ktt.receiver.api.lookups import LookupEndpoints
from ktt.receiver.api.metrics.endpoint import MetricsEndpoint
from ktt.receiver.api.metrics.gauges import StateCollector
from ktt.receiver.api.validate import ValidateEndpoint
from ktt.receiver.api.validation import ValidationQueue, Validator
from ktt.receiver.http import responses
from ktt.receiver.http.caller_address import is_gateway
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import ADMITTED, Admitted
from ktt.receiver.store.resends import note_resent
from ktt.receiver.store.signs import Rejection, UnitSigns
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.wire import headers

_log = logging.getLogger(__name__)
_DELIVERED, _REJECTED = 200, (400, 413)
_CORRELATION = headers.CORRELATION_ID.lower().encode()
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What a receiver can do only where somebody hands it in: validate by all rules, tell a registry's inventory and cases."""

    validator: Validator | None = None
    inventory: Inventory | None = None
    follow_ups: FollowUps | None = None


class ReceiverApi:
    """The ASGI application: serves our own addresses, passes the others on to the protocol's, and counts both."""

    def __init__(
        self,
        protocol: ASGIApp,
        message: ASGIApp,
        services: Services,
        database: Database,
        offered: Offered,
    ) -> None:
        """`protocol` serves FHI's addresses, `message` the busiest of them, `POST /message`, alone."""
        self._protocol, self._message = protocol, message
        self._services, self._metrics, self._database = services, services.metrics, database
        self._authenticator, self._signs = Authenticator(services), UnitSigns(database, services.clock)
        self._validation: ValidationQueue | None = None
        self._inventory, self._follow_ups = offered.inventory, offered.follow_ups
        if offered.validator is not None:
            self._validation = ValidationQueue(offered.validator, services.settings, services.clock, services.metrics)
        routes = [Route(path, endpoint, methods=[method]) for method, path, endpoint in self._endpoints(database)]
        router = Router(routes, redirect_slashes=False)
        self._own = responses.RefusalMiddleware(router, services.settings, problems.problem_response)

    def _endpoints(self, database: Database) -> list[tuple[str, str, Endpoint]]:
        settings, services = self._services.settings, self._services
        found: list[tuple[str, str, Endpoint]] = []
        if self._validation is not None:
            found.append(("POST", paths.VALIDATE, ValidateEndpoint(self._authenticator, self._validation).post))
            if settings.checks_openly:
                found.append(("POST", paths.CHECK, OpenCheckEndpoint(self._authenticator, self._validation).post))
        lookups = LookupEndpoints(self._authenticator, database, self._signs, services.vault, self._follow_ups)
        found += [("GET", paths.RECEIPT, lookups.receipt), ("GET", paths.OUTSTANDING, lookups.outstanding)]
        if self._inventory is not None:
            inventory = InventoryEndpoint(self._authenticator, database, self._inventory, self._signs)
            found.append(("GET", paths.INVENTORY, inventory.get))
        if settings.shows_metrics:
            state = StateCollector(database, services.keys, services.clock)
            found.append(("GET", paths.METRICS, MetricsEndpoint(services.metrics, state, settings).get))
        open_paths = [path for _, path, _ in found]
        return found + DocumentationResources(settings, services.find, open_paths).endpoints()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's lifespan."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await self._protocol(scope, self._until_shutdown(receive), send)

    def _until_shutdown(self, receive: Receive) -> Receive:
        async def next_event() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self._authenticator.close()
                if self._validation is not None:
                    self._validation.close()
            return message

        return next_event

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, began = paths.template_of(scope["path"]), time.perf_counter()
        exchange = _Exchange(receive, send, scope.setdefault("state", {}))
        peer = scope.get("client") or ("", 0)
        if is_gateway(peer[0], self._services.settings.gateways):
            scope["state"][responses.KNOWN_CALLER] = True  # a gateway keeps its connections for its next caller
        self._metrics.request_started(path)
        try:
            await self._app_for(path, scope)(scope, exchange.receive, exchange.send)
        finally:
            self._metrics.request_ended(path, seconds=time.perf_counter() - began, body=exchange.bytes)
        if exchange.status is not None:
            await self._count_answer(path, scope, exchange, exchange.status)

    def _app_for(self, path: str, scope: Scope) -> ASGIApp:
        if paths.is_own(scope["path"]):
            return self._own
        direct = path == paths.MESSAGE and scope["method"] == "POST"  # a router would take 20 µs to find it
        return self._message if direct else self._protocol

    async def _count_answer(self, path: str, scope: Scope, exchange: _Exchange, status: int) -> None:
        """A resend is answered with the correlation id of another request, and noted after the answer is given."""
        delivered = path == paths.MESSAGE and status == _DELIVERED
        resent = delivered and exchange.correlation not in {"", scope["state"].get("correlation_id")}
        refusal: Refusal | None = scope["state"].get(responses.REFUSAL)
        code = refusal.errors[0].code if refusal is not None and refusal.errors else None
        self._metrics.request_answered(path, status, code, resent=resent)
        admitted: Admitted | None = scope["state"].get(ADMITTED)
        if admitted is not None and code is not None and status in _REJECTED:
            rejection = _rejection(admitted, code)
            await self._authenticator.in_thread(lambda: self._signs.rejected(rejection))
        if resent:
            now = self._services.clock.now()
            try:
                await self._authenticator.in_thread(lambda: note_resent(self._database, exchange.correlation, now))
            except (SQLAlchemyError, DatabaseUnavailable) as lost:
                _log.warning("resend not noted: correlation=%s %s", exchange.correlation, type(lost).__name__)


def _rejection(admitted: Admitted, code: int) -> Rejection:
    caller, claims = admitted.request.caller, admitted.claims
    return Rejection(
        units=tuple(sorted(unit.key for unit in admitted.granted)),
        message_type=claims.message_type,
        version=claims.version,
        client_id=caller.client_id,
        supplier=caller.supplier,
        software=admitted.export.software,
        code=code,
    )


class _Exchange:
    """One request and its answer as they pass: body bytes received, status and correlation id sent."""

    def __init__(self, receive: Receive, send: Send, state: dict[str, Any]) -> None:
        self._receive, self._send, self._state = receive, send, state
        self.bytes = 0
        self.status: int | None = None
        self.correlation = ""

    async def receive(self) -> Message:
        message = await self._receive()
        self.bytes += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            found = (value for name, value in message["headers"] if name.lower() == _CORRELATION)
            self.correlation = next(found, b"").decode("latin-1")
            if not self.correlation:
                made = str(self._state.get("correlation_id", "")).encode()
                message = {**message, "headers": [*message["headers"], (_CORRELATION, made)]}
        await self._send(message)
