"""Validating an annual message batch by batch: what is found, and what becomes of the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

import polars as pl

from ktt.messages.iplos_3_7.element_rows import CONSTANT, Check, Checks, ElementRows
from ktt.messages.iplos_3_7.layout import HEAD, PERSON, layout
from ktt.messages.iplos_3_7.reader import Batch
from ktt.rules.annual.findings import BatchPlaces, findings_of_rule, findings_of_violations
from ktt.rules.annual.record_types import SINGLE_KEY, ReportYear, with_context
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
class AnnualValidation:
    """One run of these rules over a message: its counts, and what has to be remembered from one batch to the next.

    `values`: whether findings show the values concerned.
    """

    rules: tuple[Rule, ...]
    values: bool = False
    counts: Counts = field(default_factory=Counts)
    report_year: ReportYear | None = None
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_id = {rule.id: rule for rule in self.rules}
        self._checks = {one.name: self._checks_of(one.name) for one in layout().elements}

    def _checks_of(self, element: str) -> Checks:
        mine = (Check.of(rule.id, rule.holds) for rule in self.rules if rule.on.name == element)
        return Checks.of(mine, (one.name for one in layout().by_name[element].fields))

    def validate(self, batch: Batch) -> pl.DataFrame:
        """Every finding in the batch, as `findings.FINDING_SCHEMA`."""
        if self.report_year is None and batch.elements[PERSON].frame.height + batch.elements[HEAD].frame.height:
            self.report_year = ReportYear.of(batch.elements[HEAD].frame)
        places = BatchPlaces(batch, values=self.values)
        found = [findings_of_violations(batch.violations, places)]
        for element, rows in batch.elements.items():
            found += self._of_element(element, rows, places)
        findings = pl.concat(found)
        self.counts.add(_counted(batch, findings))
        return findings

    def _of_element(self, element: str, rows: ElementRows, places: BatchPlaces) -> Iterator[pl.DataFrame]:
        for rule_id, broken in self.broken(element, rows):
            yield findings_of_rule(self._by_id[rule_id], rows.frame, broken, places)

    def broken(self, element: str, rows: ElementRows) -> Iterator[tuple[str, pl.Series]]:
        """The id of each rule that an element's rows break, and which rows."""
        if rows.frame.is_empty() or self.report_year is None:
            return
        checks = self._checks[element]
        if SINGLE_KEY in checks.context:
            rows.frame = rows.frame.with_columns(self._single(element, rows.frame).alias(SINGLE_KEY))
        rows.frame = with_context(rows.frame, element, set(checks.context - CONSTANT), self.report_year)
        constants = {name: made for name, made in self.report_year.context.items() if name in checks.context}
        yield from rows.breaking(checks, constants)

    def _single(self, element: str, frame: pl.DataFrame) -> pl.Series:
        """Whether the row is the first with its key; true where it has no key."""
        key = layout().by_name[element].key
        own = frame[key[-1]]
        if element != PERSON:
            return _single_inside(frame["person"], own)
        fresh = own.is_first_distinct() & ~own.is_in(list(self._keys))
        self._keys.update(own.drop_nulls())
        return fresh | own.is_null()


def validate_batches(batches: Iterable[Batch], validation: AnnualValidation) -> pl.DataFrame:
    """Every finding of a whole message; `validation.counts` has what becomes of its records."""
    return pl.concat([no_findings(), *(validation.validate(batch) for batch in batches)])


_WIDTH = 2**34  # above every number of ten digits


def _single_inside(person: pl.Series, own: pl.Series) -> pl.Series:
    """Whether each row is the first of its person with its number; a key that is not a number of at most ten digits counts as single."""
    number = own.cast(pl.Int64, strict=False)
    key = person.cast(pl.Int64) * _WIDTH + number
    return key.is_first_distinct() | ~number.is_between(0, _WIDTH - 1).fill_null(value=False)


def _counted(batch: Batch, findings: pl.DataFrame) -> Counts:
    """What becomes of the records of the batch when the consequences are carried out."""
    if findings.is_empty():
        read = sum(batch.elements[element.name].frame.height for element in layout().records)
        return Counts(read=read, kept=read, faultless=read)
    counts = Counts(
        noted=with_consequence(findings, Consequence.NOTE).height,
        rejected=not with_consequence(findings, Consequence.REJECT_MESSAGE).is_empty(),
    )
    placed = findings.filter(pl.col("row").is_not_null())
    dropping = with_consequence(placed, Consequence.DROP_RECORD)
    persons = dropping.filter(pl.col("record_type") == PERSON)["row"].unique()
    gone = batch.elements[PERSON].frame["person"].gather(persons)
    for element in layout().records:
        frame = batch.elements[element.name].frame
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
