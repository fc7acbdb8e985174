"""The faults that wait for requests: for the next ones, for every k-th, or until they are removed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ktt.core.text import Text
from ktt.testing.sandbox.faults.conditions import Conditions, RequestFacts
from ktt.testing.sandbox.faults.faults import Fault, Place

_ANY, _NO_FACTS = Conditions(), RequestFacts()


@dataclass(slots=True)
class ArmedFault:
    """A fault with the requests that it is for.

    Of the requests that meet the conditions it is applied to every `every`-th; `left` more times, or until it is removed
    when that is None. `number` names it while it waits.
    """

    number: int
    fault: Fault
    conditions: Conditions = _ANY
    left: int | None = 1
    every: int = 1
    seen: int = 0  # requests that met the conditions
    applied: int = 0

    def meets(self, facts: RequestFacts) -> bool:
        """Whether it is to be applied to this request; it is counted."""
        if not self.conditions.fit(facts):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.applied += 1
        self.left = None if self.left is None else self.left - 1
        return True

    def says(self) -> Text:
        """What it is and which requests it is for, in words."""
        whole = Text(nb="{name}: {times}{which}{end}", en="{name}: {times}{which}{end}")
        times = self._times(_NOUNS[self.fault.place])
        return whole.format(name=self.fault.name, times=times, which=self.conditions.says(), end=self._end())

    def _times(self, noun: _Noun) -> Text:
        if self.every > 1:
            return Text(nb=f"hver {self.every}. {noun.one.nb}", en=f"every {_ordinal(self.every)} {noun.one.en}")
        if self.left is None:
            return Text(nb=f"hver {noun.one.nb}", en=f"every {noun.one.en}")
        if self.left == 1:
            return Text(nb=f"neste {noun.one.nb}", en=f"the next {noun.one.en}")
        return Text(nb=f"de neste {self.left} {noun.many.nb}", en=f"the next {self.left} {noun.many.en}")

    def _end(self) -> Text:
        if self.left is None:
            return Text(nb=", til den fjernes", en=", until it is removed")
        if self.every == 1:
            return Text(nb="", en="")
        return Text(nb=", {n:gang|ganger} til", en=", {n:time|times} more").format(n=self.left)

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "number": self.number,
            "fault": self.fault.name,
            "place": self.fault.place,
            "says": self.says().both(),
            "left": self.left,
            "every": self.every,
            "seconds": self.fault.seconds,
            "message_type": self.conditions.message_type,
            "unit": self.conditions.unit,
            "headers": [{"name": one.name, "pattern": one.pattern} for one in self.conditions.headers],
            "applied": self.applied,
        }


@dataclass(frozen=True, slots=True)
class _Noun:
    one: Text
    many: Text


_NOUNS = {
    "message": _Noun(Text(nb="melding", en="message"), Text(nb="meldingene", en="messages")),
    "keys": _Noun(Text(nb="nøkkelliste", en="list of keys"), Text(nb="nøkkellistene", en="lists of keys")),
    "token": _Noun(Text(nb="tokenforespørsel", en="token request"), Text(nb="tokenforespørslene", en="token requests")),
}


def _ordinal(number: int) -> str:
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


class FaultQueue:
    """The faults that wait, in the order in which they were asked for. May be used from any thread."""

    def __init__(self) -> None:
        self._waiting: list[ArmedFault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether no fault waits: then nobody needs to look at a request."""
        return not self._waiting

    def add(self, fault: Fault, count: int | None = 1, *, every: int = 1, conditions: Conditions = _ANY) -> int:
        """Apply the fault to `count` requests at its place that meet the conditions, or to all (None); its number."""
        with self._lock:
            armed = ArmedFault(next(self._numbers), fault, conditions, count, every)
            self._waiting.append(armed)
            return armed.number

    def take(self, place: Place, wanted: Iterable[str] | None = None, facts: RequestFacts = _NO_FACTS) -> Fault | None:
        """The first fault, of the `wanted` kinds only, that is to be applied to this request; None without one."""
        with self._lock:
            for armed in self._waiting:
                if armed.fault.place != place or (wanted is not None and armed.fault.kind not in wanted):
                    continue
                if armed.meets(facts):
                    if armed.left == 0:
                        self._waiting.remove(armed)
                    return armed.fault
        return None

    def armed(self) -> list[dict[str, Any]]:
        """What waits, as plain data and in words."""
        with self._lock:
            return [armed.as_data() for armed in self._waiting]

    def waiting(self) -> list[str]:
        """The names of the faults in the queue, each as often as it is left; one that stays until it is removed once."""
        with self._lock:
            return [armed.fault.name for armed in self._waiting for _ in range(1 if armed.left is None else armed.left)]

    def remove(self, number: int) -> bool:
        """Remove one fault; False when none has that number."""
        with self._lock:
            before = len(self._waiting)
            self._waiting = [armed for armed in self._waiting if armed.number != number]
            return len(self._waiting) < before

    def clear(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._waiting.clear()
