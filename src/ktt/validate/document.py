"""A request to validate, and its answer: a document for each message or extract, with findings and totals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import Literal

import polars as pl

from ktt.core.errors import EXIT_CONTENT, EXIT_HELD_BACK, KttError
from ktt.messages.register import BUILT_IN, Register, register_of
from ktt.rules.findings import no_findings, worst
from ktt.rules.rule import Consequence, Rule
from ktt.sender.extract.rows.reading import Reading


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """Which rules are to be applied, on which day, in production or not, and whether values are to be shown.

    `type` and `version` are the message's, for a message that does not show its type itself. `choices` are the words of `--only`.
    `annual` are the rules for annual messages, which are a set of their own. Of the places that break a schema no more
    than `most_faults` are listed. `packs` are the message packs whose messages are known.
    """

    rules: tuple[Rule, ...] = field(repr=False)
    today: dt.date
    rule_set: str = ""
    production: bool = False
    values: bool = False
    type: str | None = None
    version: str | None = None
    choices: tuple[str, ...] = ()
    annual: tuple[Rule, ...] = field(default=(), repr=False)
    most_faults: int = 10_000
    packs: tuple[str, ...] = (BUILT_IN,)

    @property
    def register(self) -> Register:
        """The message packs that are known."""
        return register_of(self.packs)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of root records (a decision, a service …; in an annual message each element with a key) and what becomes of them.

    `read` = `held` + `excluded` + `unjudged` + `rejected` + `dropped` + `kept`. `held` and `excluded` only in an
    extract: kept back by a source finding, and outside the report. `unjudged`: in a message that breaks its schema, so
    that no rule was applied. `faultless`: records without a finding among those that rules were applied to. `cleared`
    counts fields, `noted` findings, and `along` those findings that say that a record cannot be sent because of another
    finding, or because of its message's schema or size.
    """

    read: int = 0
    held: int = 0
    excluded: int = 0
    unjudged: int = 0
    rejected: int = 0
    dropped: int = 0
    kept: int = 0
    faultless: int = 0
    cleared: int = 0
    noted: int = 0
    deletions: int = 0
    findings: int = 0
    along: int = 0

    @property
    def judged(self) -> int:
        """The records that rules were applied to."""
        return self.rejected + self.dropped + self.kept

    @property
    def reconciles(self) -> bool:
        """Whether every record that was read is accounted for."""
        return self.read == self.held + self.excluded + self.unjudged + self.judged

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Totals)))


@dataclass(frozen=True, slots=True)
class Document:
    """One message, one extract (`reading` tells of its tables), or one file that could not be read (`fault`)."""

    name: str
    kind: Literal["message", "extract", "annual", "unread"]
    what: str = ""
    units: tuple[str, ...] = ()
    totals: Totals = field(default_factory=Totals)
    findings: pl.DataFrame = field(default_factory=no_findings, repr=False)
    fault: KttError | None = None
    reading: Reading | None = None

    @property
    def worst(self) -> Consequence | None:
        """The worst consequence among the findings."""
        return worst(self.findings)

    @property
    def exit_code(self) -> int:
        """0 when nothing is worse than a note, 3 when something is left out or cleared, 12 when all is refused."""
        if self.fault is not None:
            return self.fault.exit_code
        return _EXITS[self.worst]


_EXITS: dict[Consequence | None, int] = {
    None: 0,
    Consequence.NOTE: 0,
    Consequence.CLEAR_FIELD: EXIT_HELD_BACK,
    Consequence.DROP_RECORD: EXIT_HELD_BACK,
    Consequence.REJECT_MESSAGE: EXIT_CONTENT,
}
