"""Make the client of the receiver from the sender's settings."""

from __future__ import annotations

import importlib.metadata
import logging
from functools import cache
from pathlib import Path

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.sender.client.address import base_url
from ktt.sender.client.helseid import HelseIdClient, NewKey
from ktt.sender.client.key_change import read_new_key, take_into_use
from ktt.sender.client.proxy import proxy_route
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.client.shared import Shared, SharedParts
from ktt.sender.settings import SenderSettings
from ktt.wire.dpop import ProofKey
from ktt.wire.headers import SenderSoftware

_log = logging.getLogger("ktt.sender.client")


def named_software(settings: SenderSettings) -> SenderSoftware:
    """What the `x-*` headers say of the software; HeaderValueUnfit when one of them cannot travel."""
    named = settings.software
    return SenderSoftware(named.vendor, named.system, named.version, _own_version())


@cache
def _own_version() -> str:
    """Read once: the package's metadata takes milliseconds to read, and a fleet opens hundreds of clients."""
    return importlib.metadata.version("ktt")


def open_receiver_client(settings: SenderSettings, clock: Clock, shared: Shared | None = None) -> ReceiverClient:
    """A client of the receiver that the settings name; a fault in key, address or names is raised here, before any request.

    With `shared` it has only its tokens for itself, and closes nothing.
    """
    unit, parts = settings.unit.reporting_unit, shared.parts if shared else SharedParts(clock)
    software = named_software(settings)
    address = base_url(settings.mottak.base_url, "mottak.base_url")
    authority = base_url(settings.helseid.authority, "helseid.authority")
    key, new_key = parts.client_key(settings.helseid.key_file), _new_key(settings.helseid.key_file)
    return ReceiverClient(
        unit,
        base_url=address,
        helseid=HelseIdClient(settings.helseid, unit, key, clock, new_key, known=parts.authority(authority)),
        software=software,
        exchange=(shared or Shared(parts)).exchange(proxy_route(settings.network)),
        clock=clock,
        on_close=(lambda: None) if shared else parts.close,
        keys=parts.receiver_keys(address),
    )


def _new_key(key_file: Path) -> NewKey | None:
    """The key that is to take over, if a change is going on. What is wrong with it is told, and stops nothing."""
    try:
        key = read_new_key(key_file)
    except KttError as fault:
        _log.warning("The client's new key is not used: %s", fault.code)
        return None
    return None if key is None else NewKey(key, lambda accepted: _take_into_use(key_file, accepted))


def _take_into_use(key_file: Path, accepted: ProofKey) -> None:
    """The old key is still good, so a disk that is full costs the change of key, and never a message."""
    try:
        take_into_use(key_file, accepted)
    except KttError as fault:
        _log.warning("The client's new key is accepted, and its file stays where it is: %s", fault.code)
    else:
        _log.warning("HelseID accepts the client's new key %s; it is in use from now on", accepted.thumbprint)
