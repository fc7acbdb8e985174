"""JSON pointer → line in the file. Looks only where a finding points, one level at a time, so the work is linear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

_BLANK = re.compile(rb"[\s,]*")
_NAME = re.compile(rb'[\s,]*"(?:[^"\\]|\\.)*"\s*:\s*')
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])

_Wanted = dict[str, Any]  # step → what is wanted below it


def lines_of(message: bytes, pointers: Iterable[str]) -> dict[str, int]:
    """For each pointer the line, from 1, where the value begins; a value that is missing has the line of what holds it.

    The message must be strict JSON (`messages.strict_json`).
    """
    wanted_pointers = list(pointers)
    if b"\n" not in message:
        return dict.fromkeys(wanted_pointers, 1)
    wanted: _Wanted = {}
    for pointer in wanted_pointers:
        below = wanted
        for step in pointer.split("/")[1:]:
            below = below.setdefault(step, {})
    search = _Search(message)
    start = _end(_BLANK, message, 0)
    search.find(start, message[start:], wanted, "")
    places = search.places
    lines = _lines(message, set(places.values()))
    return {pointer: lines[places[_nearest(pointer, places)]] for pointer in wanted_pointers}


def _nearest(pointer: str, places: dict[str, int]) -> str:
    while pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _lines(message: bytes, places: set[int]) -> dict[int, int]:
    line, last, found = 1, 0, {}
    for place in sorted(places):
        line += message.count(b"\n", last, place)
        last = found[place] = place
        found[place] = line
    return found


@dataclass(slots=True)
class _Search:
    """A walk down the message: where each pointer that is wanted, and what holds it, begins."""

    message: bytes
    places: dict[str, int] = field(default_factory=dict)

    def find(self, at: int, value: Any, wanted: _Wanted, path: str) -> None:
        self.places[path] = at
        left = len(wanted)
        for step, begins, inner in _inside(self.message, at, value) if wanted else ():
            if step in wanted:
                self.find(begins, inner, wanted[step], f"{path}/{step}")
                left -= 1
                if not left:
                    return


def _inside(message: bytes, at: int, value: Any) -> Iterator[tuple[str, int, Any]]:
    """The values directly inside an object or list: name or number, where it begins, and its own bytes."""
    opened = message[at : at + 1]
    named: Iterable[tuple[int | str, msgspec.Raw]] = ()
    ahead = _BLANK
    if opened == b"[":
        named = enumerate(_LIST.decode(value))
    elif opened == b"{":
        named, ahead = _OBJECT.decode(value).items(), _NAME
    end = at + 1
    for step, inner in named:
        begins = _end(ahead, message, end)
        yield str(step), begins, inner
        end = begins + memoryview(inner).nbytes


def _end(pattern: re.Pattern[bytes], message: bytes, at: int) -> int:
    found = pattern.match(message, at)
    return found.end() if found else at
