"""`POST /message`: every check in its order, then the answer."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from ktt.receiver.http import responses
from ktt.receiver.http.request_bodies import BodyReader
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import ADMITTED, Buffer, Received
from ktt.receiver.pipeline.submission_checks import SubmissionChecks


class MessageEndpoint:
    """An ASGI application for one address. Refusals are raised, and answered by `responses.RefusalMiddleware`."""

    def __init__(self, services: Services, on_accepted: Callable[[], None]) -> None:
        self._services, self._on_accepted = services, on_accepted
        self._bodies = BodyReader(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One submission."""
        services = self._services
        received = Received(
            state=scope["state"],
            correlation_id=scope["state"]["correlation_id"],
            received_at=services.clock.now(),
            headers=Headers(raw=scope["headers"]),
            method=scope["method"],
            urls=services.settings.message_urls,
        )
        with SubmissionChecks(services, received, timed=services.metrics.times_next()) as checks:
            admitted = received.state[ADMITTED] = await checks.admit(await checks.authenticate())
            declared = responses.declared_length(scope["headers"])
            async with self._bodies.reserve(declared) as large:
                receipt = await checks.accept(admitted, Buffer(await self._bodies.read(receive, declared, large=large)))
            services.reached("stored")
            if not receipt.resent:
                self._on_accepted()
        await responses.send_delivered(send, receipt.correlation_id)
