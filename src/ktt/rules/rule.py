"""What a rule is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from ktt.core.text import Text
from ktt.domain.schema import RecordType
from ktt.rules.kinds import Cause, Consequence

__all__ = ["Cause", "Consequence", "Rule", "col"]

col = pl.col


@dataclass(frozen=True)
class Rule:
    """One check on one record type. `holds` is true where a row is right, and empty where the rule does not apply.

    `holds` may use the row's own columns and the context columns that `rules.context` offers for the record type
    (`decision.decided_on`, `person.died_on`, `today` …). `concerns` are the row's own columns that the finding points
    at; the first of them is the one that CLEAR_FIELD empties. `says` and `remedy` tell people what is wrong and what to
    do. `examples` are tables that run as tests (`rules.examples`).
    A rule with `valid_from` or `valid_to` only applies to runs on days inside them. One that `needs_whole_picture` also
    looks at the unit's other records, and is skipped where those are not at hand (`ValidationScope.other_records`).
    """

    id: str
    on: RecordType
    holds: pl.Expr = field(repr=False)
    concerns: tuple[str, ...]
    consequence: Consequence
    says: Text
    remedy: Text
    cause: Cause
    source: str
    examples: str = field(repr=False)
    theme: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    needs_whole_picture: bool = False
    production: bool | None = None  # True: only in production · False: only elsewhere · None: everywhere

    @cached_property
    def broken(self) -> pl.Expr:
        """Where a row breaks it. Where the expression has no value it says nothing: only a clear no is a finding."""
        return (~self.holds).fill_null(value=False).alias(self.id)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that it looks at."""
        return frozenset(self.holds.meta.root_names())

    def in_force_on(self, day: dt.date) -> bool:
        """Whether the rule is in force on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
