"""The clients that the sandbox creates: each is kept in a 0600 file, so it is the same after a restart."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktt.storage.vault import read_secret, write_secret
from ktt.testing.sandbox.errors import StateUnreadable
from ktt.testing.sandbox.helseid.clients import Client
from ktt.wire import jwk

_KIND = "RSA-2048"  # FHI's client takes RSA only, and signs RS256 (transport § 12.1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One client with its private key. `client_id` is a GUID, as FHI's client demands."""

    client_id: str
    organisation: str
    private_jwk: dict[str, Any] = field(repr=False)

    def registered(self, *, acts_for: Iterable[str] | None = None) -> Client:
        """The same client as HelseID knows it; multi-tenant when it acts for others."""
        return Client(
            id=self.client_id,
            organisation=self.organisation,
            keys=(jwk.public_part(self.private_jwk),),
            multi_tenant=acts_for is not None,
            acts_for=frozenset(acts_for or ()),
        )


def load_or_create(path: Path, organisation: str) -> Credentials:
    """The client kept in the file, created on first use; StateUnreadable when the file is something else."""
    if not path.exists():
        made = {"client_id": str(uuid.uuid4()), "organisation": organisation, "private_jwk": jwk.generate(_KIND)}
        write_secret(path, json.dumps(made).encode())
    try:
        kept = Credentials(**json.loads(read_secret(path)))
    except (ValueError, TypeError) as fault:
        raise StateUnreadable(path=path) from fault
    return kept
