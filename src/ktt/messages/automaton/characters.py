"""Sets of characters, as ranges of code points in rising order that do not touch each other."""

from __future__ import annotations

from collections.abc import Iterable

Characters = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF


def of(ranges: Iterable[tuple[int, int]]) -> Characters:
    """The characters of all these ranges, in any order and overlapping as they may."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def one(character: str) -> Characters:
    """A single character."""
    return ((ord(character), ord(character)),)


def others(characters: Characters) -> Characters:
    """All that are not among these."""
    starts = [0, *(last + 1 for _, last in characters)]
    ends = [*(first - 1 for first, _ in characters), _LAST]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start <= end)


def common(some: Characters, more: Characters) -> Characters:
    """Those that are in both."""
    return others(of([*others(some), *others(more)]))


def hold(characters: Characters, text: str) -> bool:
    """Whether a text is written with these only."""
    return all(any(first <= ord(sign) <= last for first, last in characters) for sign in text)


def written(characters: Characters) -> str:
    """One of them, as a regular expression."""
    if len(characters) == 1 and characters[0][0] == characters[0][1]:
        return _code(characters[0][0])
    return (
        f"[{''.join(_code(first) if first == last else f'{_code(first)}-{_code(last)}' for first, last in characters)}]"
    )


def _code(point: int) -> str:
    character = chr(point)
    return character if character.isascii() and character.isalnum() else rf"\x{{{point:X}}}"


DIGITS: Characters = ((ord("0"), ord("9")),)
CONTROL: Characters = ((0x00, 0x1F), (0x7F, 0x9F))
PLAIN = others(of([*CONTROL, *one('"'), *one("\\"), *one("]"), (0xD800, 0xDFFF)]))
"""What a text of a message in the usual form is written with: nothing that JSON escapes, and no "]" (see `grammar`)."""
