"""The members of one object: which column each holds, how its values are written, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES
from ktt.messages.drafting.assignment import best_match
from ktt.messages.drafting.clues.clue import Clue
from ktt.messages.drafting.clues.coded import coded_objects
from ktt.messages.drafting.clues.outline import Leaf
from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.entries import entry_of
from ktt.messages.drafting.likeness import likeness
from ktt.messages.drafting.suits import identity_named
from ktt.messages.drafting.targets import MESSAGE, Target

Confidence = Literal["sure", "likely", "unsure"]
CONFIDENCES: tuple[Confidence, ...] = ("sure", "likely", "unsure")
CONFIDENCE_WORDS = {
    "sure": Text(nb="sikker", en="sure"),
    "likely": Text(nb="trolig", en="likely"),
    "unsure": Text(nb="usikker", en="unsure"),
}
_SURE, _LIKELY, _LEAST = 0.78, 0.5, 0.27
_MARGIN = 0.12
"""How much likelier a column has to be than the next for its member to be sure."""


@dataclass(slots=True)
class Placed:
    """A member that has a column, or a value that is not from the records. `entry` is as it is written in the mapping."""

    leaf: Leaf
    owner: str
    column: str | None
    entry: dict[str, Any]
    confidence: Confidence
    problem: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the message."""
        return self.leaf.place


@dataclass(slots=True)
class Matched:
    """The members of one object that are placed, and those that are not."""

    placed: list[Placed] = field(default_factory=list)
    left: list[Leaf] = field(default_factory=list)


def match(
    clues: Sequence[Clue], targets: Sequence[Target], leaves: Sequence[Leaf], certainty: float, message_type: str
) -> Matched:
    """The best total match of an object's members; what is constant is written as it is."""
    scores = [[_score(clue, target) for target in targets] for clue in clues]
    found = Matched()
    chosen = best_match(scores) if targets else [None] * len(clues)
    coded = coded_objects(leaves)
    for row, column in enumerate(chosen):
        clue = clues[row]
        if column is None or (clue.leaf.is_constant and targets[column].owner == MESSAGE):
            constant = _constant(clue.leaf, message_type)
            found.placed += [constant] if constant else []
            found.left += [] if constant else [clue.leaf]
            continue
        target = targets[column]
        confidence = _confidence(scores, targets, row, column, certainty)
        placed = Placed(clue.leaf, target.owner, target.name, entry_of(clue, target), confidence)
        if target.name == "message_type" and target.owner == MESSAGE and clue.leaf.values:
            placed = _constant(clue.leaf, message_type) or placed
        found.placed.append(placed)
        found.placed += _beside(placed, coded.get(clue.leaf.place, (None, None, clue.leaf)))
    _lone_identity(found.placed)
    return found


def _score(clue: Clue, target: Target) -> float:
    found = likeness(clue, target)
    return found - 0.1 if found >= _LEAST else 0.0


def _confidence(
    scores: Sequence[Sequence[float]], targets: Sequence[Target], row: int, column: int, certainty: float
) -> Confidence:
    score = scores[row][column] + 0.1
    others = [other for nth, other in enumerate(scores[row]) if targets[nth].column != targets[column].column]
    rivals = [line[column] for nth, line in enumerate(scores) if nth != row]
    margin = score - 0.1 - max([*others, *rivals, 0.0])
    if certainty < 0.6:  # noqa: PLR2004 - what the object is hardly stands out from what else it might be
        return "unsure"
    if score >= _SURE and margin >= _MARGIN and certainty > 0.75:  # noqa: PLR2004
        return "sure"
    return "likely" if score >= _LIKELY and margin > -0.2 else "unsure"  # noqa: PLR2004


def _constant(leaf: Leaf, message_type: str) -> Placed | None:
    """A member that may hold one value only, or one for each message type."""
    if leaf.is_constant or (leaf.required and len(leaf.values) == 1):
        return Placed(leaf, MESSAGE, None, {"constant": leaf.values[0]}, "sure")
    own = [value for value in leaf.values if _same_name(str(value), message_type)]
    if leaf.required and len(own) == 1 and len(leaf.path) > 0:
        return Placed(leaf, MESSAGE, None, {"constant": own[0]}, "likely")
    return None


def _same_name(value: str, message_type: str) -> bool:
    ours = {word.text for word in words_of(message_type)}
    return bool(ours & {word.text for word in words_of(value)})


def _beside(placed: Placed, coded: tuple[Leaf | None, Leaf | None, Leaf]) -> Iterator[Placed]:
    """The system and the name of a code."""
    system, name, _code = coded
    column = placed.column or ""
    if system is not None and len(system.values) == 1:
        yield Placed(system, placed.owner, None, {"constant": system.values[0], "beside": column}, placed.confidence)
    elif system is not None:
        yield Placed(system, placed.owner, None, {"constant": _list_of(placed), "beside": column}, "unsure")
    if name is not None:
        yield Placed(name, placed.owner, None, {"name_of": column}, placed.confidence)


def _list_of(placed: Placed) -> str:
    if placed.owner in ALL_TYPES and placed.column:
        return ALL_TYPES[placed.owner].column(placed.column).code_list or ""
    return ""


def _lone_identity(placed: list[Placed]) -> None:
    """One member for the person number takes every kind of number."""
    numbers = [one for one in placed if one.column == "person_number"]
    if len(numbers) == 1 and numbers[0].entry.get("identity") == "national":
        kind = numbers[0].leaf
        if not any("duf" in word.meanings or "d_number" in word.meanings for word in words_of(kind.name)):
            del numbers[0].entry["identity"]
    for one in numbers:
        if len(numbers) > 1 and "identity" not in one.entry:
            one.entry["identity"] = identity_named(one.leaf.name) or "national"
