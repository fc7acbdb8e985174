"""Put a sender's road together from its settings."""

from __future__ import annotations

import importlib.metadata

from ktt.core.clock import Clock
from ktt.sender.client.address import base_url
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.helseid import HelseId
from ktt.sender.client.receiver import Mottak
from ktt.sender.settings import SenderSettings
from ktt.wire.headers import SenderSoftware


def open_mottak(settings: SenderSettings, clock: Clock) -> Mottak:
    """The receiver that these settings name, ready to send to; every fault in key, address or names shows here."""
    unit = settings.unit.reporting_unit
    software = SenderSoftware(
        settings.software.vendor,
        settings.software.system,
        settings.software.version,
        importlib.metadata.version("ktt"),
    )
    address = base_url(settings.mottak.base_url, "mottak.base_url")
    key = read_client_key(settings.helseid.key_file)
    helseid = HelseId(settings.helseid, unit, key, clock)
    from ktt.core.http.client import Http  # 0.2 s to import; commands that send nothing do not pay for it

    http = Http()
    return Mottak(
        unit,
        base_url=address,
        helseid=helseid,
        software=software,
        exchange=http.exchange,
        clock=clock,
        on_close=http.close,
    )
