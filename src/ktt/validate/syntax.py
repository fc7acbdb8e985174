"""From “not strict JSON” to one error with line and character. Only used on what has been refused already."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
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

_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRING = re.compile(_TEXT, re.DOTALL)
_WORD = re.compile(r'[^\s{}\[\],:"]+')
_NAMES = re.compile(rf"[{{}}\[\]]|(?P<name>{_TEXT})(?P<colon>\s*+:)?", re.DOTALL)
# What is passed over in one step, so that a search takes little more than reading the text does.
_NO_BRACKETS = re.compile(rf'(?:{_TEXT}|[^"{{}}\[\]]++)*+', re.DOTALL)
_USUAL_NUMBER = r"-?\d{1,18}(?:\.\d+)?(?:[eE][+-]?\d{1,2})?"
_USUAL_NUMBERS = re.compile(
    rf"(?:{_TEXT}|[\s{{}}\[\],:]++|(?:true|false|null|{_USUAL_NUMBER})(?=[\s{{}}\[\],:]))*+", re.DOTALL
)
_USUAL_TEXTS = re.compile(r'(?:"[^"\\]*+(?:\\(?:[^u]|u(?!0000|[dD][89a-fA-F]))[^"\\]*+)*+"|[^"]++)*+', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]++(?![.eE])")
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
    line, column = _line_and_column(text, _place(text, reason) if reason in _FAULTS else _stop(text))
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


def _place(text: str, reason: str) -> int:
    """The first place that breaks strictness for that reason; 0 when there is none."""
    return next(_SEARCHES[reason](text), 0)


def _names_twice(text: str) -> Iterator[int]:
    names: list[set[str]] = []
    for found in _NAMES.finditer(text):
        word = found[0]
        if word in "{[":
            names.append(set())
        elif word in "}]":
            del names[-1:]
        elif found["colon"] and names:
            name = _name(found["name"])
            if name in names[-1]:
                yield found.start()
            names[-1].add(name)


def _too_deep(text: str) -> Iterator[int]:
    depth, at = 0, 0
    while (at := _end(_NO_BRACKETS, text, at)) < len(text):
        depth += 1 if text[at] in "{[" else -1
        if depth >= MAX_DEPTH:
            yield at
        at += 1


def _unusable_numbers(text: str) -> Iterator[int]:
    at = 0
    while (at := _end(_USUAL_NUMBERS, text, at)) < len(text):
        found = _WORD.match(text, at)
        if found is not None and found[0] not in _WORDS and not _fits(found[0]):
            yield at
        at = found.end() if found else at + 1


def _unusable_texts(text: str) -> Iterator[int]:
    at = 0
    while (at := _end(_USUAL_TEXTS, text, at)) < len(text):
        found = _STRING.match(text, at)
        if found is not None and _HALF.search(str(_loaded(found[0]))):
            yield at
        at = found.end() if found else at + 1


_SEARCHES: dict[str, Callable[[str], Iterator[int]]] = {
    "duplicate_key": _names_twice,
    "number": _unusable_numbers,
    "depth": _too_deep,
    "nul": _unusable_texts,
    "surrogate": _unusable_texts,
}


def _end(passed_over: re.Pattern[str], text: str, start: int) -> int:
    found = passed_over.match(text, start)
    return start if found is None else found.end()


def _name(word: str) -> str:
    """A string as its reader sees it: the same name may be written with and without escapes."""
    return str(_loaded(word)) if "\\" in word else word[1:-1]


def _loaded(word: str) -> object:
    try:
        return json.loads(word, strict=False)
    except ValueError:
        return word


def _fits(digits: str) -> bool:
    whole = _INTEGER.match(digits)
    if whole is not None:  # what follows it may be broken in another way; the number comes first
        return len(whole[0]) <= _LONGEST and -(2**63) <= int(whole[0]) < 2**63
    try:
        return math.isfinite(float(digits))
    except ValueError:
        return True
