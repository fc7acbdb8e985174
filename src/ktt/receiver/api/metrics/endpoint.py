"""`GET /metrics`: everything that is measured, for Prometheus.

A single process answers for itself. Several write to the folder that PROMETHEUS_MULTIPROC_DIR names, and whichever is
asked answers for all of them; what the database knows is read once either way.
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

from ktt.receiver.api.metrics.gauges import StateCollector
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline.metrics import Metrics
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import headers
from ktt.wire.answers import AnswerError

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class MetricsEndpoint:
    """The endpoint of `/metrics`."""

    def __init__(self, metrics: Metrics, state: StateCollector, settings: ReceiverSettings) -> None:
        self._counted, self._token = metrics.registry, settings.metrics_token
        self._state = CollectorRegistry()
        self._state.register(state)

    async def get(self, request: Request) -> Response:
        """The metrics, as text."""
        if self._token is not None:
            self._check_token(request)
        body = await asyncio.to_thread(self._read)
        fixed = {headers.CORRELATION_ID: request.state.correlation_id, "Cache-Control": "no-store"}
        return Response(body, 200, fixed, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def _check_token(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), str(self._token).encode())
        if scheme.lower() != "bearer" or not right:
            error = AnswerError(None, "Unauthorized", "The token was not accepted")
            raise Refusal(401, error, why="metrics", headers=(("WWW-Authenticate", "Bearer"),))

    def _read(self) -> bytes:
        return exposition(self._counted) + generate_latest(self._state)


def exposition(counted: CollectorRegistry) -> bytes:
    """What this process has counted, or what all have counted where they share a folder."""
    if FOLDER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted)
