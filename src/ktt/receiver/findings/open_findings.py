"""The open findings of units: read and written as sets, and changed by one message at a time."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import norwegian_day
from ktt.core.log.masking import MASK
from ktt.domain.schema import DTYPES
from ktt.messages.contract import AcceptedMessage
from ktt.messages.decoded import UnitBatch
from ktt.receiver.store.tables import OPEN_FINDING
from ktt.rules.open_findings import IDENTITY, diff_findings, of_records, validated_records

_SCHEMA: dict[str, pl.DataType] = {
    "opened_at": pl.Int64(),
    "nth": pl.Int64(),
    "unit": pl.String(),
    "seen_at": pl.Int64(),
    "message_type": pl.String(),
    "rule": pl.String(),
    "record_type": pl.String(),
    "local_id": pl.String(),
    "part_id": pl.String(),
    "fields": pl.List(pl.String()),
    "consequence": pl.UInt8(),
    "cause": pl.String(),
    "pointer": pl.String(),
    "since": DTYPES["instant"],
}
_KEY = ("opened_at", "nth")
_FROM_RULES = (*IDENTITY, "consequence", "cause", "pointer")
UPDATED = ("seen_at", "message_type", "consequence", "cause", "pointer")
COUNT_BY_DAY = sa.text(
    "INSERT INTO receiver_finding_day (day, unit, rule, opened, closed) VALUES (:day, :unit, :rule, :opened, :closed)"
    " ON CONFLICT (day, unit, rule) DO UPDATE SET opened = receiver_finding_day.opened + excluded.opened,"
    " closed = receiver_finding_day.closed + excluded.closed"
).bindparams(sa.bindparam("day", type_=sa.Date))
_PERSON_NUMBER = r"\d{11}"
_THIS_ROW = sa.and_(*(OPEN_FINDING.c[name] == sa.bindparam(f"at_{name}") for name in _KEY))
CLOSE_FINDING = sa.delete(OPEN_FINDING).where(_THIS_ROW)
UPDATE_FINDING = sa.update(OPEN_FINDING).where(_THIS_ROW).values({name: sa.bindparam(name) for name in UPDATED})


@dataclass(frozen=True, slots=True)
class ValidatedMessage:
    """One message and the findings of all rules, for each unit's batch of it."""

    message: AcceptedMessage
    batches: tuple[UnitBatch, ...] = field(repr=False)
    findings: tuple[pl.DataFrame, ...] = field(repr=False)

    @property
    def units(self) -> set[str]:
        """The units that it is about."""
        return {batch.unit.key for batch in self.batches}


class OpenFindings:
    """The open findings of some units, before and after a page of messages."""

    def __init__(self, before: pl.DataFrame, secret: bytes) -> None:
        self._before, self._now, self._secret = before, before, secret
        self._counts: list[pl.DataFrame] = []

    @classmethod
    def none(cls, secret: bytes) -> OpenFindings:
        """Nothing is open."""
        return cls(pl.DataFrame(schema=_SCHEMA), secret)

    @classmethod
    def of(cls, connection: Connection, units: Iterable[str], secret: bytes) -> OpenFindings:
        """As the database has them. `secret` keys the mask of an id that holds a person's number."""
        wanted = sa.select(OPEN_FINDING).where(OPEN_FINDING.c.unit.in_(sorted(units)))
        rows = [_read(row) for row in connection.execute(wanted).mappings()]
        return cls(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), secret)

    def apply(self, validated: ValidatedMessage) -> None:
        """Apply one more message: it opens, repeats and closes findings of the records that it holds."""
        opened = 0
        for batch, found in zip(validated.batches, validated.findings, strict=True):
            unit = pl.col("unit") == batch.unit.key
            before = self._now.filter(unit)
            if before.is_empty() and found.is_empty():
                continue
            records = self._masked(validated_records(batch.unit, batch.records, batch.deletions))
            if found.is_empty() and of_records(before, records, "semi").is_empty():
                continue  # most often: nothing opens or closes
            held = diff_findings(before, self._with_message(found, validated.message), records)
            new = held.opened.with_columns(
                opened_at=pl.lit(validated.message.position, pl.Int64),
                nth=pl.int_range(opened, opened + held.opened.height, dtype=pl.Int64),
                unit=pl.lit(batch.unit.key),
                since=pl.lit(validated.message.received_at, DTYPES["instant"]),
            )
            opened += new.height
            self._counts.append(_counted(validated.message, new, held.closed))
            others = self._now.filter(~unit)
            frames = (others, held.not_validated, held.seen_again, new)
            self._now = pl.concat([frame.select(*_SCHEMA) for frame in frames])

    def with_messages(self, validated: Iterable[ValidatedMessage]) -> OpenFindings:
        """The same, after these messages have been applied in their order."""
        for one in validated:
            self.apply(one)
        return self

    @property
    def now(self) -> pl.DataFrame:
        """What is open, with the columns of the table; `fields` is a list."""
        return self._now

    def write(self, connection: Connection) -> tuple[int, int]:
        """Write the difference to the database; how many findings were opened and how many closed."""
        closed = self._before.join(self._now, on=_KEY, how="anti").select(*_KEY)
        opened = self._now.join(self._before, on=_KEY, how="anti")
        seen = self._before.select(*_KEY, before="seen_at")
        moved = self._now.join(seen, on=_KEY, how="inner").filter(pl.col("seen_at") != pl.col("before"))
        if not closed.is_empty():
            connection.execute(CLOSE_FINDING, [finding_key(row) for row in closed.iter_rows(named=True)])
        if not moved.is_empty():
            rows = moved.select(*_KEY, *UPDATED).iter_rows(named=True)
            connection.execute(
                UPDATE_FINDING, [finding_key(row) | {name: row[name] for name in UPDATED} for row in rows]
            )
        if not opened.is_empty():
            joined = opened.with_columns(pl.col("fields").list.join(","))
            connection.execute(sa.insert(OPEN_FINDING), list(joined.iter_rows(named=True)))
        if self._counts:
            by_day = pl.concat(self._counts).group_by("day", "unit", "rule").agg(pl.col("opened", "closed").sum())
            if not by_day.is_empty():
                connection.execute(COUNT_BY_DAY, by_day.sort("day", "unit", "rule").to_dicts())
        return opened.height, closed.height

    def _with_message(self, found: pl.DataFrame, message: AcceptedMessage) -> pl.DataFrame:
        shown = self._masked(found.select(*_FROM_RULES))
        return shown.with_columns(seen_at=pl.lit(message.position, pl.Int64), message_type=pl.lit(message.message_type))

    def _masked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with every id masked that holds a person's number: always the same mask for the same id."""
        names = [name for name in ("local_id", "part_id") if name in frame.columns]
        for name in names:
            suspect = frame.filter(pl.col(name).str.contains(_PERSON_NUMBER))[name].unique()
            if not suspect.is_empty():
                masks = {text: masked_id(text, self._secret) for text in suspect}
                frame = frame.with_columns(pl.col(name).replace(masks))
        return frame


def masked_id(text: str, secret: bytes) -> str:
    """The id as findings have it: one that holds a person's number is a mask, always the same for the same id."""
    if re.search(_PERSON_NUMBER, text) is None:
        return text
    return f"{MASK}{hmac.digest(secret, text.encode(), hashlib.sha256).hex()[:8]}"


def _counted(message: AcceptedMessage, opened: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """How many findings of each rule a message opened and closed, on the day that it was received."""
    both = [
        frame.select("unit", "rule", opened=pl.lit(is_new, pl.Int64), closed=pl.lit(not is_new, pl.Int64))
        for frame, is_new in ((opened, True), (closed, False))
    ]
    return pl.concat(both).with_columns(day=pl.lit(norwegian_day(message.received_at)))


def finding_key(row: dict[str, Any]) -> dict[str, Any]:
    """What `CLOSE_FINDING` and `UPDATE_FINDING` find a row by."""
    return {f"at_{name}": row[name] for name in _KEY}


def _read(row: Any) -> list[Any]:
    values = {**row, "fields": row["fields"].split(",") if row["fields"] else [], "since": row["since"]}
    return [values[name] for name in _SCHEMA]
