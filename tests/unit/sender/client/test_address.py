"""Which addresses requests may go to."""

from __future__ import annotations

import pytest

from ktt.sender.client.address import base_url, origin
from ktt.sender.client.errors import AddressUnfit


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("https://apimottak01.qa.fihr.no/", "https://apimottak01.qa.fihr.no"),
        ("https://h/slash//", "https://h/slash"),
        ("https://h:8443", "https://h:8443"),
        ("https://h:65535", "https://h:65535"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://192.0.2.1", "https://192.0.2.1"),
        ("http://localhost:8791", "http://localhost:8791"),
        ("http://127.0.0.1:8791", "http://127.0.0.1:8791"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8791", "http://[::1]:8791"),
    ],
)
def test_https_anywhere_and_http_on_this_machine(address, base):
    assert base_url(address, "mottak.base_url") == base


@pytest.mark.parametrize(
    "address",
    [
        "http://apimottak01.fihr.no",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://0.0.0.0",
        "https://user:secret@h",
        "https://h?x=1",
        "https://h#x",
        "https://h/%2e%2e",
        "https://h\\x",
        "https://",
        "ftp://h",
        "h",
        "",
        "https://h\n",
        "https://høst",
        "https://a..b",
        "https://-h",
        "https://h.",
        f"https://{'a' * 64}.no",
        "https://[::g]",
        "https://[1::2::3]",
        "https://h:0",
        "https://h:65536",
    ],
)
def test_other_addresses_are_refused_by_name_of_the_setting(address):
    with pytest.raises(AddressUnfit) as fault:
        base_url(address, "mottak.base_url")
    assert "mottak.base_url" in fault.value.says().en
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://H/x", ("https", "h", ":443")),
        ("https://h:443/y", ("https", "h", ":443")),
        ("http://h/x", ("http", "h", ":80")),
        ("https://h:1/x", ("https", "h", ":1")),
        ("https://h@evil/x", None),
        ("https://h evil", None),
        ("/connect/token", None),
    ],
)
def test_the_origin_of_an_address(url, found):
    assert origin(url) == found
