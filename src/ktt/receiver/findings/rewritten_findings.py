"""Open findings rewritten after another validation, with what it did to each message's verdict."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.receiver.findings.open_findings import CLOSE_FINDING, COUNT_BY_DAY, UPDATE_FINDING, UPDATED, finding_key
from ktt.receiver.store.tables import LATER_VERDICT, OPEN_FINDING, SET_ASIDE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which validation it is, when it was, and the day in Norway on which its findings are counted."""

    number: int
    at: dt.datetime
    day: dt.date


@dataclass(frozen=True, slots=True)
class FindingDifferences:
    """Of one unit, what the other verdict has beside the one that stands; rows as the table's, and messages by position."""

    unit: str
    come: pl.DataFrame = field(repr=False)
    gone: pl.DataFrame = field(repr=False)
    changed: pl.DataFrame = field(repr=False)  # the new rows, with the key of those that stand
    readable: tuple[int, ...] = ()  # could not be validated, and now can

    def __bool__(self) -> bool:
        return bool(self.come.height or self.gone.height or self.changed.height or self.readable)

    def counts(self) -> pl.DataFrame:
        """Unit, rule, consequence, `kind` (come, gone, changed) and how many `findings`."""
        kinds = (("come", self.come), ("gone", self.gone), ("changed", self.changed))
        by = ("unit", "rule", "consequence", "kind")
        named = [frame.select(*by[:3], kind=pl.lit(kind)) for kind, frame in kinds]
        return pl.concat(named).group_by(by).len("findings").sort(by)


def rewrite(connection: Connection, found: FindingDifferences, verdict: Verdict) -> None:
    """In the caller's transaction. What comes is open since the verdict: nobody could know of it before."""
    if not found.gone.is_empty():
        connection.execute(CLOSE_FINDING, [finding_key(row) for row in found.gone.iter_rows(named=True)])
    if not found.changed.is_empty():
        rows = found.changed.iter_rows(named=True)
        connection.execute(UPDATE_FINDING, [finding_key(row) | {name: row[name] for name in UPDATED} for row in rows])
    if not found.come.is_empty():
        connection.execute(sa.insert(OPEN_FINDING), _numbered(connection, found.come, verdict).to_dicts())
    if found.readable:
        connection.execute(sa.delete(SET_ASIDE).where(SET_ASIDE.c.position.in_(found.readable)))
    _count(connection, found, verdict)
    _note_verdicts(connection, found, verdict)


def _numbered(connection: Connection, come: pl.DataFrame, verdict: Verdict) -> pl.DataFrame:
    """Under the message that tells of the record, after the findings that it has already."""
    found = OPEN_FINDING.c
    positions = come["seen_at"].unique().to_list()
    last = (
        sa.select(found.opened_at, sa.func.max(found.nth))
        .where(found.opened_at.in_(positions))
        .group_by(found.opened_at)
    )
    taken = pl.DataFrame(
        [tuple(row) for row in connection.execute(last)],
        schema={"seen_at": pl.Int64(), "taken": pl.Int64()},
        orient="row",
    )
    rows = come.join(taken, on="seen_at", how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("fields").list.join(","),
        opened_at="seen_at",
        nth=pl.col("taken").fill_null(-1) + 1 + pl.int_range(pl.len()).over("seen_at"),
        since=pl.lit(verdict.at, rows.schema["since"]),
    ).drop("taken")


def _count(connection: Connection, found: FindingDifferences, verdict: Verdict) -> None:
    both = [
        frame.select("unit", "rule", opened=pl.lit(new, pl.Int64), closed=pl.lit(1 - new, pl.Int64))
        for frame, new in ((found.come, 1), (found.gone, 0))
    ]
    by_rule = pl.concat(both).group_by("unit", "rule").agg(pl.col("opened", "closed").sum()).sort("unit", "rule")
    if not by_rule.is_empty():
        connection.execute(COUNT_BY_DAY, by_rule.with_columns(day=pl.lit(verdict.day)).to_dicts())


def _note_verdicts(connection: Connection, found: FindingDifferences, verdict: Verdict) -> None:
    readable = pl.DataFrame({"position": list(found.readable)}, schema={"position": pl.Int64()})
    frames = [
        found.come.select(position="seen_at", opened=pl.lit(1), closed=pl.lit(0)),
        found.gone.select(position="seen_at", opened=pl.lit(0), closed=pl.lit(1)),
        readable.with_columns(opened=pl.lit(0), closed=pl.lit(0)),
    ]
    each = pl.concat(frames).group_by("position").agg(pl.col("opened", "closed").sum()).sort("position")
    rows = each.with_columns(rejudging=pl.lit(verdict.number)).to_dicts()
    if rows:
        at = LATER_VERDICT.c.position == sa.bindparam("at")
        connection.execute(sa.delete(LATER_VERDICT).where(at), [{"at": row["position"]} for row in rows])
        connection.execute(sa.insert(LATER_VERDICT), rows)
