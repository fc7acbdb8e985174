"""The clients that our HelseID knows: their public keys, whom they are, and whom they may act for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktt.wire import headers


@dataclass(frozen=True, slots=True)
class Client:
    """One registered client.

    A single-tenant client is `organisation`; a multi-tenant one is a vendor with that number and acts for the
    organisations in `acts_for`, which at the real HelseID is a delegation in Altinn.
    """

    id: str
    organisation: str
    keys: tuple[Mapping[str, Any], ...] = field(repr=False)  # public JWKs
    multi_tenant: bool = False
    acts_for: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = (headers.SCOPE,)
    name: str = "ktt sandbox"

    def candidates(self, kid: object) -> Iterator[Mapping[str, Any]]:
        """The key of that id; without an id the client's only key."""
        if kid is None and len(self.keys) == 1:
            yield self.keys[0]
        yield from (key for key in self.keys if kid is not None and key.get("kid") == kid)


class ClientRegister:
    """The registered clients by their id."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    def add(self, client: Client) -> None:
        """Register a client, or replace what is registered under its id."""
        self._clients = {**self._clients, client.id: client}

    def find(self, client_id: str) -> Client | None:
        """The client, or None."""
        return self._clients.get(client_id)
