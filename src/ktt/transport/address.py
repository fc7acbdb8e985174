"""Which addresses may be spoken to: https, and plain http on this machine only (slash § 14.4)."""

from __future__ import annotations

import ipaddress
import re

from ktt.transport.errors import AddressUnfit

_BASE = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(/[!-~]*)?", re.ASCII)
_FORBIDDEN = frozenset("?#@\\%")


def base_url(address: str, setting: str) -> str:
    """The address without trailing slashes; AddressUnfit when it may not be used."""
    match = _BASE.fullmatch(address)
    if match is None or not _FORBIDDEN.isdisjoint(address) or not (match[1] == "https" or _loopback(match[2])):
        shown = address.rsplit("@", maxsplit=1)[-1]  # what stands before an @ may be a password
        raise AddressUnfit(address=shown, setting=setting)
    return address.rstrip("/")


def origin(url: str) -> tuple[str, str, str] | None:
    """Scheme, host and port of an absolute http(s) URL; None when it is no such URL."""
    match = re.match(_BASE, url)
    if match is None or match.end() != len(url) or "@" in url:
        return None
    default = ":443" if match[1] == "https" else ":80"
    return match[1], match[2].lower(), match[3] or default


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
