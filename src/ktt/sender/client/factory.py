"""Make the client of the receiver from the sender's settings."""

from __future__ import annotations

import importlib.metadata
import logging
from pathlib import Path

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.sender.client.address import base_url
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.helseid import HelseIdClient, NewKey
from ktt.sender.client.key_change import read_new_key, take_into_use
from ktt.sender.client.proxy import proxy_route
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.settings import SenderSettings
from ktt.wire.dpop import ProofKey
from ktt.wire.headers import SenderSoftware

_log = logging.getLogger("ktt.sender.client")


def named_software(settings: SenderSettings) -> SenderSoftware:
    """What the `x-*` headers say of the software; HeaderValueUnfit when one of them cannot travel."""
    named = settings.software
    return SenderSoftware(named.vendor, named.system, named.version, importlib.metadata.version("ktt"))


def open_receiver_client(settings: SenderSettings, clock: Clock) -> ReceiverClient:
    """A client of the receiver that the settings name; a fault in key, address or names is raised here, before any request."""
    unit = settings.unit.reporting_unit
    software = named_software(settings)
    address = base_url(settings.mottak.base_url, "mottak.base_url")
    key = read_client_key(settings.helseid.key_file)
    helseid = HelseIdClient(settings.helseid, unit, key, clock, _new_key(settings.helseid.key_file))
    from ktt.core.http.client import (
        HttpClient,  # importing it takes 0.06 s, which commands that send nothing need not spend
    )

    http = HttpClient(route=proxy_route(settings.network))
    return ReceiverClient(
        unit,
        base_url=address,
        helseid=helseid,
        software=software,
        exchange=http.exchange,
        clock=clock,
        on_close=http.close,
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
