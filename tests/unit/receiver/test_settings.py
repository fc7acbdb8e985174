"""The receiver's settings."""

from __future__ import annotations

import pytest

from ktt.receiver.errors import PlainAddress
from ktt.receiver.settings import ReceiverSettings
from support.receiver_harness import BASE, ISSUER


@pytest.mark.parametrize("address", ["http://mottak.example", "http://10.0.0.1:8080", "ftp://127.0.0.1.example"])
def test_addresses_outside_this_machine_need_tls(address: str):
    for settings in ({"base_url": address, "issuer": ISSUER}, {"base_url": BASE, "issuer": address}):
        with pytest.raises(PlainAddress):
            ReceiverSettings(environment="sandbox", **settings)


def test_accepted_addresses_are_normalised():
    settings = ReceiverSettings(environment="sandbox", base_url="http://127.0.0.1:80/slash/", issuer=ISSUER)
    assert settings.message_urls == {"http://127.0.0.1/slash/message"}
