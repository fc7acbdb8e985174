"""Which addresses requests may go to: https, and plain http on this machine only (transport § 14.4)."""

from __future__ import annotations

import ipaddress
import re

from ktt.sender.client.errors import AddressUnfit

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*"
_BASE = re.compile(rf"(https?)://({_HOST})(:\d{{1,5}})?(/[!-~]*)?", re.ASCII)
_PORTS = range(1, 65_536)
_FORBIDDEN = frozenset("?#@\\%")


def base_url(address: str, setting: str) -> str:
    """The address without trailing slashes; AddressUnfit when it may not be used."""
    match = _BASE.fullmatch(address)
    if match is None or not _FORBIDDEN.isdisjoint(address) or not _is_allowed(match):
        shown = address.rsplit("@", maxsplit=1)[-1]  # the text before an @ may be a password
        raise AddressUnfit(address=shown, setting=setting)
    return address.rstrip("/")


def origin(url: str) -> tuple[str, str, str] | None:
    """Scheme, host and port of an absolute http(s) URL; None when it is no such URL."""
    match = re.match(_BASE, url)
    if match is None or match.end() != len(url) or "@" in url:
        return None
    default = ":443" if match[1] == "https" else ":80"
    return match[1], match[2].lower(), match[3] or default


def _is_allowed(match: re.Match[str]) -> bool:
    """Whether the port exists, a host in brackets is an IPv6 address, and plain http stays on this machine."""
    host = match[2].lower()
    try:
        loopback = ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = host == "localhost"
        if host.startswith("["):
            return False
    return (match[1] == "https" or loopback) and int((match[3] or ":1")[1:]) in _PORTS
