"""Open findings for the tests: findings in short, and the three implementations of `FindingsStore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from ktt.core.clock import Clock
from ktt.rules.findings import FINDING_SCHEMA
from ktt.sender.findings.sql import SqlFindings
from ktt.sender.findings.store import FindingsStore
from ktt.sender.findings.tables import FINDING, RUN, SCHEMA
from ktt.storage.database import Database
from support.memory_findings import MemoryFindings


def finding(
    rule: str, local_id: str | None = "T-1", part_id: str | None = None, *, consequence: int = 2, row: int = 0
) -> dict[str, object]:
    """A finding about a service's start."""
    record = {"record_type": "care_service", "local_id": local_id, "part_id": part_id, "row": row}
    return {"rule": rule, **record, "fields": ["starts_on"], "consequence": consequence, "cause": "registration"}


def found(*findings: dict[str, object]) -> pl.DataFrame:
    """What a run found."""
    return pl.DataFrame(list(findings), schema=FINDING_SCHEMA)


@contextmanager
def sql_findings(url: str, clock: Clock) -> Iterator[SqlFindings]:
    """The findings in a database, closed afterwards."""
    database = Database.open(url, SCHEMA)
    try:
        yield SqlFindings(database, clock)
    finally:
        database.close()


@contextmanager
def open_store(kind: str, url: str | None, clock: Clock) -> Iterator[FindingsStore]:
    """One of the three implementations: `memory`, or a database at the address."""
    if kind == "memory":
        yield MemoryFindings(clock)
        return
    assert url is not None
    with sql_findings(url, clock) as store:
        with store._database.transaction() as connection:  # a database may be shared by the tests of a module
            for table in (FINDING, RUN):
                connection.execute(table.delete())
        yield store
