"""The status as text: the verdict, a line a unit, then what must be done by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ktt.cli.sender.limited_words import limited_words
from ktt.cli.show import language, table
from ktt.core.text import Text
from ktt.rules.kinds import Cause
from ktt.sender.monitoring.facts import DayFigures
from ktt.sender.monitoring.overview import Status, UnitStatus
from ktt.sender.monitoring.things import Actor, Thing

if TYPE_CHECKING:
    from rich.console import RenderableType

_COLUMNS = (
    Text(nb="Enhet", en="Unit"),
    Text(nb="Sist mottatt", en="Last accepted"),
    Text(nb="Siste kjøring", en="Last run"),
    Text(nb="Sendt", en="Sent"),
    Text(nb="Dagen før", en="Day before"),
    Text(nb="Uken før", en="Week before"),
    Text(nb="Poster", en="Records"),
    Text(nb="I køen", en="Waiting"),
    Text(nb="Siden", en="Since"),
    Text(nb="Avvik", en="Findings"),
    Text(nb="Register", en="Registry"),
    Text(nb="Å gjøre", en="To do"),
)
_REGISTRY = {
    "equal": Text(nb="likt", en="equal"),
    "different": Text(nb="ulikt", en="differs"),
    "held": Text(nb="holdes", en="held"),
}
_HEADINGS = {
    Actor.HERE: Text(nb="Dere:", en="You:"),
    Actor.VENDOR: Text(nb="Leverandøren:", en="The vendor:"),
    Actor.RECEIVER: Text(nb="FHI:", en="FHI:"),
}


def shown(status: Status) -> RenderableType:
    """The whole status; its first line is the verdict."""
    from rich.console import Group

    units = table(_COLUMNS, [_row(unit) for unit in status.units])
    return Group(status.verdict().in_(language()), *_key(status), "", units, *_limited(status), *_todo(status.things))


def _key(status: Status) -> Iterator[str]:
    if status.key is not None:
        yield status.key.says.in_(language())


def _limited(status: Status) -> Iterator[str]:
    """Nothing that must be done, but what the figures must be read with."""
    for unit in status.units:
        for one in unit.facts.outcomes.limited:
            from ktt.sender.extract.mapping.model import (
                LimitedHistory,
            )  # Polars comes with it, and most have no such limit

            told = LimitedHistory(one["record_type"], dt.date.fromisoformat(one["since"]), one["reason"])
            yield from (f"{unit.facts.unit.key}: {words.in_(language())}" for words in limited_words([told]))


def _row(unit: UnitStatus) -> tuple[object, ...]:
    facts, queue, trend = unit.facts, unit.facts.queue, unit.facts.trend
    compared = facts.outcomes.compared
    return (
        facts.unit.key,
        queue.last_accepted_at,
        facts.last_run_at,
        _changes(trend.newest if trend else None),
        _changes(trend.day_before if trend else None),
        _changes(trend.week_before if trend else None),
        None if trend is None else trend.newest.records,
        queue.undelivered,
        queue.first.queued_at if queue.first else None,
        sum(facts.findings.get(cause, 0) for cause in Cause),
        _REGISTRY[compared.outcome.comparison or ""].in_(language()) if compared else "",
        len(unit.things),
    )


def _changes(figures: DayFigures | None) -> int | None:
    return None if figures is None else figures.changes


def _todo(things: list[Thing]) -> Iterator[str]:
    """By who must act; within it by unit."""
    for actor in Actor:
        mine = [thing for thing in things if thing.actor is actor]
        if mine:
            yield ""
            yield _HEADINGS[actor].in_(language())
            yield from (_line(thing) for thing in mine)


def _line(thing: Thing) -> str:
    where = f"{thing.unit}: " if thing.unit else ""
    return f"  {where}{thing.says.in_(language())} {thing.remedy.in_(language())}"
