"""On which line of a TOML file a key stands, so that a fault can say it. `tomllib` tells no places."""

from __future__ import annotations

import re
from collections import Counter

_HEADER = re.compile(r"^\s*\[(\[)?\s*(?P<path>[^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LONG = ('"""', "'''")


class KeyLines:
    """The lines of a file's keys, by dotted path as faults name them: the second `[[a.also]]` is `a.also[2]`."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        self._texts = text.splitlines()
        self._seen = Counter[str]()
        here, closing = "", ""
        for number, line in enumerate(self._texts, start=1):
            if closing:  # inside a text of several lines
                closing = "" if closing in line else closing
                continue
            if found := _HEADER.match(line):
                here = self._header(found["path"], number, is_array=bool(found[1]))
            elif found := _KEY.match(line):
                self._lines.setdefault(_joined(here, _dotted(found["key"])), number)
            closing = next((mark for mark in _LONG if line.count(mark) % 2), "")

    def _header(self, path: str, number: int, *, is_array: bool) -> str:
        parts: list[str] = []
        for part in _PART.findall(path):
            parts.append(part.strip("\"'"))
            name = ".".join(parts)
            last = len(parts) == len(_PART.findall(path))
            if is_array and last:
                self._seen[name] += 1
            if self._seen[name]:
                parts[-1] += f"[{self._seen[name]}]"
        here = ".".join(parts)
        self._lines.setdefault(here, number)
        return here

    def line_of(self, key: str) -> int | None:
        """The line of a key, or of the nearest table around it that stands in the file; None where nothing of it does."""
        path = key.partition(" = ")[0]
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path.rpartition(".")[0]
        return None


def _dotted(written: str) -> str:
    return ".".join(part.strip("\"'") for part in _PART.findall(written))


def _joined(here: str, key: str) -> str:
    return f"{here}.{key}" if here else key
