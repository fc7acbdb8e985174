"""The proxy that the sender goes out by: that of the settings, or that of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ktt.core.http.route import ProxyRoute
from ktt.sender.client.errors import ProxyUnfit
from ktt.sender.settings import NetworkSettings

SETTING = "network.proxy"
_NAMES = ("https_proxy", "HTTPS_PROXY")
_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class NamedProxy:
    """A proxy, and where it is named: the setting, or the variable of the environment."""

    route: ProxyRoute
    named_in: str


def named_proxy(settings: NetworkSettings, environment: Mapping[str, str] = os.environ) -> NamedProxy | None:
    """The proxy to go by; None to go straight out. ProxyUnfit when what is named is no address of one."""
    exempt = (*settings.no_proxy, *_listed(environment))
    if settings.proxy is not None:
        return NamedProxy(_read(settings.proxy, SETTING, exempt), SETTING) if settings.proxy else None
    for name in _NAMES:
        if environment.get(name):
            return NamedProxy(_read(environment[name], name, exempt), name)
    return None


def proxy_route(settings: NetworkSettings, environment: Mapping[str, str] = os.environ) -> ProxyRoute | None:
    """The way out for an `HttpClient`."""
    named = named_proxy(settings, environment)
    return None if named is None else named.route


def _listed(environment: Mapping[str, str]) -> list[str]:
    listed = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return [entry.strip() for entry in listed.split(",") if entry.strip()]


def _read(address: str, setting: str, exempt: tuple[str, ...]) -> ProxyRoute:
    try:
        parts = urlsplit(address if "//" in address else f"http://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.scheme not in _SCHEMES or not host.isascii() or parts.path.strip("/") or parts.query:
        raise ProxyUnfit(setting=setting, address=address.rsplit("@", maxsplit=1)[-1])
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    user = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
    return ProxyRoute(f"{parts.scheme}://{shown}:{port or default}", user, exempt)
