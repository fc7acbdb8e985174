"""Asking a running receiver, on its own listening address, whether it is ready."""

from __future__ import annotations

import http.client
from typing import Literal

_TIMEOUT_SECONDS = 3.0
_LOOPBACK_OF = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a listener may be bound to


def probe(host: str, port: int) -> Literal["ready", "not ready", "not running"]:
    """Whether it could take a message now."""
    connection = http.client.HTTPConnection(_LOOPBACK_OF.get(host, host), port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return "ready" if connection.getresponse().status == http.client.OK else "not ready"
    except (OSError, http.client.HTTPException):
        return "not running"
    finally:
        connection.close()
