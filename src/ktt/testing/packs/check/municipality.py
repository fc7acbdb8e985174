"""A small synthetic municipality with history, as the sender reads it from its record system."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.sources.sql import open_source
from ktt.testing.synthetic.create import write_epj

RECIPIENTS = 40
_NUMBER, _SINCE, _DAY, _SEED = "1114", dt.date(2017, 1, 1), dt.date(2026, 3, 2), 13


@dataclass(frozen=True, slots=True)
class SyntheticRecords:
    """The records of one municipality on one day. The same in every check."""

    unit: ReportingUnit
    day: dt.date
    records: Records = field(repr=False)


NO_RECORDS = SyntheticRecords(ReportingUnit("312000008", _NUMBER), _DAY, {})
"""For a pack without a mapping, which can write none."""


def synthetic_records(recipients: int = RECIPIENTS) -> SyntheticRecords:
    """Make the record system in a folder that is deleted, and read it by the sender's own extract."""
    with tempfile.TemporaryDirectory(prefix="ktt-pack-check-") as name:
        folder = Path(name) / "epj"
        answers = write_epj(folder, recipients=recipients, municipality=_NUMBER, start=_SINCE, seed=_SEED, until=_DAY)
        unit = ReportingUnit(**answers["unit"])
        source = open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml")
        return SyntheticRecords(unit, _DAY, source.read(unit, _DAY, "sandbox").records)
