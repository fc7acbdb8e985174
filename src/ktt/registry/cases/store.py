"""The cases of a registry: what is read of them, and what is written. Each writing adds an event; none is ever changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock, norwegian_day
from ktt.core.log.masking import masked
from ktt.registry.cases.case import Act, Case, CaseEvent
from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.cases.errors import CaseIsClosed, CaseIsOpen, CaseUnexplained, CaseUnknown
from ktt.registry.cases.plan import Plan
from ktt.registry.tables import CASE, CASE_EVENT
from ktt.storage.database import Database

_OPEN = CASE.c.closed_at.is_(None)


class Cases:
    """Used from several processes at once: of two that open the same, one does."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def open_now(self) -> list[Case]:
        """Every open case, the one with the nearest deadline first."""
        query = sa.select(CASE).where(_OPEN).order_by(CASE.c.deadline, CASE.c.number)
        return self._read(query)

    def all(self) -> list[Case]:
        """The closed ones too, the newest first."""
        return self._read(sa.select(CASE).order_by(CASE.c.number.desc()))

    def for_planning(self) -> list[Case]:
        """All that are open, and the last closed one of each unit and cause."""
        newest = sa.select(sa.func.max(CASE.c.number)).where(~_OPEN).group_by(CASE.c.unit, CASE.c.cause)
        return self._read(sa.select(CASE).where(_OPEN | CASE.c.number.in_(newest)).order_by(CASE.c.unit, CASE.c.number))

    def one(self, number: int) -> tuple[Case, list[CaseEvent]]:
        """A case with all that was done, the oldest first; CaseUnknown."""
        events = sa.select(*(CASE_EVENT.c[name] for name in CaseEvent.__slots__)).where(CASE_EVENT.c.number == number)
        with self._database.reading() as connection:
            case = _one(connection, number)
            return case, [CaseEvent(*tuple(row)) for row in connection.execute(events.order_by(CASE_EVENT.c.id))]

    def assign(self, number: int, to: str, who: str) -> Case:
        """Somebody has it from now on; CaseUnknown, CaseIsClosed, CaseUnexplained."""
        return self._change(number, who, "assigned", to, {"assigned_to": to})

    def note(self, number: int, text: str, who: str) -> Case:
        """Something is worth keeping; also of a case that is closed."""
        return self._change(number, who, "noted", text, {}, closed_too=True)

    def set_deadline(self, number: int, day: dt.date, who: str) -> Case:
        """Another deadline."""
        return self._change(number, who, "deadline", day.isoformat(), {"deadline": day})

    def close(self, number: int, why: str, who: str) -> Case:
        """A person has settled it."""
        return self._change(number, who, "closed", why, {"closed_at": self._clock.now(), "closed_by": who})

    def reopen(self, number: int, why: str, who: str) -> Case:
        """It was not settled after all; CaseIsOpen when it is open, or another of the same unit and cause."""
        _explained(who, why)
        with self._database.transaction() as connection:
            case = _one(connection, number)
            same = sa.select(CASE.c.number).where(_OPEN, CASE.c.unit == case.unit, CASE.c.cause == case.cause.value)
            if (standing := connection.scalar(same)) is not None:
                raise CaseIsOpen(open=standing)
            _reopen(connection, case, self._today())
            self._note(connection, number, who, "reopened", why)
            return _one(connection, number)

    def carry_out(self, plan: Plan, who: str) -> list[Case]:
        """Do what is planned, in one transaction, and return what was opened. What has happened meanwhile is left alone."""
        with self._database.transaction() as connection:
            for one in plan.closed:
                if _close_itself(connection, one.case.number, self._clock.now()):
                    self._note(connection, one.case.number, None, "closed", json.dumps(dict(one.facts)))
            for case, seen in plan.ongoing:
                _update(connection, case.number, seen)
            for case, seen in plan.reopened:
                if _reopen(connection, case, self._today()):
                    _update(connection, case.number, seen)
                    self._note(connection, case.number, None, "reopened", None)
            numbers = [self._open(connection, seen, who) for seen in plan.opened]
            return [_one(connection, number) for number in numbers if number is not None]

    def _open(self, connection: Connection, seen: Observed, who: str) -> int | None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        deadline = self._today() + dt.timedelta(days=seen.cause.days)
        row = {"unit": seen.unit, "cause": seen.cause.value, "opened_at": self._clock.now(), "deadline": deadline}
        insert = dialect.insert(CASE).values(**row, **_figures(seen)).on_conflict_do_nothing()
        number: int | None = connection.scalar(insert.returning(CASE.c.number))
        if number is not None:
            self._note(connection, number, who, "opened", None)
        return number

    def _change(
        self, number: int, who: str, act: Act, detail: str, values: Mapping[str, Any], *, closed_too: bool = False
    ) -> Case:
        _explained(who, detail)
        with self._database.transaction() as connection:
            if _one(connection, number).closed_at is not None and not closed_too:
                raise CaseIsClosed(number=number)
            if values:
                connection.execute(sa.update(CASE).where(CASE.c.number == number).values(values))
            self._note(connection, number, who, act, detail)
            return _one(connection, number)

    def _note(self, connection: Connection, number: int, who: str | None, act: Act, detail: str | None) -> None:
        kept = None if detail is None else masked(detail)
        row = {"number": number, "at": self._clock.now(), "who": who, "act": act, "detail": kept}
        connection.execute(sa.insert(CASE_EVENT).values(row))

    def _today(self) -> dt.date:
        return norwegian_day(self._clock.now())

    def _read(self, query: sa.Select[Any]) -> list[Case]:
        with self._database.reading() as connection:
            return [_case(row) for row in connection.execute(query)]


def open_cases(connection: Connection, units: Sequence[str]) -> list[Case]:
    """Those of some units, by deadline."""
    query = sa.select(CASE).where(_OPEN, CASE.c.unit.in_(units)).order_by(CASE.c.deadline, CASE.c.number)
    return [_case(row) for row in connection.execute(query)]


def _explained(who: str, what: str) -> None:
    if not (who.strip() and what.strip()):
        raise CaseUnexplained


def _one(connection: Connection, number: int) -> Case:
    row = connection.execute(sa.select(CASE).where(CASE.c.number == number)).one_or_none()
    if row is None:
        raise CaseUnknown(number=number)
    return _case(row)


def _figures(seen: Observed) -> dict[str, Any]:
    return {"since": seen.since, "latest": seen.latest, "figures": json.dumps(dict(seen.figures), ensure_ascii=False)}


def _update(connection: Connection, number: int, seen: Observed) -> None:
    connection.execute(sa.update(CASE).where(CASE.c.number == number, _OPEN).values(_figures(seen)))


def _close_itself(connection: Connection, number: int, at: dt.datetime) -> bool:
    close = sa.update(CASE).where(CASE.c.number == number, _OPEN).values(closed_at=at, closed_by=None)
    return connection.execute(close).rowcount == 1


def _reopen(connection: Connection, case: Case, today: dt.date) -> bool:
    deadline = max(case.deadline, today + dt.timedelta(days=case.cause.days))
    again = sa.update(CASE).where(CASE.c.number == case.number, ~_OPEN)
    return connection.execute(again.values(closed_at=None, closed_by=None, deadline=deadline)).rowcount == 1


def _case(row: sa.Row[Any]) -> Case:
    values = dict(zip(row._fields, row, strict=True))
    return Case(**{**values, "cause": Cause(row.cause), "figures": json.loads(row.figures)})
