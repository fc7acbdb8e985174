"""What the receiver can tell of the findings in accepted messages, counted: no record and no person is in any frame."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

_TEXT, _COUNT = pl.String(), pl.Int64()

OPEN = {
    "unit": _TEXT,
    "rule": _TEXT,
    "cause": _TEXT,
    "consequence": _COUNT,
    "software": _TEXT,
    "findings": _COUNT,
    "since": pl.Datetime("us", "UTC"),
}
"""Findings that are open now, with the software of the message that had them last; `since` is the oldest."""

FIELDS = {"unit": _TEXT, "record_type": _TEXT, "field": _TEXT, "records": _COUNT}
"""Records with an open finding that concerns a field. One that breaks two rules in a field counts twice."""

CHANGED = {"day": pl.Date(), "unit": _TEXT, "rule": _TEXT, "opened": _COUNT, "closed": _COUNT}
"""How many findings were opened and closed by the messages that were received on a day."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is open now, and what was opened and closed since a day."""

    open: pl.DataFrame = field(repr=False)
    fields: pl.DataFrame = field(repr=False)
    changed: pl.DataFrame = field(repr=False)


class FindingLog(Protocol):
    """The receiver's open findings."""

    def findings(self, since: dt.date) -> Findings:
        """All of it, in one picture of the database."""
        ...
