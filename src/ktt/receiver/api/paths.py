"""Our addresses, by name: what an address is an instance of, and whether it is one of FHI's or of ours."""

from __future__ import annotations

MESSAGE, KEYS, LIVE, READY = "/message", "/keys", "/health/live", "/health/ready"
VALIDATE, CHECK = "/validate", "/check"
RECEIPT, OUTSTANDING = "/receipts/{correlation}", "/units/{organisation}/outstanding"
METRICS, OPENAPI, PAGE, INDEX = "/metrics", "/openapi.json", "/swagger", "/swagger/index.html"
EXAMPLE, SCHEMA = "/swagger-tools/download-example", "/schemas/{type}/{version}"
OTHER = "other"

_OF_FHI = (MESSAGE, KEYS, LIVE, READY)
_OURS = (VALIDATE, CHECK, RECEIPT, OUTSTANDING, METRICS, OPENAPI, PAGE, INDEX, EXAMPLE, SCHEMA)
ALL = (*_OF_FHI, *_OURS)
_ROOMS = frozenset(path.split("/")[1] for path in _OURS)
_FIXED = frozenset(path for path in ALL if "{" not in path)
_OPEN = {path: path.split("/") for path in ALL if "{" in path}


def ours(path: str) -> bool:
    """Whether the address is one of ours, or would be if anything were there."""
    return path.split("/", 2)[1:2] != [] and path.split("/", 2)[1] in _ROOMS


def name(path: str) -> str:
    """The address that this one is an instance of; "other" for all that are not ours or FHI's. Safe as a label."""
    if path in _FIXED:
        return path
    steps = path.split("/")
    for known, form in _OPEN.items():
        if len(form) == len(steps) and all(a == b or a[:1] == "{" for a, b in zip(form, steps, strict=True)):
            return known
    return OTHER
