"""Fetching HelseID's documents with the HTTP client of `core.http`."""

from __future__ import annotations

from ktt.core.http.exchange import Exchange, Request, TransportFault
from ktt.receiver.access.issuer_keys import Fetch

_OK = 200


def fetch_over(exchange: Exchange) -> Fetch:
    """A `Fetch` by an exchange that follows no redirects and caps what it reads; anything but 200 is an OSError."""

    def fetch(url: str) -> bytes:
        try:
            answer = exchange(Request("GET", url))
        except TransportFault as fault:
            raise OSError(fault.reason) from fault
        if answer.status != _OK:
            raise OSError(f"status {answer.status}")
        return answer.body

    return fetch
