"""Strict JSON: what no parser may read differently from another (transport § 15).

Fast parsers keep the last of two members with the same name without a word. Each member costs one colon, and so do the
colons inside strings: if the parsed value, written again, holds as many colons as the message, nothing was lost. Only
when the numbers differ, or a colon may hide in an escape, is the message read again by the slow and plain way.
"""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
import orjson

from ktt.messages.errors import MessageNotJson

MAX_DEPTH = 64
DENSE = 6
"""Bytes that a value in a large message takes at least, its name included, when the schema is one that bounds it."""
_INTEGERS = range(-(2**63), 2**63)
_BOM = b"\xef\xbb\xbf"
_ESCAPED_CONTROL = re.compile(rb"\\u00[0-3]", re.IGNORECASE)  # NUL, and the colon \u003a, can only hide there
_LONG_NUMBER = re.compile(rb"[0-9]{19}")  # 2**63 has as many digits
_HOLDERS = (dict, list)
_DENSE_FROM = 2**20  # bytes of a message
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)  # one that does not end is taken to the end
_SURROGATE = re.compile("[\ud800-\udfff]")

REASONS = ("empty", "bom", "utf8", "syntax", "trailing", "duplicate_key", "number", "nul", "surrogate", "depth")
"""Why a message is not strict JSON: one word, never the content."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection inside: a parse makes a million objects and no garbage. The earlier state is restored."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def parse(message: bytes) -> Any:
    """The message as plain Python values; MessageNotJson when it is not strict JSON.

    Depth and 64 bits are left to `prove_bounds`: a value that fits a schema keeps within both.
    """
    try:
        value = orjson.loads(message)
        again = orjson.dumps(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # it writes no more than 254 levels
        refuse(message)
    prove_whole(message, again)
    return value


def is_too_dense(message: bytes) -> bool:
    """Whether a large message has more values than any message of its size that fits a schema of ours.

    As Python values it would take thirty times its size. A value in a message takes six bytes at least, its name
    included.
    """
    if len(message) <= _DENSE_FROM or _values(message) * DENSE <= len(message):
        return False
    return _values(_STRING.sub(b"", message)) * DENSE > len(message) + DENSE


def _values(message: bytes) -> int:
    return message.count(b"{") + message.count(b"[") + message.count(b",")


def prove_syntax(message: bytes) -> None:
    """Refuse what is not JSON, without making any values."""
    try:
        message.decode()
        msgspec.json.decode(message, type=msgspec.Raw)
    except UnicodeDecodeError:
        raise MessageNotJson(reason="utf8") from None
    except msgspec.DecodeError:
        raise MessageNotJson(reason="syntax") from None
    except RecursionError:
        raise MessageNotJson(reason="depth") from None


def prove_bounds(message: bytes, value: Any) -> None:
    """Refuse a message that `parse` has read to `value` if it is too deep or holds too large a number."""
    if _LONG_NUMBER.search(message) or _is_too_deep(value):
        examine(message)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        holders = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, _HOLDERS))
        level = [inner for holder in holders for inner in holder if isinstance(inner, _HOLDERS)]
    return bool(level)


def prove_whole(message: bytes, again: bytes) -> None:
    """Refuse a message that holds more members than the value that was read from it and written `again`."""
    if message.count(b":") != again.count(b":") or _ESCAPED_CONTROL.search(message):
        examine(message)


def refuse(message: bytes) -> NoReturn:
    """Raise MessageNotJson for a message that a parser refused, with the best reason that the plain way finds."""
    examine(message)
    raise MessageNotJson(reason="syntax")


def examine(message: bytes) -> Any:
    """The plain way: the standard library's parser with a hook for everything that is not strict."""
    if not message.strip():
        raise MessageNotJson(reason="empty")
    if message.startswith(_BOM):
        raise MessageNotJson(reason="bom")
    try:
        value = json.loads(message.decode(), **_HOOKS)
    except UnicodeDecodeError:
        raise MessageNotJson(reason="utf8") from None
    except json.JSONDecodeError as fault:
        raise MessageNotJson(reason="trailing" if fault.msg == "Extra data" else "syntax") from None
    except RecursionError:
        raise MessageNotJson(reason="depth") from None
    _look_through(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MessageNotJson(reason="duplicate_key")
    return members


def _integer(digits: str) -> int:
    if len(digits) > len("-9223372036854775808") or int(digits) not in _INTEGERS:
        raise MessageNotJson(reason="number")
    return int(digits)


def _real(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise MessageNotJson(reason="number")
    return number


def _constant(_name: str) -> NoReturn:
    raise MessageNotJson(reason="number")


_HOOKS: dict[str, Any] = {
    "object_pairs_hook": _members,
    "parse_int": _integer,
    "parse_float": _real,
    "parse_constant": _constant,
}


def _look_through(value: Any) -> None:
    """Characters that no text may hold, and depth, level by level."""
    level, depth = [value], 0
    while level:
        for item in level:
            if isinstance(item, str):
                _characters(item)
        containers = [item for item in level if isinstance(item, (dict, list))]
        depth += 1
        if containers and depth > MAX_DEPTH:
            raise MessageNotJson(reason="depth")
        level = [child for item in containers for child in _children(item)]


def _children(item: dict[str, Any] | list[Any]) -> list[Any]:
    return [*item.keys(), *item.values()] if isinstance(item, dict) else item


def _characters(text: str) -> None:
    if "\0" in text:
        raise MessageNotJson(reason="nul")
    if _SURROGATE.search(text):
        raise MessageNotJson(reason="surrogate")
