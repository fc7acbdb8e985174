"""Where a request comes from: the address that connected, or the one that a gateway of ours says it speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

FORWARDED = "X-Forwarded-For"
Network = IPv4Network | IPv6Network
_PREFIX = 64  # bits of an IPv6 address that are given to one customer: he has all addresses below


@lru_cache(maxsize=4096)
def is_gateway(address: str, gateways: tuple[Network, ...]) -> bool:
    """Whether the address is one of our gateways."""
    found = _read(address)
    return found is not None and any(found in network for network in gateways)


def caller_address(peer: str, forwarded: Sequence[str], gateways: tuple[Network, ...]) -> str:
    """The caller behind a connection from `peer`; `forwarded` are the values of `X-Forwarded-For`.

    What is forwarded is believed only as far as gateways of ours wrote it: each adds the address that it was called from
    at the end, and what stands before is the caller's own word.
    """
    callers = [peer]
    if is_gateway(peer, gateways):
        callers += reversed([word.strip() for value in forwarded for word in value.split(",")])
    last = peer
    for last in callers:
        if not is_gateway(last, gateways):
            break
    return _grouped(_read(last) or _read(peer)) or peer


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def _grouped(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _PREFIX), strict=False))
    return "" if address is None else str(address)
