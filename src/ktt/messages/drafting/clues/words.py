"""Names of members as the meanings of their words: `tjenestestart`, `service_start` and `startDato` are start and service."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_TRANSLITERATED = str.maketrans({"æ": "a", "ø": "o", "å": "a", "ö": "o", "ä": "a", "é": "e", "ü": "u"})
_PAIRS = (("ae", "a"), ("oe", "o"), ("aa", "a"))
_PARTS = re.compile(r"[A-ZÆØÅ]+(?![a-zæøå])|[A-ZÆØÅ]?[a-zæøå]+|[0-9]+")
_ENDINGS = ("", "s", "e", "n", "r", "t", "en", "et", "er", "ar", "ene", "ane", "es", "a")
_UNKNOWN_SIGN = 0.8
_MOST_MEANINGS = 3  # of a short form
_LEAST_WORD = 3  # letters of a word inside a compound, so that a preposition is not found in the middle of a noun


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name and all that it may mean; nothing when it is not in the vocabulary.

    `is_short` says that only its beginning is there, so that what it means is a guess.
    """

    text: str
    meanings: frozenset[str]
    is_short: bool = False


@cache
def vocabulary() -> Mapping[str, Any]:
    """The tables of vocabulary.toml."""
    return tomllib.loads((files(__package__) / "vocabulary.toml").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """Lower case, without letters that are written in several ways."""
    lower = text.lower().translate(_TRANSLITERATED)
    for double, single in _PAIRS:
        lower = lower.replace(double, single)
    return lower


@cache
def _known() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for meaning, words in vocabulary()["words"].items():
        for word in words.split():
            found.setdefault(plain(re.sub("[_-]", "", word)), set()).add(meaning)
    return {word: frozenset(meanings) for word, meanings in found.items()}


@cache
def words_of(name: str) -> tuple[Word, ...]:
    """The words of a name. Those written together are taken apart where the vocabulary knows them."""
    parts = [plain(part) for part in _PARTS.findall(name)]
    found: list[Word] = []
    while parts:
        for many in range(len(parts), 0, -1):
            joined = "".join(parts[:many])
            if many == 1 or joined in _known():
                found += _taken_apart(joined)
                parts = parts[many:]
                break
    return tuple(word for word in found if word.text)


@cache
def _taken_apart(text: str) -> tuple[Word, ...]:
    if meanings := _whole(text):
        return (Word(text, meanings),)
    costs: list[tuple[float, tuple[Word, ...]]] = [(0.0, ())]
    for end in range(1, len(text) + 1):
        costs.append(min(_ways(text, end, costs), key=lambda way: way[0]))
    words = tuple(map(_lengthened, costs[-1][1]))
    return words if any(word.meanings for word in words) else (_lengthened(Word(text, frozenset())),)


def _lengthened(word: Word) -> Word:
    """A word that begins like words of one or two meanings is taken for a short form of them."""
    if word.meanings or len(word.text) < _LEAST_WORD:
        return word
    longer = {meaning for known, all_ in _known().items() if known.startswith(word.text) for meaning in all_}
    return Word(word.text, frozenset(longer), is_short=True) if 0 < len(longer) <= _MOST_MEANINGS else word


def _ways(
    text: str, end: int, costs: Sequence[tuple[float, tuple[Word, ...]]]
) -> Iterator[tuple[float, tuple[Word, ...]]]:
    cost, words = costs[end - 1]
    last = words[-1] if words and not words[-1].meanings else None
    rest = words[:-1] if last else words
    yield cost + _UNKNOWN_SIGN, (*rest, Word((last.text if last else "") + text[end - 1], frozenset()))
    for begin in range(max(0, end - 24), end - 1):
        piece = text[begin:end]
        meanings = _whole(piece)
        if meanings and (len(piece) >= _LEAST_WORD or end == len(text) or begin == 0):
            yield costs[begin][0] + 1, (*costs[begin][1], Word(piece, meanings))


def _whole(text: str) -> frozenset[str]:
    known = _known()
    for ending in _ENDINGS:
        stem = text.removesuffix(ending)
        if text.endswith(ending) and (not ending or len(stem) > _LEAST_WORD) and stem in known:
            return known[stem]
    return frozenset()
