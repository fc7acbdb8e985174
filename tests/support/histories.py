"""Made-up histories of some reporting units, from a seed: every kind of thing that happens to records, persons and units.

Each history has units of its own, so that many of them go through one registry at once and must not disturb each other.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, field

from ktt.domain.unit import ReportingUnit
from support.registry_inbox import NUMBERS
from support.told_records import KEYS, Facts

DAYS = [dt.date(2026, month, 1) for month in range(1, 7)]
PEOPLE: dict[str, list[str | None]] = {"1": [NUMBERS["1"], NUMBERS["3"], None], "2": [NUMBERS["2"], None]}
KINDS = {
    "new": 4,
    "change": 3,
    "corrected back in time": 3,
    "the same again": 2,
    "deletion": 4,
    "deletion of what is not there": 0.5,
    "sent again after deletion": 6,
    "moved to another person": 1,
    "another number": 2,
}
"""What may happen to a record, with how often it is tried."""
OTHER_KINDS = ("several units", "not readable at first", "clock put back", "district", "unit closed", "merger")


@dataclass(frozen=True)
class Said:
    """One message: what it says of each unit, when it is received, the numbers in it, whether it can be read at first."""

    record_type: str
    about: dict[ReportingUnit, tuple[dict[str, Facts], tuple[str, ...]]]
    at: int
    numbers: dict[str, str | None]
    readable: bool


@dataclass
class History:
    """What some units sent, in order; `kinds` counts what happened."""

    seed: int
    units: list[ReportingUnit] = field(init=False)
    said: list[Said] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        organisation = f"3{self.seed % 10**7:08}"
        places = [("1114", None), ("1119", None), ("0301", "03"), ("1120", None)]
        self.units = [ReportingUnit(organisation, *place) for place in places]
        self._living: dict[tuple[ReportingUnit, str], dict[str, Facts]] = {}
        self._gone: dict[tuple[ReportingUnit, str], dict[str, Facts]] = {}
        self._numbers = {name: self._draw.choice(numbers) for name, numbers in PEOPLE.items()}
        self._at = 0
        self._types = self._draw.sample(sorted(KEYS), self._draw.choice([1, 1, 2]))
        self._live()

    def _live(self) -> None:
        sending = self.units[:3]
        for _ in range(self._draw.randint(6, 12)):
            self._message(self._draw.choice([[unit] for unit in sending] * 2 + [sending[:2], sending[1:], sending]))
        if self._draw.random() < 0.4:
            self._merge(sending[: self._draw.choice([1, 2])])
            for _ in range(self._draw.randint(0, 3)):
                self._message([self.units[3]])

    def _message(self, units: list[ReportingUnit]) -> None:
        record_type = self._draw.choice(self._types)
        said = {}
        for unit in units:
            upserts, gone = {}, set()
            for _ in range(self._draw.randint(1, 4)):
                self._happen(unit, record_type, upserts, gone)
            if upserts or gone:
                said[unit] = (upserts, tuple(sorted(gone - set(upserts))))
        if said:
            self._say(record_type, said)

    def _happen(self, unit: ReportingUnit, record_type: str, upserts: dict[str, Facts], gone: set[str]) -> None:
        living = self._living.setdefault((unit, record_type), {})
        dead = self._gone.setdefault((unit, record_type), {})
        kind = self._draw.choices(list(KINDS), list(KINDS.values()))[0]
        if not living:
            kind = "sent again after deletion" if dead and self._draw.random() < 0.5 else "new"
        if kind == "sent again after deletion" and not dead:
            kind = "new"
        name = self._draw.choice(sorted(living)) if living else ""
        if kind == "new":
            name = self._draw.choice(["R-1", "R-2", "R-3", "R-4"])
            if name in living or name in dead:
                return
            living[name] = upserts[name] = self._facts()
        elif kind == "sent again after deletion":
            name = self._draw.choice(sorted(dead))
            living[name] = upserts[name] = self._draw.choice([dead.pop(name), self._facts()])
        elif kind == "deletion of what is not there":
            gone.add("R-9")
        elif name in upserts:
            return
        elif kind == "deletion":
            dead[name] = living.pop(name)
            gone.add(name)
        else:
            living[name] = upserts[name] = self._altered(kind, living[name])
        self.kinds[kind] += 1

    def _altered(self, kind: str, facts: Facts) -> Facts:
        person, begins, ends, care = facts
        if kind == "change":
            return person, begins, self._draw.choice(DAYS[3:]), self._draw.choice(["15", "18", "6"])
        if kind == "corrected back in time":
            return person, DAYS[0] if begins != DAYS[0] else DAYS[0] - dt.timedelta(days=31), ends, care
        if kind == "moved to another person":
            return ("2" if person == "1" else "1"), begins, ends, care
        if kind == "another number":
            others = [number for number in PEOPLE[person] if number != self._numbers[person]]
            self._numbers = {**self._numbers, person: self._draw.choice(others)}
        return facts

    def _facts(self) -> Facts:
        ends = self._draw.choice([None, *DAYS[2:]])
        return self._draw.choice(sorted(PEOPLE)), self._draw.choice(DAYS[:4]), ends, self._draw.choice(["15", "18"])

    def _merge(self, closing: list[ReportingUnit]) -> None:
        """The units withdraw all they have sent, and their successor sends it as its own."""
        moved: dict[str, dict[str, Facts]] = {}
        for place, unit in enumerate(closing):
            for record_type in sorted(KEYS):
                living = self._living.get((unit, record_type), {})
                if living:
                    moved.setdefault(record_type, {}).update({f"{place}{name}": one for name, one in living.items()})
                    self._say(record_type, {unit: ({}, tuple(sorted(living)))})
                    living.clear()
        for record_type, records in moved.items():
            self._living[self.units[3], record_type] = dict(records)
            self._say(record_type, {self.units[3]: (records, ())})
        self.kinds["merger" if len(closing) > 1 else "unit closed"] += bool(moved)

    def _say(self, record_type: str, about: dict[ReportingUnit, tuple[dict[str, Facts], tuple[str, ...]]]) -> None:
        step = self._draw.choice([0, 1, 1, 1, 2, -2])
        self._at = max(0, self._at + step)
        readable = self._draw.random() < 0.9
        self.said.append(Said(record_type, about, self._at, self._numbers, readable))
        self.kinds["clock put back"] += step < 0
        self.kinds["not readable at first"] += not readable
        self.kinds["several units"] += len(about) > 1
        self.kinds["district"] += any(unit.district for unit in about)


def interleaved(histories: list[History], draw: random.Random) -> list[tuple[History, Said]]:
    """The messages of all of them, in any order that keeps each history's own."""
    turns = [history for history in histories for _ in history.said]
    draw.shuffle(turns)
    each = {history.seed: iter(history.said) for history in histories}
    return [(history, next(each[history.seed])) for history in turns]
