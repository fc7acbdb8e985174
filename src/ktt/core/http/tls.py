"""What TLS says about the other end: its certificate, and why there was no connection."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Cause = Literal["name", "refused", "time", "certificate", "expired", "hostname", "tls", "proxy", "other"]
"""What kept a request from being sent."""

_BY_VERIFICATION: dict[int, Cause] = {10: "expired", 62: "hostname", 64: "hostname"}  # OpenSSL's X509_V_ERR numbers


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate that was found good: who issued it, and when it ends."""

    issuer: str
    expires_at: dt.datetime


def read_certificate(peer: Mapping[str, Any]) -> Certificate:
    """From the form in which Python's `ssl` gives it."""
    names = {name: value for part in peer.get("issuer", ()) for name, value in part}
    issuer = names.get("organizationName") or names.get("commonName") or "?"
    seconds = ssl.cert_time_to_seconds(str(peer["notAfter"]))
    return Certificate(issuer, dt.datetime.fromtimestamp(seconds, dt.UTC))


def cause_of(fault: BaseException) -> Cause:
    """What was behind a fault of the connection, by the exceptions that led to it."""
    for each in _chain(fault):
        if isinstance(each, ssl.SSLCertVerificationError):
            return _BY_VERIFICATION.get(each.verify_code, "certificate")
        if isinstance(each, ssl.SSLError):
            return "tls"
        if isinstance(each, socket.gaierror):
            return "name"
        if isinstance(each, ConnectionRefusedError):
            return "refused"
        if isinstance(each, TimeoutError):
            return "time"
    return "other"


def _chain(fault: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = fault
    for _ in range(10):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__
