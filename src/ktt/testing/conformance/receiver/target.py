"""Whom the suite plays against: addresses, a client with its key, and the unit that it may report for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.errors import TargetUnreadable
from ktt.wire import headers, jwk
from ktt.wire.jwk import BadJwk


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver, the HelseID before it, and a client that both know.

    `announced` is a type that the receiver takes but has no schema for (2006). `test_mode` says that it tells 1006,
    1008 and 1009 apart. `example` is an everyday message when the receiver does not know our own message types.
    """

    base_url: str
    authority: str
    client_id: str
    private_jwk: Mapping[str, Any] = field(repr=False)
    unit: ReportingUnit
    scope: str | None = headers.SCOPE
    sandbox: Path | None = None
    test_mode: bool = False
    announced: tuple[str, str] | None = None
    message_type: str = "KTT_Tjeneste"
    version: str = "1"
    example: bytes | None = field(default=None, repr=False)

    @property
    def message_url(self) -> str:
        """Where messages go."""
        return f"{self.base_url}/message"


def read_target(path: Path, changes: Mapping[str, str | None]) -> Target:
    """The file that `ktt sandbox up --config-out` writes, with some values replaced; TargetUnreadable.

    `changes` are `url`, `helseid`, `client_id` and `orgnr`; None leaves what the file says.
    """
    try:
        read = orjson.loads(path.read_bytes())
        return target_from(read, {name: value for name, value in changes.items() if value is not None})
    except OSError as fault:
        raise TargetUnreadable(path=path, reason=fault.strerror) from fault
    except (ValueError, LookupError, TypeError, AttributeError, BadJwk) as fault:
        raise TargetUnreadable(path=path, reason=type(fault).__name__) from fault


def target_from(read: Mapping[str, Any], changes: Mapping[str, str] | None = None) -> Target:
    """The target that a configuration names."""
    changes = changes or {}
    helseid, unit, sandbox = read["helseid"], read["unit"], read.get("sandbox")
    jwk.load_private(helseid["private_jwk"])
    return Target(
        base_url=changes.get("url", read["mottak"]["base_url"]).rstrip("/"),
        authority=changes.get("helseid", helseid["authority"]).rstrip("/"),
        client_id=changes.get("client_id", helseid["client_id"]),
        private_jwk=helseid["private_jwk"],
        unit=ReportingUnit(changes.get("orgnr", unit["orgnr"]), unit["kommunenr"], unit.get("bydelnr")),
        scope=helseid.get("scope"),
        sandbox=None if sandbox is None or "url" in changes else Path(sandbox["folder"]),
    )
