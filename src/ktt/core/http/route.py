"""The way out of a network that lets nothing out but through a proxy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProxyRoute:
    """A proxy, and the hosts that are reached without it. This machine itself always is."""

    url: str
    user: tuple[str, str] | None = field(default=None, repr=False)
    exempt: tuple[str, ...] = ()

    def takes(self, host: str) -> bool:
        """Whether requests to the host go through the proxy."""
        name = host.lower().strip("[]")
        return not _is_here(name) and not any(_covers(entry, name) for entry in self.exempt)


def _is_here(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _covers(entry: str, name: str) -> bool:
    """Whether an entry of a `NO_PROXY` names the host: `*`, a host or domain, an address or a network of addresses."""
    wanted = entry.strip().lower()
    if wanted == "*":
        return True
    domain = wanted.removeprefix("*").lstrip(".")
    if domain and (name == domain or name.endswith(f".{domain}")):
        return True
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False
