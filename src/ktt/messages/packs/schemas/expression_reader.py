"""Reads a regular expression, as JSON Schema and the engine write it, to a tree of sets of characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_SAMPLE = [chr(number) for number in range(128)] + list("\x85\u00a0ÅæøßžΩЖ漢٣²–“€\u2028\u3000😀")
"""Characters of every common sort: two sets that share no such character are taken to share none."""

_COUNT = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}")
_GROUP = re.compile(r"\(\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>)")
_SPAN = re.compile(r"-[^\-\]]")  # of a class, not its end
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|[xu]\{([0-9A-Fa-f]+)\}")
_PROPERTY = re.compile(r"[pP](?:([A-Z])|\{([A-Z][a-z]?)\})")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_MOST_NESTED = 50

_Test = Callable[[str], bool]


class NotRead(ValueError):
    """The expression uses something that this reader does not know."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set, a bit for each of the sample."""

    members: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """One part or another."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A part so many times; `most` is None when there is no end."""

    inner: Expression
    least: int
    most: int | None


Expression = Characters | Sequence | Branches | Repeated


def read(pattern: str) -> Expression:
    """The tree; NotRead."""
    reader = _Reader(pattern)
    found = reader.branches(0)
    if reader.at != len(pattern):
        raise NotRead
    return found


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern, self.at = pattern, 0

    def branches(self, nested: int) -> Expression:
        if nested > _MOST_NESTED:
            raise NotRead
        parts = [self._sequence(nested)]
        while self._took("|"):
            parts.append(self._sequence(nested))
        return parts[0] if len(parts) == 1 else Branches(tuple(parts))

    def _sequence(self, nested: int) -> Expression:
        parts: list[Expression] = []
        while self.at < len(self._pattern) and self._pattern[self.at] not in "|)":
            parts.append(self._counted(self._one(nested)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _counted(self, inner: Expression) -> Expression:
        while (mark := self._pattern[self.at : self.at + 1]) and mark in "*+?{":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1), "{": (1, 1)}[mark]
            self.at += 1
            if mark == "{":
                least, most = self._count()
            self._took("?")  # as few as it can: the same texts
            inner = Repeated(inner, least, most)
        return inner

    def _count(self) -> tuple[int, int | None]:
        found = _COUNT.match(self._pattern, self.at - 1)
        if found is None:
            raise NotRead
        self.at = found.end()
        least = int(found[1])
        return least, (int(found[3]) if found[3] else None) if found[2] else least

    def _one(self, nested: int) -> Expression:
        mark = self._pattern[self.at]
        if mark == "(":
            return self._group(nested)
        self.at += 1
        following = self._pattern[self.at : self.at + 1]
        if mark in "^$" or (mark == "\\" and following in {"b", "B"}):
            self.at += mark == "\\"
            return Sequence(())
        if mark == "[":
            return Characters(_members(self._class()))
        if mark == ".":
            return Characters(_members(lambda one: one not in "\n\r\u2028"))
        return Characters(_members(self._escape()[0]) if mark == "\\" else _own(mark))

    def _group(self, nested: int) -> Expression:
        group = _GROUP.match(self._pattern, self.at)
        if group is None and self._pattern.startswith("(?", self.at):
            raise NotRead
        self.at = group.end() if group else self.at + 1
        inner = self.branches(nested + 1)
        if not self._took(")"):
            raise NotRead
        return inner

    def _class(self) -> _Test:
        negated = self._took("^")
        tests: list[_Test] = []
        while not self._took("]"):
            test, character = self._of_class()
            if character and _SPAN.match(self._pattern, self.at):
                self.at += 1
                test = _between(character, self._of_class()[1])
            tests.append(test)
        return lambda one: any(test(one) for test in tests) != negated

    def _of_class(self) -> tuple[_Test, str]:
        mark = self._pattern[self.at : self.at + 1]
        if not mark or mark in "[&~":  # sets of sets are not of JSON Schema
            raise NotRead
        self.at += 1
        return self._escape() if mark == "\\" else (_is(mark), mark)

    def _escape(self) -> tuple[_Test, str]:
        """What an escape stands for, and the character when it is one."""
        rest = self._pattern[self.at :]
        if not rest:
            raise NotRead
        if found := _HEX.match(rest):
            self.at += found.end()
            character = chr(int(found[1] or found[2] or found[3], 16))
            return _is(character), character
        if found := _PROPERTY.match(rest):
            self.at += found.end()
            name, negated = found[1] or found[2], rest[0] == "P"
            return (lambda one: unicodedata.category(one).startswith(name) != negated), ""
        self.at += 1
        if rest[0] in "dDwWsS":
            known = re.compile("\\" + rest[0], re.ASCII if rest[0] in "dDwW" else 0)
            return (lambda one: known.match(one) is not None), ""
        if rest[0].isalnum() and rest[0] not in _CONTROLS:
            raise NotRead
        character = _CONTROLS.get(rest[0], rest[0])
        return _is(character), character

    def _took(self, mark: str) -> bool:
        found = self._pattern.startswith(mark, self.at)
        self.at += len(mark) if found else 0
        return found


def _is(character: str) -> _Test:
    return lambda one: one == character


def _between(first: str, last: str) -> _Test:
    if not last:
        raise NotRead
    return lambda one: first <= one <= last


def _members(test: _Test) -> int:
    return sum(1 << bit for bit, one in enumerate(_SAMPLE) if test(one))


def _own(character: str) -> int:
    """One character; beyond the sample it is told apart by its code point."""
    if character in _SAMPLE:
        return 1 << _SAMPLE.index(character)
    return 1 << len(_SAMPLE) + ord(character)
