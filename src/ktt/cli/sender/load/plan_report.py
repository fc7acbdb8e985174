"""The plan of an initial load as text: what is sent of each year, what is not, how long it takes, what memory it needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ktt.cli.sender.limited_words import limited_words
from ktt.cli.sender.run_report import findings_shown
from ktt.cli.show import language, table
from ktt.core.text import Text, rough_duration
from ktt.validate.report.words import record_word

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.load_plan.plan import LoadPlan, PeriodPlan

_MEGA = 1_000_000
_AHEAD = Text(
    nb="Planen for initiell last til og med {day}. Ingenting er sendt, og ingenting er lagret.",
    en="The plan for the initial load up to {day}. Nothing is sent, and nothing is stored.",
)
_ALL = Text(
    nb="{records:post|poster} i {messages:melding|meldinger}, {size} MB, fra {first} til {last}.",
    en="{records:record|records} in {messages:message|messages}, {size} MB, from {first} to {last}.",
)
_NOTHING = Text(nb="Det er ingenting å sende.", en="There is nothing to send.")
_FINISHED = Text(
    nb="Den initielle lasten er ferdig fra før. Kjør «ktt daily».",
    en="The initial load was finished before. Run `ktt daily`.",
)
_QUEUED = Text(
    nb="{n:melding|meldinger} fra en tidligere kjøring står i køen og sendes først.",
    en="{n:message|messages} of an earlier run are in the queue and go first.",
)
_TIME = Text(
    nb="Tid: omtrent {span}, derav {prepare} til å lese og kontrollere.",
    en="Time: about {span}, of which {prepare} to read and validate.",
)
_MEASURED = Text(
    nb="Regnet av de siste {n:meldingen|meldingene} deres: {each:g} s for hver melding og {mega:g} s for hver MB.",
    en="Reckoned from your last {n:message|messages}: {each:g} s for each message and {mega:g} s for each MB.",
)
_ASSUMED = Text(
    nb="Ingenting er sendt før: låsingen er målt her ({mega:g} s for hver MB), og et svar er antatt å ta {each:g} s.",
    en="Nothing was sent before: sealing was measured here ({mega:g} s for each MB), and an answer is assumed to take {each:g} s.",
)
_MEMORY = Text(nb="Minne: omtrent {size} MB på det meste.", en="Memory: about {size} MB at most.")
_STOPS = Text(nb="✗ Lasten vil stanse før noe sendes:", en="✗ The load will stop before anything is sent:")


def shown(plan: LoadPlan) -> RenderableType:
    """The whole plan."""
    from rich.console import Group

    parts: list[RenderableType] = [line.in_(language()) for line in _head(plan)]
    if plan.months:
        parts.append(_years(plan))
    parts += [line.in_(language()) for line in (*_left_out(plan), *_cost(plan))]
    parts += findings_shown(plan.findings)
    if plan.stopped is not None:
        parts += [_STOPS.in_(language()), plan.stopped.says().in_(language()), plan.stopped.advises().in_(language())]
    return Group(*parts)


def _head(plan: LoadPlan) -> Iterator[Text]:
    yield _AHEAD.format(day=plan.on.isoformat())
    if plan.load is not None and plan.load.finished_at is not None:
        yield _FINISHED
    if plan.queued:
        yield _QUEUED.format(n=plan.queued)
    if not plan.messages:
        yield _NOTHING
    elif plan.months:
        first, last = plan.months[0].period, plan.months[-1].period
        facts = {"records": plan.records, "messages": plan.messages, "size": _megabytes(plan.payload_bytes)}
        yield _ALL.format(first=first, last=last, **facts)


def _years(plan: LoadPlan) -> RenderableType:
    """A row for each year, with the records of each type, and one for what is changed or gone since an earlier run."""
    kinds = [name for name in plan.types if any(name in one.records for one in plan.periods)]
    columns: list[Text | str] = [
        Text(nb="År", en="Year"),
        Text(nb="Måneder", en="Months"),
        Text(nb="Meldinger", en="Messages"),
        "MB",
        *(Text(nb=record_word(name, "nb"), en=record_word(name, "en")) for name in kinds),
    ]
    months = {year: list(some) for year, some in groupby(plan.months, key=lambda one: one.period[:4])}
    rows = [_row(year, len(some), some, kinds) for year, some in months.items()]
    day = [one for one in plan.periods if one not in plan.months]
    rows += [_row(one.period, None, [one], kinds) for one in day]
    total = _row(Text(nb="I alt", en="All").in_(language()), len(plan.months), plan.periods, kinds)
    return table(columns, [*rows, total])


def _row(name: str, months: int | None, periods: Sequence[PeriodPlan], kinds: Sequence[str]) -> list[object]:
    size = sum(one.payload_bytes for one in periods)
    records = [sum(one.records.get(kind, 0) for one in periods) for kind in kinds]
    return [name, months, sum(one.messages for one in periods), _megabytes(size), *records]


def _left_out(plan: LoadPlan) -> Iterator[Text]:
    spoken = {name: Text(nb=record_word(name, "nb"), en=record_word(name, "en")) for name in plan.types}
    held = {name: one.held for name, one in plan.types.items() if one.held}
    outside = {name: sum(one.excluded.values()) for name, one in plan.types.items() if one.excluded}
    for words, counts in ((_HELD, held), (_OUTSIDE, outside)):
        if counts:
            listed = [Text(nb=f"{n} {spoken[name].nb}", en=f"{n} {spoken[name].en}") for name, n in counts.items()]
            each = Text(nb=", ".join(one.nb for one in listed), en=", ".join(one.en for one in listed))
            yield words.format(n=sum(counts.values()), each=each)
    yield from limited_words(plan.limited)


_HELD = Text(nb="Holdes tilbake: {n} ({each}).", en="Held back: {n} ({each}).")
_OUTSIDE = Text(
    nb="Utenfor rapporteringen: {n} ({each}). De sendes ikke.",
    en="Outside the report: {n} ({each}). They are not sent.",
)


def _cost(plan: LoadPlan) -> Iterator[Text]:
    cost = plan.estimate
    prepare = rough_duration(dt.timedelta(seconds=cost.prepare_seconds))
    yield _TIME.format(span=rough_duration(cost.span), prepare=prepare)
    figures = {
        "n": cost.samples,
        "each": float(f"{cost.seconds_a_message:.3g}"),
        "mega": float(f"{cost.seconds_a_megabyte:.2g}"),
    }
    yield (_MEASURED if cost.basis == "measured" else _ASSUMED).format(**figures)
    if cost.memory_bytes is not None:
        yield _MEMORY.format(size=round(cost.memory_bytes / _MEGA))


def _megabytes(size: int) -> float:
    return round(size / _MEGA, 1)
