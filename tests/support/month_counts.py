"""Records by month of synthetic municipalities that lack nothing, of several sizes: kept in a file, since they take long to make.

`python tests/support/month_counts.py` makes the file again.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

import polars as pl

from ktt.domain.records import ROOT_NAMES, ROOTS, own_date
from ktt.domain.unit import ReportingUnit
from ktt.registry.coverage.months import ended_months
from ktt.registry.month_records import COUNTED, OPENING
from ktt.sender.extract.sources.sql import open_source
from ktt.testing.synthetic.create import write_epj

FILE = Path(__file__).with_suffix(".txt")
ON = dt.date(2026, 3, 1)
SIZES = (5, 30, 400, 5000)
SEEDS = 10


def counts(size):
    """`month_records.COUNTED` of the ten municipalities of a size; the unit is `<size>-<seed>`."""
    rows = []
    for line in FILE.read_text(encoding="ascii").splitlines():
        unit, kind, *numbers = line.split()
        if unit.partition("-")[0] == str(size):
            rows += [
                (unit, kind, month, int(n)) for month, n in zip(ended_months(ON), numbers, strict=True) if n != "0"
            ]
    return pl.DataFrame(rows, schema=COUNTED, orient="row")


def made(size, seed):
    """The lines of one municipality."""
    with tempfile.TemporaryDirectory() as name:
        folder, until = Path(name) / "epj", ON - dt.timedelta(days=1)
        told = write_epj(
            folder, recipients=size, municipality="1114", start=dt.date(2017, 1, 1), seed=seed, until=until
        )
        unit = ReportingUnit(told["unit"]["organisation"], told["unit"]["municipality"])
        source = open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml")
        records = source.read(unit, until, "sandbox").records
    return lines(f"{size}-{seed}", {kind.name: _by_month(records[kind.name], kind) for kind in ROOTS})


def lines(unit, by_type):
    """One for each record type, with the count of each month."""
    for kind in ROOT_NAMES:
        if kind in by_type:
            yield " ".join([unit, kind, *(str(by_type[kind].get(month, 0)) for month in ended_months(ON))])


def _by_month(frame, kind):
    month = own_date(kind).dt.strftime("%Y-%m")
    known = frame.select(month=pl.when(month < OPENING).then(pl.lit(OPENING)).otherwise(month)).drop_nulls()
    return dict(known.group_by("month").len().iter_rows())


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    made_lines = [line for size in sizes for seed in range(SEEDS) for line in made(size, seed)]
    FILE.write_text("\n".join(made_lines) + "\n", encoding="ascii")
