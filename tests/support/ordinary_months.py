"""Ordinary months of synthetic municipalities, as the questions of a daily run see them; nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest.mock import patch

import polars as pl

from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.sender.delta.compare import Changes, compare
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import MappedSource, open_source
from ktt.sender.plausibility import limits
from ktt.sender.plausibility.figures import Figures, measure
from ktt.sender.plausibility.question import Question
from ktt.sender.plausibility.questions import ask, ask_drops, ask_tables
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj

DAYS = 30
SIZES = (8, 12, 20, 35, 60, 10, 15, 25, 45, 150)
_MUNICIPALITIES = ("1114", "0301", "5001", "1811", "3205")
_KEY = bytes(32)
_NOTHING = pl.DataFrame(schema={"local_id": pl.String(), "fingerprint": pl.String()})


@dataclass(slots=True)
class Month:
    """One municipality's month: the runs so far, and what the registry was told last."""

    source: MappedSource
    unit: ReportingUnit
    runs: list[Figures] = field(default_factory=list)
    told: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    def day(self, on: dt.date) -> list[Question]:
        """What a run of the day asks; then it has been sent."""
        extract = self.source.read(self.unit, on, "sandbox")
        changes = self._changes(extract)
        figures = measure("daily" if self.runs else "load", extract).with_changes(changes)
        shares = {name: table.drop_max for name, table in self.source.mapping.tables.items()}
        asked = [
            *ask(figures, self.runs[-limits.RUNS :], on),
            *ask_tables(self.rows, extract.row_counts, shares),
            *ask_drops(changes, self.source.mapping.drop_max()),
        ]
        self.runs.append(figures)
        self.rows = extract.row_counts
        return asked

    def _changes(self, extract: Extract) -> dict[str, Changes]:
        present = {root.name: fingerprint(extract.records, root, _KEY) for root in ROOTS}
        changes = {
            name: compare(found, self.told.get(name, _NOTHING), extract.held.get(name))
            for name, found in present.items()
        }
        held = {
            name: before.filter(pl.col("local_id").is_in(extract.held[name].implode()))
            for name, before in self.told.items()
        }
        told = {name: found.select("local_id", "fingerprint") for name, found in present.items()}
        self.told = {name: pl.concat([found, held.get(name, _NOTHING)]) for name, found in told.items()}
        return changes


def ordinary_month(folder: Path, seed: int, days: int = DAYS) -> Iterator[tuple[dt.date, list[Question], Figures]]:
    """The days of a month with what each asks; some days have no run, as on a machine that stood still."""
    rng = Random(f"ordinary month {seed}")
    on = dt.date(2021, 1, 1) + dt.timedelta(days=rng.randrange(1500))
    answers = write_epj(
        folder,
        recipients=SIZES[seed % len(SIZES)],
        municipality=_MUNICIPALITIES[seed // len(SIZES) % len(_MUNICIPALITIES)],
        start=dt.date(2019, 1, 1),
        seed=f"ordinary {seed}",
        until=on,
        unidentified=0.02,
    )
    unit = ReportingUnit(answers["unit"]["organisation"], answers["unit"]["municipality"])
    month = Month(open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml"), unit)
    yield on, month.day(on), month.runs[-1]
    for _ in range(days):
        on += dt.timedelta(days=1)
        with patch("ktt.testing.synthetic.advance.describe", return_value={}):  # the answer key is half of the time
            advance_day(folder)
        if rng.random() < 0.9:
            yield on, month.day(on), month.runs[-1]
