"""What is to happen to the cases by what there is today: opened, reopened, closed, or gone on with. Nothing is written here.

- A cause without a case gets one, unless an open case includes it (`Cause.includes`) or is of what it includes.
- A case that closed itself and whose cause is back within `BACK_WITHIN` is opened again, with its number and its history.
- What a person has closed is left closed while it is the same: what it builds on is not newer than the closing.
- A case whose cause is gone closes itself. A sudden change is gone when the numbers are back where they were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ktt.core.clock import norwegian_day
from ktt.registry.cases.case import Case
from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.cases.today import Today

BACK_WITHIN = dt.timedelta(days=30)
_Key = tuple[str, Cause]


@dataclass(frozen=True, slots=True)
class Ended:
    """A case that is to close, and what there is to say of why: `heard_on` of who was silent, `ended` of who was replaced."""

    case: Case
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen, each by unit and cause; and the numbers of the cases that were opened, once they are."""

    opened: tuple[Observed, ...] = ()
    reopened: tuple[tuple[Case, Observed], ...] = ()
    closed: tuple[Ended, ...] = ()
    ongoing: tuple[tuple[Case, Observed], ...] = ()
    numbers: Mapping[tuple[str, Cause], int] = field(default_factory=dict)

    def of(self, unit: str | None) -> Plan:
        """What is to happen to one unit alone; None is every unit."""
        if unit is None:
            return self
        return Plan(
            opened=tuple(one for one in self.opened if one.unit == unit),
            reopened=tuple(pair for pair in self.reopened if pair[0].unit == unit),
            closed=tuple(one for one in self.closed if one.case.unit == unit),
            ongoing=tuple(pair for pair in self.ongoing if pair[0].unit == unit),
            numbers=self.numbers,
        )


def planned(today: Today, cases: Sequence[Case], *, open_new: bool = True) -> Plan:
    """`cases` are all that are open, and the last closed one of each unit and cause."""
    seen = {(one.unit, one.cause): one for one in today.observed}
    standing = {(one.unit, one.cause): one for one in cases if one.closed_at is None}
    last = {(one.unit, one.cause): one for one in cases if one.closed_at is not None}
    back = {key: last[key] for key in seen if key not in standing and key in last and _is_back(last[key], seen[key])}
    known = {*standing, *back}
    new = [key for key in seen if key not in known and not _is_settled(last.get(key), seen[key])]
    new = [key for key in new if not _is_told(key, known, new)] if open_new else []
    return Plan(
        opened=tuple(seen[key] for key in new),
        reopened=tuple((case, seen[key]) for key, case in back.items() if not _is_told(key, known, ())),
        closed=tuple(_ended(standing.items(), seen, today)),
        ongoing=tuple((case, seen[key]) for key, case in standing.items() if key in seen),
    )


def _is_back(case: Case, seen: Observed) -> bool:
    """Whether the case is to be opened again for what is seen."""
    assert case.closed_at is not None
    closed_on = norwegian_day(case.closed_at)
    return not _is_settled(case, seen) and seen.latest - closed_on <= BACK_WITHIN


def _is_settled(case: Case | None, seen: Observed) -> bool:
    """Whether a person has closed a case for just this."""
    if case is None or case.closed_at is None or case.closed_by is None:
        return False
    return seen.latest <= norwegian_day(case.closed_at)


def _is_told(key: _Key, known: Collection[_Key], new: Collection[_Key]) -> bool:
    """Whether the unit is told of it by another case: a wider one, or the narrower one that is open already."""
    unit, cause = key
    wider = any(other == unit and wide.includes is cause for other, wide in (*known, *new))
    return wider or (cause.includes is not None and (unit, cause.includes) in known)


def _ended(standing: Iterable[tuple[_Key, Case]], seen: Mapping[_Key, Observed], today: Today) -> Iterator[Ended]:
    for key, case in standing:
        if today.ended(case.unit):
            yield Ended(case, {"ended": today.on.isoformat()})
        elif key not in seen and (case.cause is not Cause.VOLUME or _numbers_are_back(case, today)):
            yield Ended(case, _what_came(case, today))


def _what_came(case: Case, today: Today) -> dict[str, str]:
    heard = today.heard.get(case.unit)
    if heard is None:
        return {}
    return {"heard_on": heard.heard_on.isoformat()} if case.cause is Cause.SILENCE else {}


def _numbers_are_back(case: Case, today: Today) -> bool:
    now = today.services.get(case.unit, {})
    return all(
        abs(now.get(one["service_type"], 0) - one["before"]) <= max(one["limit"], 1) for one in case.figures["types"]
    )
