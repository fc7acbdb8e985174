"""The addresses of the receiver by name: the template of an address, and whether it is FHI's or ours."""

from __future__ import annotations

MESSAGE, KEYS, LIVE, READY = "/message", "/keys", "/health/live", "/health/ready"
VALIDATE, CHECK = "/validate", "/check"
RECEIPT, OUTSTANDING = "/receipts/{correlation}", "/units/{organisation}/outstanding"
INVENTORY = "/units/{organisation}/inventory"
METRICS, OPENAPI, PAGE, INDEX = "/metrics", "/openapi.json", "/swagger", "/swagger/index.html"
EXAMPLE, SCHEMA = "/swagger-tools/download-example", "/schemas/{type}/{version}"
OTHER = "other"

_PROTOCOL = (MESSAGE, KEYS, LIVE, READY)
_OWN = (VALIDATE, CHECK, RECEIPT, OUTSTANDING, INVENTORY, METRICS, OPENAPI, PAGE, INDEX, EXAMPLE, SCHEMA)
ALL = (*_PROTOCOL, *_OWN)
_OWN_SEGMENTS = frozenset(path.split("/")[1] for path in _OWN)
_FIXED = frozenset(path for path in ALL if "{" not in path)
_TEMPLATES = {path: path.split("/") for path in ALL if "{" in path}


def is_own(path: str) -> bool:
    """Whether the address is one of ours, or would be if anything were there."""
    return path.split("/", 2)[1:2] != [] and path.split("/", 2)[1] in _OWN_SEGMENTS


def template_of(path: str) -> str:
    """The template that the address is an instance of, else "other": a bounded set, safe as the label of a metric."""
    if path in _FIXED:
        return path
    steps = path.split("/")
    for known, form in _TEMPLATES.items():
        if len(form) == len(steps) and all(a == b or a[:1] == "{" for a, b in zip(form, steps, strict=True)):
            return known
    return OTHER
