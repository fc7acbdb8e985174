"""Judging an annual message batch by batch: what is found, and what becomes of the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

import polars as pl

from ktt.messages.iplos_3_7.layout import HEAD, PERSON, layout
from ktt.messages.iplos_3_7.reader import Batch
from ktt.messages.iplos_3_7.sheet import CONSTANT, Check, Checks, Sheet
from ktt.rules.annual.findings import Places, of_faults, of_rule
from ktt.rules.annual.record_types import SINGLE_KEY, Season, widened
from ktt.rules.findings import no_findings, with_consequence
from ktt.rules.rule import Consequence, Rule


@dataclass(slots=True)
class Counts:
    """The records (persons and what stands inside them) and what becomes of them, as the consequences say.

    `read` = `dropped` + `kept`, as long as nothing rejects the message.
    """

    read: int = 0
    dropped: int = 0
    kept: int = 0
    faultless: int = 0
    cleared: int = 0
    noted: int = 0
    rejected: bool = False

    def add(self, other: Counts) -> None:
        """Count the other as well."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        self.rejected = bool(self.rejected)


@dataclass
class Judge:
    """The rules that are asked, and what has been seen of the message. `values`: whether findings show what stood there."""

    rules: tuple[Rule, ...]
    values: bool = False
    counts: Counts = field(default_factory=Counts)
    season: Season | None = None
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_id = {rule.id: rule for rule in self.rules}
        self._checks = {one.name: self._checks_of(one.name) for one in layout().elements}

    def _checks_of(self, element: str) -> Checks:
        mine = (Check.of(rule.id, rule.holds) for rule in self.rules if rule.on.name == element)
        return Checks.of(mine, (one.name for one in layout().by_name[element].fields))

    def judge(self, batch: Batch) -> pl.DataFrame:
        """Every finding in the batch, as `findings.FINDING_SCHEMA`."""
        if self.season is None and batch.sheets[PERSON].frame.height + batch.sheets[HEAD].frame.height:
            self.season = Season.of(batch.sheets[HEAD].frame)
        places = Places(batch, values=self.values)
        found = [of_faults(batch.faults, places)]
        for element, sheet in batch.sheets.items():
            found += self._element(element, sheet, places)
        findings = pl.concat(found)
        self.counts.add(_counted(batch, findings))
        return findings

    def _element(self, element: str, sheet: Sheet, places: Places) -> Iterator[pl.DataFrame]:
        for rule_id, rows in self.broken(element, sheet):
            yield of_rule(self._by_id[rule_id], sheet.frame, rows, places)

    def broken(self, element: str, sheet: Sheet) -> Iterator[tuple[str, pl.Series]]:
        """The id of each rule that an element's rows break, and which rows."""
        if sheet.frame.is_empty() or self.season is None:
            return
        checks = self._checks[element]
        if SINGLE_KEY in checks.context:
            sheet.frame = sheet.frame.with_columns(self._single(element, sheet.frame).alias(SINGLE_KEY))
        sheet.frame = widened(sheet.frame, element, set(checks.context - CONSTANT), self.season)
        constants = {name: made for name, made in self.season.context.items() if name in checks.context}
        yield from sheet.breaking(checks, constants)

    def _single(self, element: str, frame: pl.DataFrame) -> pl.Series:
        """Whether the row is the first with its key; empty where the key is none."""
        key = layout().by_name[element].key
        own = frame[key[-1]]
        if element != PERSON:
            return _single_inside(frame["person"], own)
        fresh = own.is_first_distinct() & ~own.is_in(list(self._keys))
        self._keys.update(own.drop_nulls())
        return fresh | own.is_null()


_WIDTH = 2**34  # more than ten digits can say


def _single_inside(person: pl.Series, own: pl.Series) -> pl.Series:
    """Whether each row is the first of its person with its number; what is no number of at most ten digits is not judged."""
    number = own.cast(pl.Int64, strict=False)
    key = person.cast(pl.Int64) * _WIDTH + number
    return key.is_first_distinct() | ~number.is_between(0, _WIDTH - 1).fill_null(value=False)


def _counted(batch: Batch, findings: pl.DataFrame) -> Counts:
    """What becomes of the batch's records."""
    if findings.is_empty():
        read = sum(batch.sheets[element.name].frame.height for element in layout().records)
        return Counts(read=read, kept=read, faultless=read)
    counts = Counts(
        noted=with_consequence(findings, Consequence.NOTE).height,
        rejected=not with_consequence(findings, Consequence.REJECT_MESSAGE).is_empty(),
    )
    placed = findings.filter(pl.col("row").is_not_null())
    dropping = with_consequence(placed, Consequence.DROP_RECORD)
    persons = dropping.filter(pl.col("record_type") == PERSON)["row"].unique()
    gone = batch.sheets[PERSON].frame["person"].gather(persons)
    for element in layout().records:
        frame = batch.sheets[element.name].frame
        mine = placed.filter(pl.col("record_type") == element.name)
        rows = with_consequence(mine, Consequence.DROP_RECORD)["row"].unique()
        along = frame["person"].is_in(gone.implode()).arg_true() if len(gone) else pl.Series([], dtype=pl.UInt32)
        dropped = pl.concat([rows, along.cast(pl.UInt32)]).unique()
        emptied = with_consequence(mine, Consequence.CLEAR_FIELD).filter(~pl.col("row").is_in(dropped.implode()))
        counts.add(
            Counts(
                read=frame.height,
                dropped=len(dropped),
                kept=frame.height - len(dropped),
                faultless=frame.height - mine["row"].n_unique(),
                cleared=emptied.select("row", pl.col("fields").list.first()).unique().height,
            )
        )
    return counts


def judged(batches: Iterable[Batch], judge: Judge) -> pl.DataFrame:
    """Every finding of a whole message; `judge.counts` tells what becomes of it."""
    return pl.concat([no_findings(), *(judge.judge(batch) for batch in batches)])
