"""How long does the registry take to answer by two clocks, and what do the index on the person and set-based SQL do for it?

A registry of care services in many units, a fifth of them changed once. Beside each question stands the same without the
index, or a loop over rows: an object for each version, asked in Python whether it was known and held.

`python -m bench.registry_questions 1000000` takes that many services; the default is 60 000, in half a minute.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from bench import _material
from bench.harness import Figure, publish, seconds
from bench.ingest import databases
from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.messages.register import find
from ktt.registry import AsOf, Registry
from ktt.registry.questions import Stories
from ktt.registry.tables import LAYOUTS
from ktt.registry.two_clocks import records_as_of
from ktt.registry.verification import Verification, Verifier
from ktt.storage.vault import Vault

SERVICES = 60_000
_UNITS = 40
_START = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
_BEFORE_CHANGE, _DAY = _START + dt.timedelta(days=1), dt.date(2026, 3, 2)
_LAYOUT = LAYOUTS["care_service"]


class Messages:
    """An inbox: each unit's services, and a day later a fifth of them with another decision."""

    def __init__(self, services: int) -> None:
        self._each = services // _UNITS
        self._units = _material.units(_UNITS)

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        return [self._message(n) for n in range(position + 1, min(position + limit, 2 * _UNITS) + 1)]

    def _message(self, position: int) -> AcceptedMessage:
        again, place = divmod(position - 1, _UNITS)
        unit, count = self._units[place], self._each // 5 if again else self._each
        payload = _material.message(unit, place * self._each, count)
        changed = payload.replace(b'"vedtakId":"V-', b'"vedtakId":"W-') if again else payload
        at = _START + dt.timedelta(days=2 * again, seconds=position)
        kind = (_material.TYPE, _material.VERSION)
        return AcceptedMessage(position, f"bench-{position}", (unit,), *kind, at, changed)


def by_index(registry: Registry, person_key: str) -> Callable[[], object]:
    """One person's services, whenever they were known."""
    known = _LAYOUT.known
    query = sa.select(known).where(known.c.person_key == person_key)
    return lambda: _asked(registry, query)


def story(registry: Registry, unit: ReportingUnit, local_id: str) -> Callable[[], object]:
    """One person's story over all record types, with the row that tells of the look."""
    stories = Stories(registry._database, registry.identities)  # noqa: SLF001
    return lambda: stories.of_local(unit, local_id, "bench", "measuring")


def as_known(registry: Registry, unit: ReportingUnit) -> Callable[[], pl.DataFrame]:
    """What a unit's services were on a day, as known before the change."""
    return lambda: registry.as_of(unit, "care_service", AsOf(_DAY, _BEFORE_CHANGE))


def now(registry: Registry, unit: ReportingUnit) -> Callable[[], object]:
    return lambda: registry.current(unit, "care_service")


def nation(registry: Registry) -> Callable[[], object]:
    """Services by municipality on a day, as known before the change."""
    found = records_as_of(_LAYOUT, AsOf(_DAY, _BEFORE_CHANGE)).subquery()
    query = sa.select(found.c.municipality, sa.func.count()).group_by(found.c.municipality)
    return lambda: _asked(registry, query)


def row_by_row(registry: Registry, unit: ReportingUnit | None = None) -> Callable[[], list[Any]]:
    """A unit or the nation the way it is usually begun: every version fetched as an object, and asked one by one."""

    def ask() -> list[Any]:
        found = []
        for table in (_LAYOUT.current, _LAYOUT.history):
            for row in _asked(registry, sa.select(table).where(*([table.c.unit == unit.key] if unit else ()))):
                known_to = getattr(row, "known_to", None)
                known = row.known_from <= _BEFORE_CHANGE and (known_to is None or known_to > _BEFORE_CHANGE)
                if known and not row.deleted and row.starts_on <= _DAY and (row.ends_on is None or row.ends_on >= _DAY):
                    found.append(row)
        return sorted(found, key=lambda row: row.service_id)

    return ask


def verified_row_by_row(registry: Registry) -> Callable[[], object]:
    """Only the order of the versions, the way it is usually begun: an object each, compared with the one before."""

    def verify() -> None:
        for layout in LAYOUTS.values():
            known = layout.known
            before: Any = None
            for row in _asked(registry, sa.select(known).order_by(known.c.unit, known.c[layout.key], known.c.version)):
                same = before is not None and (before.unit, before[2]) == (row.unit, row[2])
                assert row.version == (before.version + 1 if same else 1)
                assert not same or before.known_to == row.known_from
                assert same or before is None or before.newest
                before = row

    return verify


def _asked(registry: Registry, query: sa.Select[Any]) -> Sequence[Any]:
    with registry._database.reading() as connection:  # noqa: SLF001 - the bench asks as the registry does
        return connection.execute(query).all()


def _indexes(registry: Registry, act: str) -> None:
    with registry._database.transaction() as connection:  # noqa: SLF001
        for table in (_LAYOUT.current, _LAYOUT.history):
            for index in table.indexes:
                getattr(index, act)(connection)


def measured(kind: str, url: str, folder: Path, services: int) -> list[Figure]:
    registry = Registry.open(url, folder / "key", folder / "identity.key")
    registry.ingest(Messages(services))
    unit = _material.units(_UNITS)[_UNITS // 2]
    key = registry.people(unit)["person_key"][0]
    ours = {
        "one person": by_index(registry, key),
        "one person's story": story(registry, unit, str(registry.people(unit)["local_person_id"][0])),
        "a unit now": now(registry, unit),
        "a unit as known then": as_known(registry, unit),
        "the nation as known then": nation(registry),
    }
    took = {what: seconds(ask) for what, ask in ours.items()}
    naive = row_by_row(registry, unit)
    assert [row.service_id for row in naive()] == as_known(registry, unit)()["service_id"].to_list()
    loop, whole = seconds(naive), seconds(row_by_row(registry), repeat=1)
    verifier = Verifier(
        registry._database,  # noqa: SLF001
        Vault.from_file(folder / "key"),
        Vault.from_file(folder / "identity.key"),
        SystemClock(),
        find,
    )
    found: list[Verification] = []
    verifying = seconds(lambda: found.append(verifier.run()), repeat=1)
    assert found[0].holds
    versions = sum(found[0].versions.values())
    looping = seconds(verified_row_by_row(registry), repeat=1)
    _indexes(registry, "drop")
    without, story_without = seconds(ours["one person"]), seconds(ours["one person's story"])
    _indexes(registry, "create")
    registry.close()
    beside = {
        "one person": ("without the index", without, ""),
        "one person's story": ("without the index", story_without, "50/s of a million"),
        "the nation as known then": ("row by row", whole, ""),
    }
    verified = Figure(
        f"{kind}: verify, all checks",
        versions / verifying,
        "versions/s",
        "order alone, row by row",
        versions / looping,
    )
    return [verified] + [
        Figure(f"{kind}: {what}", 1 / took[what], "questions/s", name, 1 / slow, target)
        for what in took
        for name, slow, target in [beside.get(what, ("row by row", loop, ""))]
    ]


def main(services: int) -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as urls:
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir()
            figures += measured(kind, url, folder, services)
    spoken = f"{services:,}".replace(",", " ")
    note = f"{spoken} care services in {_UNITS} units, a fifth of them changed once; one person has three."
    publish("registry_questions", __doc__ or "", figures, [note])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SERVICES)
