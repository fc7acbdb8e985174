"""The questions of one run: pure functions of what it saw, what the last runs saw, and what it would change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from ktt.core.clock import OSLO
from ktt.core.text import Text
from ktt.domain.codes.lists import code_list
from ktt.domain.glossary import for_record
from ktt.domain.records import CARE_SERVICE
from ktt.sender.delta.compare import Changes
from ktt.sender.plausibility import limits, words
from ktt.sender.plausibility.figures import NEWEST, Figures
from ktt.sender.plausibility.question import Question

_TYPES = CARE_SERVICE.column("service_type").code_list
_STEP = pl.col("records").diff().over("name", order_by="run")


def ask(now: Figures, history: Sequence[Figures], today: dt.date) -> Iterator[Question]:
    """What is odd about a run, held against the unit's last runs (oldest first).

    Without a run before it, only what needs none is asked.
    """
    yield from _day(now, history, today)
    if not history:
        return
    yield from _services(now, history)
    yield from _identity(now, history)
    if now.kind == "daily":
        yield from _changes(now, history)
    yield from _older(now, history[-1])


def ask_drops(changes: Mapping[str, Changes], drop_max: Mapping[str, float]) -> Iterator[Question]:
    """The record types that lost more than their share, or all they had, of what the registry is expected to hold."""
    for name, change in changes.items():
        gone, before = len(change.gone), change.expected_count
        allowed = limits.allowed_drop(before, before - gone, drop_max[name])
        if gone > allowed:
            says = words.DROP.format(gone=gone, then=before, record_type=_record_word(name), usual=allowed)
            yield Question(f"drop:{name}", says, before, before - gone, allowed)


def _record_word(name: str) -> Text:
    term = for_record(name)
    return Text(nb=term.nb.partition(",")[0] if term else name, en=name.replace("_", " "))


def ask_tables(before: Mapping[str, int], now: Mapping[str, int], drop_max: Mapping[str, float]) -> Iterator[Question]:
    """The tables that lost more rows than their share, or all they had, since the last run that was accepted."""
    for name, share in drop_max.items():
        had, has = before.get(name, 0), now.get(name, 0)
        allowed = limits.allowed_drop(had, has, share)
        if had - has > allowed:
            says = words.TABLE.format(table=name, then=had, now=has, usual=allowed)
            yield Question(f"table:{name}", says, had, has, allowed)


def _day(now: Figures, history: Sequence[Figures], today: dt.date) -> Iterator[Question]:
    if now.day > today:
        yield _of_day(words.DAY_AHEAD, today, now.day)
    elif history and now.day < history[-1].day:
        yield _of_day(words.DAY_BEFORE, history[-1].day, now.day)


def _of_day(says: Text, then: dt.date, now: dt.date) -> Question:
    return Question("day", says.format(then=then.isoformat(), now=now.isoformat()), then.isoformat(), now.isoformat())


def _services(now: Figures, history: Sequence[Figures]) -> Iterator[Question]:
    runs = [*history, now]
    steps = (
        _levels(runs, [run.services for run in runs])
        .with_columns(step=_STEP, per_day=limits.per_day(_STEP, pl.col("day")).over("name", order_by="run"))
        .group_by("name")
        .agg(
            then=pl.col("records").get(-2),
            now=pl.col("records").get(-1),
            usual=limits.usual(pl.col("per_day").abs().head(len(history)).drop_nulls()),
        )
        .with_columns(
            fewer=_allowed(limits.FALL, now, history),
            more=_allowed(limits.JUMP, now, history),
            step=pl.col("now") - pl.col("then"),
        )
    )
    all_gone = (pl.col("now") == 0) & (pl.col("then") > limits.FALL.few)
    fell = steps.filter((-pl.col("step") > pl.col("fewer")) | all_gone).sort("name")
    for name, then, has, fewer in fell.select("name", "then", "now", "fewer").iter_rows():
        says = words.FALL if has else words.ALL_GONE
        yield _of_type("fall", says, name, then, now=has, usual=fewer if has else 0)
    jumped = steps.filter(pl.col("step") > pl.col("more")).sort("name")
    for name, then, has, more in jumped.select("name", "then", "now", "more").iter_rows():
        yield _of_type("jump", words.JUMP, name, then, now=has, usual=more)


def _of_type(kind: str, says: Text, code: str, then: int, *, now: int, usual: int) -> Question:
    known = code_list(_TYPES).get(code) if _TYPES else None
    name = f" ({known.text})" if known else ""
    return Question(
        f"{kind}:{code}", says.format(code=code, name=name, then=then, now=now, usual=usual), then, now, usual
    )


def _levels(runs: Sequence[Figures], counts: Iterable[Mapping[str, int]]) -> pl.DataFrame:
    """How many records each run had of each name; 0 where it had none."""
    rows = [(number, name, count) for number, named in enumerate(counts) for name, count in named.items()]
    seen = pl.DataFrame(rows, schema={"run": pl.Int64, "name": pl.String, "records": pl.Int64}, orient="row")
    days = pl.DataFrame(
        {"run": range(len(runs)), "day": [run.day for run in runs]}, schema={"run": pl.Int64, "day": pl.Date}
    )
    every = seen.select("name").unique().join(days, how="cross")
    return every.join(seen, on=["run", "name"], how="left").with_columns(pl.col("records").fill_null(0)).sort("run")


def _allowed(limit: limits.Limit, now: Figures, history: Sequence[Figures]) -> pl.Expr:
    days = _days(now, history)
    largest = pl.max_horizontal(pl.lit(limit.few), pl.col("then") * limit.share, pl.col("usual") * days)
    return largest.floor().cast(pl.Int64)


def _days(now: Figures, history: Sequence[Figures]) -> int:
    return limits.days_between((now.day - history[-1].day).days)


def _identity(now: Figures, history: Sequence[Figures]) -> Iterator[Question]:
    """More recipients without a number than the share of them in the last run would give."""
    last = history[-1]
    expected = last.unidentified * now.recipients // last.recipients if last.recipients else 0
    steps = pl.DataFrame({"day": [run.day for run in history], "records": [run.unidentified for run in history]})
    usual = steps.select(
        limits.usual(limits.per_day(pl.col("records").diff(), pl.col("day")).abs().drop_nulls())
    ).item()
    limit = limits.UNIDENTIFIED
    allowed = int(max(limit.few, limit.share * now.recipients, usual * _days(now, history)))
    if now.unidentified - expected > allowed:
        facts = {"then": last.unidentified, "now": now.unidentified, "recipients": now.recipients, "usual": allowed}
        yield Question("identity", words.IDENTITY.format(**facts), last.unidentified, now.unidentified, allowed)


def _changes(now: Figures, history: Sequence[Figures]) -> Iterator[Question]:
    """More differences than the days since the last run can have made."""
    days, daily = _days(now, history), [run for run in history[1:] if run.kind == "daily"]
    enough = len(daily) >= limits.ENOUGH
    limit = limits.CHANGES if enough else limits.CHANGES_FIRST
    rates = pl.DataFrame({"day": [run.day for run in history], "records": [run.differing for run in history]})
    rate = rates.with_columns(rate=limits.per_day(pl.col("records"), pl.col("day"))).tail(len(history) - 1)
    usual = rate.select(limits.usual(pl.col("rate").drop_nulls())).item() if enough else 0
    share = min(limits.MOST_CHANGES, limit.share * days)
    allowed = int(max(limit.few, share * now.size, usual * days))
    if now.differing > allowed:
        says = words.CHANGES.format(now=now.differing, size=now.size, usual=allowed)
        then = history[-1].differing if history[-1].kind == "daily" else None
        yield Question("changes", says, then, now.differing, allowed)


def _older(now: Figures, last: Figures) -> Iterator[Question]:
    """All of the newest registrations of the last run are gone: two may be deleted, a copy lacks every one."""
    if len(last.newest) == NEWEST and (not now.newest or now.newest[0] < last.newest[-1]):
        then, newest = _shown(last.newest[0]), _shown(now.newest[0]) if now.newest else None
        yield Question("older", words.OLDER.format(then=then, now=newest or "–"), then, newest)


def _shown(instant: dt.datetime) -> str:
    return instant.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")
