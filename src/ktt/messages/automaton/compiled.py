"""Regular expressions run by RE2, in time that is in proportion to the text, whatever it holds."""

from __future__ import annotations

from typing import Any

import re2  # type: ignore[import-untyped]

from ktt.messages.automaton.errors import NotRegular

_MOST_BYTES = 256 << 20  # of an automaton: a bound, since its states are made only as messages lead to them
_SMALL_BYTES = 16 << 20  # of a part that is repeated


def compiled(language: str) -> Any:
    """The automaton of a language; NotRegular when it would be too large."""
    try:
        return _compile(language, _MOST_BYTES)
    except re2.error as fault:
        raise NotRegular("too large") from fault


def is_small(language: str) -> bool:
    """Whether RE2 takes this as a part of an automaton: it bounds how often counts inside each other may repeat."""
    try:
        _compile(language, _SMALL_BYTES)
    except re2.error:
        return False
    return True


def _compile(language: str, bytes_at_most: int) -> Any:
    options = re2.Options()
    options.max_mem = bytes_at_most
    options.never_capture = True
    options.log_errors = False
    return re2.compile(language, options)
