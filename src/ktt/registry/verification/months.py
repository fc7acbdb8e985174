"""The counts by month that the ingest keeps, against a count of the records."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from ktt.registry.month_records import COUNTED, counted, months
from ktt.registry.two_clocks import NOW
from ktt.registry.verification.inconsistency import Inconsistency, Verification


def judge_months(connection: Connection, into: Verification) -> None:
    """Judge them; a place is a unit and a record type."""
    kept, there = months(connection, NOW), counted(connection, NOW)
    wrong = kept.join(there, on=list(COUNTED), how="anti").vstack(there.join(kept, on=list(COUNTED), how="anti"))
    places = wrong.select("unit", "record_type").unique().sort("unit", "record_type")
    into.add("months", [Inconsistency("months", record_type=kind, unit=unit) for unit, kind in places.iter_rows()])
