"""Asking a running receiver, on its own listening address, how it is."""

from __future__ import annotations

import http.client
from typing import Literal

_SECONDS = 3.0
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a listener may be bound to


def health(host: str, port: int) -> Literal["ready", "not ready", "not running"]:
    """Whether it could take a message now."""
    connection = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return "ready" if connection.getresponse().status == http.client.OK else "not ready"
    except (OSError, http.client.HTTPException):
        return "not running"
    finally:
        connection.close()
