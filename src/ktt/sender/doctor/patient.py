"""What the checks look at, and what the earlier ones found for the later ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.core.http.exchange import Request, Response, TransportFault
from ktt.core.http.route import ProxyRoute
from ktt.core.http.tls import Certificate
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.clock_offset import measured
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Schema


@dataclass(frozen=True, slots=True)
class Network:
    """How the checks reach out; a proxy is known only when the settings are."""

    exchange: Callable[[Request], Response]
    certificate: Callable[[str], Certificate | None]
    resolve: Callable[[str], bool]
    connect: Callable[[str, int], object]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """What the Task Scheduler of Windows has of a unit's daily run, and what is otherwise than it should be."""

    name: str
    installed: bool
    fault: KttError | None = None


@dataclass(slots=True)
class Patient:
    """A sender on this machine, by its settings file.

    `schemas` are those of the store, and `refusal` says why a run would refuse to use it; asked of one that is up to date.
    `task` asks the Task Scheduler, where there is one; else timers are looked for, which count where systemd runs.
    """

    file: Path
    clock: Clock
    open_network: Callable[[ProxyRoute | None], Network]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    timer_folders: tuple[Path, ...] = ()
    schemas: tuple[Schema, ...] = ()
    refusal: Callable[[SenderSettings], KttError | None] = lambda _settings: None
    task: Callable[[SenderSettings, Path], ScheduledTask] | None = None
    has_systemd: bool = True
    load: Callable[[Path], SenderSettings] = SenderSettings.load
    known: SenderSettings | None = None
    route: ProxyRoute | None = None
    helseid: HelseIdClient | None = None
    mapping: SourceMapping | None = None
    store_is_current: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    offsets: dict[str, dt.timedelta | None] = field(default_factory=dict)
    fault: TransportFault | None = None
    _network: Network | None = None

    @property
    def settings(self) -> SenderSettings:
        """The settings, once they are read."""
        assert self.known is not None, "a check that needs the settings says so"
        return self.known

    @property
    def network(self) -> Network:
        """The way out, opened when it is first needed: then it is known whether a proxy is on it."""
        if self._network is None:
            self._network = self.open_network(self.route)
        return self._network

    def ask(self, request: Request) -> Response:
        """An exchange, with what it tells of the clock; a fault is kept, since outcomes keep only its words."""
        self.fault, sent = None, self.clock.now()
        try:
            response = self.network.exchange(request)
        except TransportFault as fault:
            self.fault = fault
            raise
        date = response.header("date")
        self.offsets[host_of(request.url)] = None if date is None else measured(date, sent, self.clock.now())
        return response

    def close(self) -> None:
        """Close what was opened."""
        if self._network is not None:
            self._network.close()


def host_of(url: str) -> str:
    """Host and port of an address."""
    return urlsplit(url).netloc.lower()


def name_of(url: str) -> str:
    """The host alone."""
    return urlsplit(url).hostname or ""
