"""Whose request it is: the gateway's word counts only when the gateway is ours, and only as far as it wrote it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from ktt.receiver.http.caller_address import caller_address

GATEWAYS = (ip_network("10.0.0.0/24"), ip_network("::1"))
CASES = {
    "nobody before": ("192.0.2.1", [], "192.0.2.1"),
    "a stranger's word": ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
    "the gateway's": ("10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
    "the gateway's, after the caller's own": ("10.0.0.5", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
    "in two fields": ("10.0.0.5", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
    "two gateways": ("10.0.0.5", ["203.0.113.9, 198.51.100.7, 10.0.0.6"], "198.51.100.7"),
    "a gateway that says nothing": ("10.0.0.5", [], "10.0.0.5"),
    "a gateway that says no address": ("10.0.0.5", ["198.51.100.7, unknown"], "10.0.0.5"),
    "only gateways": ("10.0.0.5", ["10.0.0.6"], "10.0.0.6"),
    "one network of IPv6": ("::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
    "IPv4 within IPv6": ("::ffff:10.0.0.5", ["::ffff:198.51.100.7"], "198.51.100.7"),
    "no address at all": ("", ["198.51.100.7"], ""),
}


@pytest.mark.parametrize(("peer", "forwarded", "caller"), CASES.values(), ids=CASES)
def test_the_caller(peer: str, forwarded: list[str], caller: str):
    assert caller_address(peer, forwarded, GATEWAYS) == caller
