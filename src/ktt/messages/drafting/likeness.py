"""How much a value of the schema is like a column: by its name and what is around it, its kind, its codes and its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ktt.messages.drafting.clues.clue import Clue
from ktt.messages.drafting.clues.outline import Path
from ktt.messages.drafting.clues.words import Word, vocabulary, words_of
from ktt.messages.drafting.suits import by_values, suits
from ktt.messages.drafting.targets import Phrase, Target

_GENERAL = frozenset(vocabulary()["meanings"]["general"])
_IMPLIED = {"day": {"date", "time"}, "instant": {"date", "time"}, "month": {"date", "month"}}
_OWN = 0.75
"""A word that counts for more is of the value's own name."""
_NAME = 3.0
"""How much more a word counts that says that the value is a name: no column is one."""


def likeness(clue: Clue, target: Target) -> float:
    """From 0 to about 1.2."""
    suited = suits(clue, target)
    if suited <= 0:
        return 0.0
    named = phrase_likeness(clue.words, target.phrases, target.neutral, _IMPLIED.get(clue.kind.name, set()))
    of_values = by_values(clue, target)
    if named < 0.35:  # noqa: PLR2004
        named = max(named, 0.45 if _is_said(clue, target) else 0.0)
    score = named * suited + of_values
    return score + 0.03 if score > 0 and clue.leaf.required == target.column.required else score


def phrase_likeness(
    words: Sequence[tuple[Word, float]], phrases: Iterable[Phrase], neutral: frozenset[str], implied: set[str]
) -> float:
    """How much words say what the likest of the phrases does. What is `neutral` or `implied` may be said or not."""
    return max((_one_phrase(words, phrase, neutral, implied) for phrase in phrases), default=0.0)


def _one_phrase(
    words: Sequence[tuple[Word, float]], phrase: Phrase, neutral: frozenset[str], implied: set[str]
) -> float:
    met: dict[str, float] = {}
    extra = 0.0
    for word, weight in words:
        hits = word.meanings & phrase
        if hits:
            for meaning in hits:
                met[meaning] = max(met.get(meaning, 0.0), weight)
        elif not word.meanings & neutral and not word.meanings & implied:
            extra += (
                (_NAME if "name" in word.meanings else 1.0)
                * weight
                * (_weight(min(word.meanings)) if word.meanings else 0.5)
            )
    is_implied = all(meaning in implied and meaning not in neutral for meaning in met)
    is_around = all(meaning in neutral and weight < _OWN for meaning, weight in met.items())
    if is_around or (is_implied and len(phrase) > len(met)):
        return 0.0
    hit = sum(_weight(meaning) * (0.4 + 0.6 * weight) for meaning, weight in met.items())
    missed = sum(_weight(meaning) for meaning in phrase - met.keys() if meaning not in implied | neutral)
    lacking = sum(0.08 for meaning in phrase - met.keys() if meaning in neutral)
    return hit / (hit + 0.7 * missed + 0.6 * extra + lacking)


def _weight(meaning: str) -> float:
    return 0.4 if meaning in _GENERAL else 1.0


def _is_said(clue: Clue, target: Target) -> bool:
    return any(phrase <= clue.said and not phrase <= _GENERAL and len(phrase) > 1 for phrase in target.phrases)


def group_words(names: Path) -> list[tuple[Word, float]]:
    """The words by which a group is named, the last name first in weight."""
    weighted = zip((1.0, 0.35, 0.2), reversed(names), strict=False)
    return [(word, weight) for weight, name in weighted for word in words_of(name)]
