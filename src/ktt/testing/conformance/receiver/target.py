"""The receiver that is tested: addresses, a client with its key, and the unit that the client may report for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ktt.core.os_faults import os_reason
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.errors import TargetUnreadable
from ktt.wire import headers, jwk
from ktt.wire.jwk import BadJwk


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver, the HelseID whose tokens it accepts, and a client that both know.

    `sandbox` is the folder of the sandbox whose HelseID it is, if it is one; `controlled` says that the receiver is that
    sandbox's too, so that it can be made to fail. `announced` is a message type with version that the receiver takes but
    has no schema for (2006). `test_mode` says that it tells 1006, 1008 and 1009 apart.
    """

    base_url: str
    authority: str
    client_id: str
    private_jwk: Mapping[str, Any] = field(repr=False)
    unit: ReportingUnit
    scope: str | None = headers.SCOPE
    sandbox: Path | None = None
    controlled: bool = False
    test_mode: bool = False
    announced: tuple[str, str] | None = None

    @property
    def message_url(self) -> str:
        """Where messages are sent."""
        return f"{self.base_url}/message"


def read_target(path: Path, url: str | None = None) -> Target:
    """The target in the file that `ktt sandbox up --config-out` writes, or the same at another address.

    TargetUnreadable when the file is missing or is something else.
    """
    try:
        return target_from(orjson.loads(path.read_bytes()), url)
    except OSError as fault:
        raise TargetUnreadable(path=path, reason=os_reason(fault)) from fault
    except (ValueError, LookupError, TypeError, AttributeError, BadJwk) as fault:
        raise TargetUnreadable(path=path, reason=type(fault).__name__) from fault


def target_from(config: Mapping[str, Any], url: str | None = None) -> Target:
    """The target that a configuration names. At another address only its HelseID is the sandbox's."""
    helseid, unit, sandbox = config["helseid"], config["unit"], config.get("sandbox")
    jwk.load_private(helseid["private_jwk"])
    own = str(config["mottak"]["base_url"]).rstrip("/")
    base_url = (url or own).rstrip("/")
    return Target(
        base_url=base_url,
        authority=helseid["authority"].rstrip("/"),
        client_id=helseid["client_id"],
        private_jwk=helseid["private_jwk"],
        unit=ReportingUnit(unit["orgnr"], unit["kommunenr"], unit.get("bydelnr")),
        scope=helseid.get("scope"),
        sandbox=None if sandbox is None else Path(sandbox["folder"]),
        controlled=sandbox is not None and base_url == own,
    )
