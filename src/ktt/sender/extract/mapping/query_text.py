"""A mapping's query as it can stand inside another: without the semicolon and the comments after its last word."""

from __future__ import annotations

import re

_PARTS = re.compile(r"""(?P<word>'(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|/\*.*?\*/|;|\s+|(?P<sign>.)""", re.DOTALL)


def without_ending(query: str) -> str:
    """The query up to its last word; empty when it has only comments. What stands in quotes is not looked into."""
    end = 0
    for part in _PARTS.finditer(query):
        if part["word"] or part["sign"]:
            end = part.end()
    return query[:end].strip()
