"""Builders of canonical records for the delta: few words, whole frames."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import ALL_TYPES, ROOTS, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import pack
from ktt.sender.delta.batches import DEFAULT_LIMITS
from ktt.sender.delta.carriers import Links, carried
from ktt.sender.delta.compare import Changes, compare
from ktt.sender.delta.encoding import encode
from ktt.sender.delta.plan import Planner, ToSend
from ktt.sender.delta.planned_message import PlannedMessage

UNIT = ReportingUnit("312000008", "1114")
KEY = bytes(range(32))
DAY = dt.date(2026, 3, 2)
RECORDED = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NUMBERS = {"P1": "08844110015", "P2": "23915820158", "P3": None}  # synthetic: month + 80
NOTHING = pl.DataFrame(schema={"local_id": pl.String, "fingerprint": pl.String})

"""The same examples every time, however busy the machine."""

Row = Mapping[str, Any]


def frame(record_type: str, rows: Sequence[Row]) -> pl.DataFrame:
    """A frame of the declared type; fields that are not named are empty."""
    kind = ALL_TYPES[record_type]
    names = kind.schema
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=names, orient="row")


def people(died: Mapping[str, dt.date] | None = None, numbers: Mapping[str, str | None] = NUMBERS) -> pl.DataFrame:
    rows = [
        {
            "local_person_id": person,
            "person_number": number,
            "person_number_kind": number and "national",
            "died_on": (died or {}).get(person),
        }
        for person, number in numbers.items()
    ]
    return frame("recipient", rows)


def records(**rows: Sequence[Row]) -> dict[str, pl.DataFrame]:
    """Frames from rows by type, with three persons; each root row is P1's and recorded once unless it says so."""
    roots = {root.name for root in ROOTS}
    common = {"local_person_id": "P1", "recorded_at": RECORDED}
    made = {name: frame(name, [common | dict(r) for r in rows[name]] if name in roots else rows[name]) for name in rows}
    return {"recipient": people(), **made}


def decision(local_id: str, day: str = "2020-01-01", **fields: Any) -> Row:
    return {"decision_id": local_id, "decision_number": 1, "decided_on": dt.date.fromisoformat(day), **fields}


def line(local_id: str, service: str = "T1", **fields: Any) -> Row:
    return {"decision_id": local_id, "service_id": service, "service_type": "15", **fields}


def service(local_id: str, day: str = "2020-01-10", **fields: Any) -> Row:
    return {"service_id": local_id, "service_type": "15", "starts_on": dt.date.fromisoformat(day), **fields}


def diagnosis(local_id: str, day: str = "2020-01-10", **fields: Any) -> Row:
    return {
        "diagnosis_id": local_id,
        "code_system": "ICPC-2",
        "code": "P70",
        "starts_on": dt.date.fromisoformat(day),
        **fields,
    }


def state(present: Records) -> dict[str, pl.DataFrame]:
    """The fingerprints of each type: what the registry holds when all of it is accepted."""
    return {root.name: fingerprint(present, root, KEY) for root in ROOTS}


def changes(
    present: Records, expected: Mapping[str, pl.DataFrame] | None = None, **held: Sequence[str]
) -> dict[str, Changes]:
    """The difference of each type; `held` by type name."""
    known = expected or {}
    return {
        name: compare(
            found,
            known.get(name, NOTHING).select("local_id", "fingerprint"),
            pl.Series(held.get(name, ()), dtype=pl.String),
        )
        for name, found in state(present).items()
    }


def plan(present: Records, found: Mapping[str, Changes], **options: Any) -> Iterator[PlannedMessage]:
    """The plan of these changes on `DAY`; the options are those of `Planner`."""
    versions, limits = pack("ktt_v1"), options.get("limits", DEFAULT_LIMITS)
    every = {root.name: root.empty() for root in ROOTS} | dict(present)
    written = {
        (version.message_type, kind.name): carried(version, kind, every, found, Links())
        for version in versions
        for kind in version.carriers
    }
    ids = {name: one.to_write["local_id"] for (_, name), one in written.items()}
    encoded = encode(every, versions, UNIT, limits, ids)
    return Planner(versions, UNIT, DAY, **options).plan(present, ToSend(found, written, encoded))


def only(message: PlannedMessage) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """What a message says of its one record type: the type, upserts and deletions."""
    (record_type,) = message.record_types
    return record_type, dict(message.upserts.get(record_type, {})), message.deletions.get(record_type, ())
