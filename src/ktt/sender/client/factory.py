"""Make the client of the receiver from the sender's settings."""

from __future__ import annotations

import importlib.metadata

from ktt.core.clock import Clock
from ktt.sender.client.address import base_url
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.settings import SenderSettings
from ktt.wire.headers import SenderSoftware


def open_receiver_client(settings: SenderSettings, clock: Clock) -> ReceiverClient:
    """A client of the receiver that the settings name; a fault in key, address or names is raised here, before any request."""
    unit = settings.unit.reporting_unit
    software = SenderSoftware(
        settings.software.vendor,
        settings.software.system,
        settings.software.version,
        importlib.metadata.version("ktt"),
    )
    address = base_url(settings.mottak.base_url, "mottak.base_url")
    key = read_client_key(settings.helseid.key_file)
    helseid = HelseIdClient(settings.helseid, unit, key, clock)
    from ktt.core.http.client import (
        HttpClient,  # importing it takes 0.06 s, which commands that send nothing need not spend
    )

    http = HttpClient()
    return ReceiverClient(
        unit,
        base_url=address,
        helseid=helseid,
        software=software,
        exchange=http.exchange,
        clock=clock,
        on_close=http.close,
    )
