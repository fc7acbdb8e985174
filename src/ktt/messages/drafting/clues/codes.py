"""Which code list the values of a place are of, and which code each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ktt.domain.codes import code_list
from ktt.domain.codes.errors import CodeListUnknown
from ktt.domain.records import ALL_TYPES
from ktt.messages.drafting.clues.outline import Leaf
from ktt.messages.drafting.clues.words import plain, vocabulary

ALL = tuple(sorted({c.code_list for one in ALL_TYPES.values() for c in one.columns if c.code_list} | {"9340"}))
"""The lists of the columns; 9340 is the second one of what a person receives."""
_MOST_RANGE = 60
_LEAST_ABBREVIATION = 3  # letters


@dataclass(frozen=True, slots=True)
class Fit:
    """How well values are those of a list, 0 to 1, and theirs → ours when they are not the same."""

    share: float
    codes: Mapping[str, str] | None = None
    digits: int | None = None


def values_of(leaf: Leaf) -> tuple[str, ...]:
    """The values that a place takes, empty text left out: those listed, or each number of a short range."""
    if leaf.values:
        return tuple(_text(value) for value in leaf.values if value != "")
    for one in leaf.schemas:
        low, high = one.get("minimum"), one.get("maximum")
        if isinstance(low, int) and isinstance(high, int) and 0 <= high - low < _MOST_RANGE:
            return tuple(str(number) for number in range(low, high + 1))
    return ()


def fit(values: Sequence[str], list_id: str, *, listed: bool = True) -> Fit:
    """How values fit a list."""
    try:
        ours = code_list(list_id).values()
    except CodeListUnknown:
        return Fit(0)
    if not values:
        return Fit(0)
    short = [value.lstrip("0") or value for value in values]
    same = [value for value in short if value in ours]
    if len(same) == len(values) or (not listed and len(same) >= len(values) * 0.9):
        width = {len(value) for value in values}
        digits = width.pop() if len(width) == 1 and short != list(values) else None
        share = len(set(same)) / len(set(ours)) if listed or values[-1] == ours[-1] else 0.6 * len(same) / len(ours)
        return Fit(share, digits=digits)
    return _by_words(values, list_id)


def _by_words(values: Sequence[str], list_id: str) -> Fit:
    found: dict[str, str] = {}
    is_letters = all(len(value) == 1 for value in values)
    for value in values:
        code = code_named(value, list_id) or (_begun(value, list_id) if is_letters else None)
        if code is None:
            return Fit(0)
        found[value] = code
    if len(set(found.values())) < len(found):
        return Fit(0)
    return Fit(0.9 * len(found) / len(code_list(list_id).values()) if len(found) > 1 else 0, found)


def code_named(text: str, list_id: str) -> str | None:
    """The code that a word or a text stands for: by the vocabulary, else by the code's own text."""
    asked = _squeezed(text)
    for code, words in _value_words(list_id).items():
        if asked in words:
            return code
    if len(asked) >= _LEAST_ABBREVIATION:
        short = [code for code, words in _value_words(list_id).items() if any(w.startswith(asked) for w in words)]
        if len(short) == 1:
            return short[0]
    best = max(_likenesses(text, list_id), default=(0.0, ""))
    return best[1] if best[0] >= 0.6 else None  # noqa: PLR2004


def _begun(letter: str, list_id: str) -> str | None:
    """The only code whose text begins with a letter."""
    asked = _squeezed(letter)
    found = [code.code for code in code_list(list_id).codes if _squeezed(code.text)[:1] == asked]
    return found[0] if asked and len(found) == 1 else None


def _likenesses(text: str, list_id: str) -> Iterator[tuple[float, str]]:
    asked = set(_parts(text))
    for code in code_list(list_id).codes:
        known = set(_parts(code.text))
        if asked and known:
            yield len(asked & known) / len(asked | known), code.code


@cache
def _value_words(list_id: str) -> Mapping[str, frozenset[str]]:
    same = {"9340": "9338"}.get(list_id, list_id)
    table = vocabulary()["values"].get(same, {})
    texts = {code.code: {_squeezed(code.text)} for code in code_list(list_id).codes}
    return {code: frozenset({_squeezed(w) for w in table.get(code, "").split()} | own) for code, own in texts.items()}


def _squeezed(text: str) -> str:
    return "".join(_parts(text))


def _parts(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", text)
    return re.findall("[a-z0-9]+", plain(spaced))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
