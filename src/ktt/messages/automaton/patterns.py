r"""The `pattern` of a JSON Schema as an expression of RE2, of the texts that a message in the usual form may hold.

Only what every engine reads alike is understood: characters and classes of them, groups, alternatives, counts, and the
anchors at both ends. Anything else is not regular here. The language holds no text that the pattern refuses, and may
lack some that it allows: `\d` and `\w` are the ASCII ones, and characters that no text may hold are left out.

At each character of a text it must be certain from that character where in the pattern it stands: `[0-9]*[0-9]` is not
understood. A pattern for which an automaton must follow many ways at once would be slow for a message made to be so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce

from ktt.messages.automaton import characters
from ktt.messages.automaton.characters import DIGITS, Characters
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.expressions import repeated

_LONGEST, _DEEPEST = 1000, 20  # of a pattern: its characters, and groups inside each other
_WORD = characters.of([*DIGITS, (ord("A"), ord("Z")), (ord("a"), ord("z")), *characters.one("_")])
_LINE_ENDS = characters.of([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
_SIGNS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_COUNT = re.compile(r"\{([0-9]{1,4})(,?)([0-9]{0,4})\}")
_TWICE = ("&&", "--", "~~")  # in a class: operators of some engines


@dataclass(frozen=True, slots=True)
class Run:
    """So many characters of a set; `most` is None when there is no end."""

    characters: Characters
    least: int = 1
    most: int | None = 1

    @property
    def language(self) -> str:
        """The expression, without quotes."""
        return repeated(characters.written(self.characters), self.least, self.most)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a pattern: their language without quotes, how long they are, and their runs if it is no more than these.

    `first` are the characters that may begin them, `further` those that may follow a text and make it another.
    """

    language: str
    shortest: int
    longest: int | None
    runs: tuple[Run, ...] | None
    first: Characters
    further: Characters


def texts_of(pattern: str, allowed: Characters) -> Texts:
    """The texts that fit the pattern and are written with allowed characters only."""
    return _Reader(_Source(pattern), allowed).whole()


def class_of(pattern: str) -> Characters:
    """The characters that fit the pattern, which must be one class of characters, `[…]`: exactly these."""
    source = _Source(pattern)
    if not source.take("["):
        raise NotRegular(pattern)
    found = _class(source, exact=True)
    if source.left:
        raise NotRegular(pattern)
    return found


def admits(runs: Sequence[Run] | None, wanted: Sequence[Characters]) -> bool:
    """Whether every text with one character of each of these sets, in this order, certainly fits the runs."""
    if runs is None:
        return False

    @cache
    def fits(place: int, run: int) -> bool:
        if run == len(runs):
            return place == len(wanted)
        most = len(wanted) if (limit := runs[run].most) is None else min(len(wanted), place + limit)
        for end in range(place, most + 1):
            if end > place and characters.common(wanted[end - 1], runs[run].characters) != wanted[end - 1]:
                return False
            if end - place >= runs[run].least and fits(end, run + 1):
                return True
        return False

    return fits(0, 0)


class _Source:
    """A pattern and the place in it."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > _LONGEST:
            raise NotRegular(pattern)
        self.pattern, self.place, self.depth = pattern, 0, 0

    @property
    def left(self) -> str:
        return self.pattern[self.place :]

    def take(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.place):
            return False
        self.place += len(text)
        return True

    def next(self) -> str:
        """The next character."""
        if self.place == len(self.pattern):
            raise NotRegular(self.pattern)
        self.place += 1
        return self.pattern[self.place - 1]

    def hexadecimal(self, digits: int) -> str:
        found = re.compile(f"[0-9A-Fa-f]{{{digits}}}").match(self.pattern, self.place)
        if found is None:
            raise NotRegular(self.pattern)
        self.place += digits
        character = chr(int(found[0], 16))
        if "\ud800" <= character <= "\udfff":  # half of a character
            raise NotRegular(self.pattern)
        return character


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a pattern from left to right."""

    source: _Source
    allowed: Characters

    def whole(self) -> Texts:
        anything = single_run(Run(self.allowed, 0, None))
        begins = self.source.take("^")
        found = list(self.alternatives())
        ends = self.source.take("$")
        if self.source.left or (len(found) > 1 and (begins or ends)):  # `^a|b$` anchors each of them at one end only
            raise NotRegular(self.source.pattern)
        return _joined([*([] if begins else [anything]), _any(found), *([] if ends else [anything])])

    def alternatives(self) -> Iterator[Texts]:
        yield self.sequence()
        while self.source.take("|"):
            yield self.sequence()

    def sequence(self) -> Texts:
        parts = []
        while self.source.left and self.source.left[0] not in "|)$":
            parts.append(self.counted(self.atom()))
        return _joined(parts)

    def atom(self) -> Texts:
        character = self.source.next()
        if character == "(":
            return self.group()
        if character == "[":
            return self.one(_class(self.source))
        if character == ".":
            return self.one(characters.others(_LINE_ENDS))
        if character == "\\":
            return self.one(_escaped(self.source))
        if character in "^*+?{}]":
            raise NotRegular(self.source.pattern)
        return self.one(characters.one(character))

    def group(self) -> Texts:
        self.source.depth += 1
        if self.source.depth > _DEEPEST or (self.source.left.startswith("?") and not self.source.take("?:")):
            raise NotRegular(self.source.pattern)
        found = _any(list(self.alternatives()))
        if not self.source.take(")"):
            raise NotRegular(self.source.pattern)
        self.source.depth -= 1
        return found

    def one(self, wanted: Characters) -> Texts:
        within = characters.common(wanted, self.allowed)
        if not within:
            raise NotRegular(self.source.pattern)
        return single_run(Run(within))

    def counted(self, atom: Texts) -> Texts:
        least, most = _count(self.source)
        if self.source.left[:1] in ("*", "+", "?", "{"):
            raise NotRegular(self.source.pattern)
        if (least, most) == (1, 1):
            return atom
        if atom.runs is not None and len(atom.runs) == 1 and (atom.shortest, atom.longest) == (1, 1):
            return single_run(Run(atom.runs[0].characters, least, most))
        if atom.shortest == 0:
            raise NotRegular(self.source.pattern)
        if most != 1:
            _apart(atom.further, atom.first)
        return Texts(
            language=repeated(f"(?:{atom.language})", least, most),
            shortest=atom.shortest * least,
            longest=None if most is None or atom.longest is None else atom.longest * most,
            runs=None,
            first=atom.first,
            further=atom.further if least == most else characters.of([*atom.further, *atom.first]),
        )


def _count(source: _Source) -> tuple[int, int | None]:
    for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
        if source.take(sign):
            return count
    if (found := _COUNT.match(source.pattern, source.place)) is None:
        return 1, 1
    source.place = found.end()
    least = int(found[1])
    most = least if not found[2] else int(found[3]) if found[3] else None
    if (found[3] and not found[2]) or (most is not None and most < max(least, 1)):
        raise NotRegular(source.pattern)
    return least, most


def _class(source: _Source, *, exact: bool = False) -> Characters:
    """What stands between brackets. `exact` and a class that leaves out must not be read as less than they are."""
    without = source.take("^")
    found: list[tuple[int, int]] = []
    while not source.take("]"):
        if source.left.startswith(_TWICE):
            raise NotRegular(source.pattern)
        first = _in_class(source)
        if first in (DIGITS, _WORD) and (exact or without):  # other engines have the digits of all scripts there
            raise NotRegular(source.pattern)
        if source.left.startswith("-") and not source.left.startswith("-]"):
            source.next()
            last = _in_class(source)
            if first[0][0] != first[0][1] or last[0][0] != last[0][1] or last < first:
                raise NotRegular(source.pattern)
            first = ((first[0][0], last[0][1]),)
        found += first
    if not found:
        raise NotRegular(source.pattern)
    return characters.others(characters.of(found)) if without else characters.of(found)


def _in_class(source: _Source) -> Characters:
    character = source.next()
    if character == "[":
        raise NotRegular(source.pattern)
    return _escaped(source) if character == "\\" else characters.one(character)


def _escaped(source: _Source) -> Characters:
    character = source.next()
    if character in "dw":
        return DIGITS if character == "d" else _WORD
    if character in "ux":
        return characters.one(source.hexadecimal(4 if character == "u" else 2))
    if character.isalnum() or not character.isascii():
        if character not in _SIGNS:
            raise NotRegular(source.pattern)
        return characters.one(_SIGNS[character])
    return characters.one(character)


def _apart(some: Characters, more: Characters) -> None:
    """Characters that lead to different places in a pattern must not be the same."""
    if characters.common(some, more):
        raise NotRegular("a pattern with several ways for one text")


def single_run(run: Run) -> Texts:
    """The texts of one run."""
    further = () if run.least == run.most else run.characters
    return Texts(run.language, run.least, run.most, (run,), run.characters, further)


def _joined(parts: Sequence[Texts]) -> Texts:
    return reduce(_followed, parts, Texts("", 0, 0, (), (), ()))


def _followed(start: Texts, end: Texts) -> Texts:
    _apart(start.further, end.first)
    further = [*end.further, *(start.further if end.shortest == 0 else ())]
    return Texts(
        language=start.language + end.language,
        shortest=start.shortest + end.shortest,
        longest=None if start.longest is None or end.longest is None else start.longest + end.longest,
        runs=None if start.runs is None or end.runs is None else (*start.runs, *end.runs),
        first=characters.of([*start.first, *(end.first if start.shortest == 0 else ())]),
        further=characters.of(further),
    )


def _any(ways: Sequence[Texts]) -> Texts:
    return reduce(_or, ways)


def _or(one: Texts, other: Texts) -> Texts:
    _apart(one.first, other.first)
    first = characters.of([*one.first, *other.first])
    empty = one.shortest == 0 or other.shortest == 0
    return Texts(
        language=f"(?:{one.language}|{other.language})",
        shortest=min(one.shortest, other.shortest),
        longest=None if one.longest is None or other.longest is None else max(one.longest, other.longest),
        runs=None,
        first=first,
        further=characters.of([*one.further, *other.further, *(first if empty else ())]),
    )
