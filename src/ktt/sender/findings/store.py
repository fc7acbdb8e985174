"""The port of the open findings: what every keeper of them promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.rules.findings import FINDING_SCHEMA
from ktt.rules.open_findings import IDENTITY, Standing

_DAY, _INSTANT, _NUMBER = pl.Date(), pl.Datetime("us", "UTC"), pl.Int64()
KEPT = (*IDENTITY, "consequence", "cause")
"""What is kept of a finding besides when it was seen: where and which rule, never a value."""

STORY_SCHEMA: dict[str, pl.DataType] = {
    "number": _NUMBER,  # 1, 2, 3 … within the unit, never reused
    **{name: FINDING_SCHEMA[name] for name in KEPT},
    **{
        f"{when}_{name}": kind
        for when in ("opened", "seen", "closed")
        for name, kind in {"run": _NUMBER, "on": _DAY, "at": _INSTANT}.items()
    },
}
"""A finding's story: by which run, of which extraction day, at which instant it was opened, last seen and closed."""


@dataclass(frozen=True, slots=True)
class Judging:
    """One judging of a unit's whole extract, by a run of some kind with one rule set."""

    kind: str
    extracted_on: dt.date
    rule_set: str


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A judging that was written down: the runs of a unit have numbers without gaps."""

    number: int
    kind: str
    extracted_on: dt.date
    rule_set: str
    at: dt.datetime


class FindingsStore(Protocol):
    """The findings of each unit, open and closed.

    Promises, each kept through a crash at any instant:

    1. `step` happens wholly or not at all.
    2. A finding (`standing.IDENTITY`) is open at most once. One that comes back after it closed is a new one.
    3. What is closed stays as it was.
    4. Units do not affect each other.
    """

    def step(self, unit: ReportingUnit, judging: Judging, standing: Standing) -> JudgedRun:
        """Write down a run: what it opened, saw again and closed. Unjudged findings are left as they were.

        `standing` was made of what `still_open` answered, by one who holds the line.
        """
        ...

    def still_open(self, unit: ReportingUnit) -> pl.DataFrame:
        """What is still wrong (`STORY_SCHEMA`), in the order it was opened."""
        ...

    def closed(self, unit: ReportingUnit, since: dt.date) -> pl.DataFrame:
        """What runs of that extraction day or later have closed (`STORY_SCHEMA`), in the order it was opened."""
        ...

    def last_run(self, unit: ReportingUnit) -> JudgedRun | None:
        """The newest run that judged, None before the first."""
        ...
