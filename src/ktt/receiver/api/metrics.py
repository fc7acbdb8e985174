"""`GET /metrics`: everything that is counted, for Prometheus.

One process answers for itself. Several write to the folder that PROMETHEUS_MULTIPROC_DIR names, and whichever is asked
answers for all of them; what the database knows is asked for once either way.
"""

from __future__ import annotations

import asyncio
import hmac
import os

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from ktt.receiver.api.gauges import Facts
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline.metrics import Meter
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import headers
from ktt.wire.answers import AnswerError

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Numbers:
    """The door."""

    def __init__(self, meter: Meter, facts: Facts, settings: ReceiverSettings) -> None:
        self._counted, self._token = meter.registry, settings.metrics_token
        self._asked = CollectorRegistry()
        self._asked.register(facts)

    async def get(self, request: Request) -> Response:
        """The numbers, as text."""
        if self._token is not None:
            self._refuse_strangers(request)
        body = await asyncio.to_thread(self._read)
        fixed = {headers.CORRELATION_ID: request.state.correlation_id, "Cache-Control": "no-store"}
        return Response(body, 200, fixed, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _refuse_strangers(self, request: Request) -> None:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(shown.strip().encode(), str(self._token).encode())
        if scheme.lower() != "bearer" or not right:
            error = AnswerError(None, "Unauthorized", "The token was not accepted")
            raise Refusal(401, error, why="metrics", headers=(("WWW-Authenticate", "Bearer"),))

    def _read(self) -> bytes:
        return together(self._counted) + generate_latest(self._asked)


def together(counted: CollectorRegistry) -> bytes:
    """What this process has counted, or what all have where they share a folder."""
    if FOLDER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted)
