"""A regular expression as a tree, to tell how large it is and whether a backtracking engine can explode on it.

It explodes when inside a repetition the same text can be read in two ways: each time round doubles the ways to try. Our
engine does not mind, but other programs check messages by the same schema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ktt.messages.packs.schemas.expression_reader import Branches, Characters, Expression, NotRead, Repeated, read

__all__ = ["NotRead", "explodes", "positions", "tree"]

_WRITTEN_OUT = 4  # times; a longer span is as ambiguous as an endless one
_MOST_STEPS = 300_000  # of the search; a pattern that needs more is taken, since only other engines could mind it

tree = read
_State = TypeVar("_State", bound=Hashable)


def positions(expression: Expression, *, repeated: bool = False) -> int:
    """The characters it looks for when counted repetitions are written out; one character repeated counts once.

    That is so outside other repetitions only, where what has been read says how many are left.
    """
    if isinstance(expression, Characters):
        return 1
    if isinstance(expression, Repeated):
        if isinstance(expression.inner, Characters) and not repeated:
            return 1
        return positions(expression.inner, repeated=True) * max(1, expression.least, expression.most or 0)
    return sum(positions(part, repeated=repeated) for part in expression.parts)


def explodes(expression: Expression) -> bool:
    """Whether some endless repetition can read one text in two ways."""
    automaton = _Automaton()
    automaton.add(expression)
    return automaton.is_ambiguous()


@dataclass(slots=True)
class _Ends:
    """Where a part of the expression can begin and end, and whether it can be nothing."""

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    nothing: bool = True


class _Automaton:
    """A state for each character looked for, and how many ways there are from one to the next."""

    def __init__(self) -> None:
        self._sets: list[int] = []
        self._ways: Counter[tuple[int, int]] = Counter()

    def add(self, expression: Expression) -> _Ends:
        if isinstance(expression, Characters):
            self._sets.append(expression.members)
            return _Ends([len(self._sets) - 1], [len(self._sets) - 1], nothing=False)
        if isinstance(expression, Repeated):
            return self._repeated(expression)
        if isinstance(expression, Branches):
            ends = [self.add(part) for part in expression.parts]
            return _Ends(
                [state for end in ends for state in end.first],
                [state for end in ends for state in end.last],
                nothing=any(end.nothing for end in ends),
            )
        return self._sequence(expression.parts)

    def _sequence(self, parts: tuple[Expression, ...]) -> _Ends:
        whole = _Ends()
        for part in parts:
            end = self.add(part)
            self._join(whole.last, end.first)
            whole = _Ends(
                whole.first + end.first if whole.nothing else whole.first,
                whole.last + end.last if end.nothing else end.last,
                nothing=whole.nothing and end.nothing,
            )
        return whole

    def _repeated(self, expression: Repeated) -> _Ends:
        least, most = expression.least, expression.most
        if most is not None and most <= _WRITTEN_OUT:
            return self._written_out(expression.inner, least, most)
        end = self.add(expression.inner)
        if least != most:
            self._join(end.last, end.first)
        return _Ends(end.first, end.last, nothing=end.nothing or least == 0)

    def _written_out(self, inner: Expression, least: int, most: int) -> _Ends:
        """A part so many times, each optional one inside the one before it: there is one way to read three of four."""
        if most == 0:
            return _Ends()
        end = self._sequence((inner, Repeated(inner, max(0, least - 1), most - 1)) if most > 1 else (inner,))
        return _Ends(end.first, end.last, nothing=end.nothing or least == 0)

    def _join(self, before: list[int], after: list[int]) -> None:
        if len(before) * len(after) > _MOST_STEPS:
            raise NotRead
        self._ways.update((one, two) for one in before for two in after)

    def is_ambiguous(self) -> bool:
        """Whether a state can be left and come back to by one text in two ways."""
        follow: dict[int, list[int]] = {state: [] for state in range(len(self._sets))}
        for one, two in self._ways:
            follow[one].append(two)
        if len(self._sets) * len(self._ways) > _MOST_STEPS:
            return False
        reach = {state: _reached(follow, state) for state in follow}
        if any(number > 1 and one in reach[two] for (one, two), number in self._ways.items()):
            return True
        return any(self._returns_in_two_ways(follow, reach, state) for state in follow if state in reach[state])

    def _returns_in_two_ways(self, follow: dict[int, list[int]], reach: dict[int, set[int]], state: int) -> bool:
        """Walks two ways at once from the state, by the same characters, as far as both can come back."""
        around = {one: [two for two in follow[one] if two in reach[state] and state in reach[two]] for one in follow}
        start, steps = (state, state), 0
        before: dict[tuple[int, int], list[tuple[int, int]]] = {start: []}
        waiting = [start]
        while waiting:
            pair = waiting.pop()
            for one in around[pair[0]]:
                for two in around[pair[1]]:
                    steps += 1
                    if steps > _MOST_STEPS:
                        return False
                    if self._sets[one] & self._sets[two]:
                        if (one, two) not in before:
                            before[one, two] = []
                            waiting.append((one, two))
                        before[one, two].append(pair)
        return any(one != two for one, two in _reached(before, start))


def _reached(ways: Mapping[_State, list[_State]], start: _State) -> set[_State]:
    """What can be come to from the start in one step or more."""
    found: set[_State] = set()
    waiting = [start]
    while waiting:
        for state in ways[waiting.pop()]:
            if state not in found:
                found.add(state)
                waiting.append(state)
    return found
