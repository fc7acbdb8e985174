"""Which proxy is gone by: that of the settings before that of the environment."""

from __future__ import annotations

import pytest

from ktt.core.http.route import ProxyRoute
from ktt.sender.client.errors import ProxyUnfit
from ktt.sender.client.proxy import named_proxy
from ktt.sender.settings import NetworkSettings

ENVIRONMENT = {"HTTPS_PROXY": "http://miljo.example:3128", "NO_PROXY": "a.example, .b.example"}


def named(environment, **settings):
    found = named_proxy(NetworkSettings(**settings), environment)
    return None if found is None else (found.route.url, found.named_in)


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({}, {}, None),
        ({}, ENVIRONMENT, ("http://miljo.example:3128", "HTTPS_PROXY")),
        ({"proxy": "ut.example:8080"}, ENVIRONMENT, ("http://ut.example:8080", "network.proxy")),
        ({"proxy": ""}, ENVIRONMENT, None),
        ({"proxy": "https://ut.example"}, {}, ("https://ut.example:443", "network.proxy")),
        ({}, {"https_proxy": "http://[2001:db8::1]:3128/"}, ("http://[2001:db8::1]:3128", "https_proxy")),
    ],
)
def test_who_names_it(settings, environment, expected):
    assert named(environment, **settings) == expected


def test_user_password_and_exemptions():
    found = named_proxy(
        NetworkSettings(proxy="http://ola:p%40ss@ut.example:8080", no_proxy=("c.example",)), ENVIRONMENT
    )
    assert found is not None
    assert found.route == ProxyRoute(
        "http://ut.example:8080", ("ola", "p@ss"), ("c.example", "a.example", ".b.example")
    )
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    "address", ["socks5://ut.example", "http://", "http://ut.example:x", "http://ola:pass@ut.example/x"]
)
def test_what_is_no_proxy(address):
    with pytest.raises(ProxyUnfit) as fault:
        named({}, proxy=address)
    assert "pass" not in fault.value.says().nb
