"""From “not strict JSON” to one error with line and character. Only used on what has been refused already."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import NoReturn

from ktt.core.errors import KttError
from ktt.messages.errors import MessageNotJson
from ktt.messages.strict_json import MAX_DEPTH
from ktt.validate.errors import (
    ByteOrderMark,
    CharacterUnusable,
    FieldTwice,
    FileEmpty,
    NestedTooDeep,
    NotJson,
    NumberUnusable,
    WrongEncoding,
)
from ktt.validate.file_kinds import guessed_utf16

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_HALF = re.compile("[\0\ud800-\udfff]")
_WORDS = frozenset({"true", "false", "null"})
_LONGEST = len("-9223372036854775808")
_UNPLACED: dict[str, type[KttError]] = {"empty": FileEmpty, "bom": ByteOrderMark}
_FAULTS: dict[str, type[KttError]] = {
    "duplicate_key": FieldTwice,
    "number": NumberUnusable,
    "depth": NestedTooDeep,
    "nul": CharacterUnusable,
    "surrogate": CharacterUnusable,
}


def refuse(file: str, data: bytes, fault: MessageNotJson) -> NoReturn:
    """Raise the error of this package that says what is wrong, and at which line and character."""
    reason = str(fault.facts["reason"])
    if reason in _UNPLACED:
        raise _UNPLACED[reason](file=file) from None
    if reason == "utf8":
        refuse_encoding(file, data)
    text = data.decode()
    at = next(_places(text, reason), None) if reason in _FAULTS else _stop(text)
    line, column = _line_and_column(text, at or 0)
    raise _FAULTS.get(reason, NotJson)(file=file, line=line, column=column) from None


def refuse_encoding(file: str, data: bytes) -> None:
    """Raise WrongEncoding, when it is not UTF-8, with the best guess and the place of the first letter that is not."""
    if guessed_utf16(data) is not None:
        raise WrongEncoding(file=file, encoding="UTF-16", line=1, column=1) from None
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        line, column = _line_and_column(data.decode("latin-1"), wrong.start)
        raise WrongEncoding(file=file, encoding="Windows-1252", line=line, column=column) from None


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _stop(text: str) -> int:
    """Where the grammar breaks."""
    try:
        json.loads(text)
    except json.JSONDecodeError as fault:
        return fault.pos
    except (RecursionError, ValueError):
        return 0
    return 0


def _places(text: str, reason: str) -> Iterator[int]:
    """The places that break strictness for that reason, in order."""
    names: list[set[str]] = []
    before = (0, "")
    for found in _TOKEN.finditer(text):
        word, at = found[0], found.start()
        if word in "{[":
            names.append(set())
            if reason == "depth" and len(names) >= MAX_DEPTH:
                yield at
        elif word in "}]" and names:
            names.pop()
        elif word == ":" and reason == "duplicate_key" and names:
            if before[1] in names[-1]:
                yield before[0]
            names[-1].add(before[1])
        elif _unusable(word, reason):
            yield at
        before = (at, _name(word))


def _name(word: str) -> str:
    """A string as its reader sees it: the same name may be written with and without escapes."""
    return str(_loaded(word)) if word.startswith('"') and "\\" in word else word.strip('"')


def _loaded(word: str) -> object:
    try:
        return json.loads(word, strict=False)
    except ValueError:
        return word


def _unusable(word: str, reason: str) -> bool:
    if word.startswith('"'):
        return reason in {"nul", "surrogate"} and _HALF.search(str(_loaded(word))) is not None
    return reason == "number" and word not in _WORDS and word not in ",:" and not _fits(word)


def _fits(digits: str) -> bool:
    try:
        return len(digits) <= _LONGEST and -(2**63) <= int(digits) < 2**63
    except ValueError:
        pass
    try:
        return math.isfinite(float(digits))
    except ValueError:
        return True
