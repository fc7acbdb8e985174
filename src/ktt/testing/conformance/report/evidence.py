"""Makes recorded requests fit for a report: persons' numbers masked, secrets and long values shortened."""

from __future__ import annotations

import re
from typing import Any

from ktt.core.log.masking import MASK, masked

_FIELDS = re.compile(r'("(?:fodselsNr|dNr|dufNr)"\s*:\s*)"?\d+"?')
_SECRETS = frozenset(
    {"authorization", "dpop", "cookie", "client_assertion", "access_token", "refresh_token", "client_secret"}
)
_JWS = re.compile(r"eyJ[\w-]{10,}(?:\.[\w-]+){0,2}")
_LONG = 160  # characters of an unbroken value that are shown whole
_KEPT = 24
MOST_CONTENT = 4000
"""Characters of a message in a report."""


def hidden(value: Any) -> Any:
    """The same JSON value without persons' numbers and secrets."""
    if isinstance(value, dict):
        return {name: _member(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(inner) for inner in value]
    return short(masked(value)) if isinstance(value, str) else value


def _member(name: str, value: Any) -> Any:
    if name.lower() in _SECRETS and isinstance(value, str):
        return f"{value[:6]}… ({len(value)})"
    if name == "payload" and isinstance(value, str):
        return content(value)
    return hidden(value)


def content(text: str) -> str:
    """A message with persons' numbers masked, cut when it is long."""
    shown = unnumbered(text[: 2 * MOST_CONTENT])
    return shown if len(shown) <= MOST_CONTENT else f"{shown[:MOST_CONTENT]}… ({len(text)})"


def unnumbered(text: str) -> str:
    """A message with persons' numbers masked, also those that lost their leading zero as JSON numbers."""
    return masked(_FIELDS.sub(rf'\g<1>"{MASK}"', text))


def words(text: str) -> str:
    """A program's output with persons' numbers masked, and tokens and proofs cut."""
    return masked(_JWS.sub("eyJ…", text))


def short(text: str) -> str:
    """A text; a long value without spaces is replaced by its beginning and its length."""
    return text if len(text) <= _LONG or " " in text[:_LONG] else f"{text[:_KEPT]}… ({len(text)})"
