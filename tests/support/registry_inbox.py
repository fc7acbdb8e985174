"""Messages as the receiver would hand them over, and a registry written the naive way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import ALL_TYPES, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.messages.register import find
from ktt.registry import Registry
from ktt.registry.tables import AUDIT_HEAD, INGEST_POSITION, LAYOUTS, METADATA, STAGED

UNIT = ReportingUnit("312000008", "1114")
OTHER = ReportingUnit("312000563", "0301", "03")
START = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
NUMBERS = {"1": "08844110015", "2": "30893415269", "3": "23915820158"}  # synthetic: month + 80
TYPES = {
    "decision": "KTT_Vedtak",
    "care_service": "KTT_Tjeneste",
    "circumstances": "KTT_Personopplysninger",
    "assessment": "KTT_Funksjonsvurdering",
    "diagnosis": "KTT_Diagnose",
}
STORED = [table for table in METADATA.sorted_tables if table is not STAGED]
"""The tables of the registry that stay."""


def begin_anew(connection: Connection) -> None:
    """Empty every table; those of one row are as they were made."""
    for table in STORED:
        connection.execute(sa.delete(table))
    connection.execute(sa.insert(INGEST_POSITION).values(position=0))
    connection.execute(sa.insert(AUDIT_HEAD).values(number=0, hash=""))


def frames(**rows: list[dict[str, object]]) -> Records:
    """Frames by record type name from plain rows; what a row does not name is empty."""
    return {
        name: ALL_TYPES[name].conform(pl.DataFrame(given, infer_schema_length=None)) for name, given in rows.items()
    }


def recipient(person: str, number: str | None = "", died_on: dt.date | None = None) -> dict[str, object]:
    """A recipient's row; its number is the one above unless given."""
    known = NUMBERS[person] if number == "" else number
    return {
        "local_person_id": person,
        "person_number": known,
        "person_number_kind": known and "national",
        "died_on": died_on,
    }


def service(name: str, person: str = "1", service_type: str = "15", **more: object) -> dict[str, object]:
    """A care service's row."""
    given = {"service_id": name, "local_person_id": person, "service_type": service_type}
    return {"starts_on": dt.date(2026, 1, 12), "recorded_at": START, "decision_id": "V-1", **given, **more}


def services(
    *rows: dict[str, object], people: Sequence[dict[str, object]] = (), **parts: list[dict[str, object]]
) -> Records:
    """Care services with parts, and the persons they are about (as `recipient` has them, unless given)."""
    wanted = {str(row["local_person_id"]) for row in rows} - {str(row["local_person_id"]) for row in people}
    return frames(care_service=list(rows), recipient=[*people, *(recipient(name) for name in sorted(wanted))], **parts)


def a_decision() -> Records:
    """One decision with two lines and an appeal, every kind of column filled."""
    return frames(
        recipient=[recipient("1")],
        decision=[
            {
                "decision_id": "V-1",
                "local_person_id": "1",
                "decision_number": 2,
                "original_decision_id": "V-0",
                "case_id": 'S "1" \\ æøå',
                "applied_on": dt.date(2025, 12, 1),
                "decided_on": dt.date(2026, 1, 5),
                "recorded_at": START,
                "home_municipality": "0301",
            }
        ],
        decision_line=[
            {
                "decision_id": "V-1",
                "service_id": f"T-{n}",
                "service_type": "15",
                "outcome": "2",
                "hours_per_week": Decimal(hours),
                "starts_on": dt.date(2026, 1, 12),
            }
            for n, hours in ((2, "35.5"), (1, "0.25"))
        ],
        appeal=[{"decision_id": "V-1", "received_on": dt.date(2026, 1, 20)}],
    )


def message(
    position: int,
    records: Records | None = None,
    deletions: Sequence[str] = (),
    *,
    record_type: str = "care_service",
    unit: ReportingUnit = UNIT,
    at: dt.datetime | None = None,
) -> AcceptedMessage:
    """An accepted message, written by the real pack; received `position` minutes after START unless `at` is given."""
    version = find(TYPES[record_type], "1")
    encoded = version.encode(unit, records) if records else []
    return AcceptedMessage(
        position=position,
        correlation_id=f"correlation-{position}",
        units=(unit,),
        message_type=version.message_type,
        version=version.version,
        received_at=at or minute(position),
        payload=version.assemble(unit, {record_type: deletions}, encoded),
    )


def spoiled(original: AcceptedMessage, payload: bytes = b'[{"orgNr": 1}]') -> AcceptedMessage:
    """The same message with content that does not fit."""
    return dataclasses.replace(original, payload=payload)


def shared(position: int, *parts: tuple[ReportingUnit, Records]) -> AcceptedMessage:
    """One message about several units, in the order given."""
    each = [message(position, records, unit=unit) for unit, records in parts]
    items = [item for part in each for item in json.loads(part.payload)]
    return dataclasses.replace(each[0], units=tuple(unit for unit, _ in parts), payload=json.dumps(items).encode())


def forget(registry: Registry) -> None:
    """Empty the registry of all that it holds, but not of how far it has read: so that a test begins with nothing."""
    with registry._database.transaction() as connection:
        for layout in LAYOUTS.values():
            connection.execute(layout.current.delete())
            connection.execute(layout.history.delete())


class ListInbox:
    """An inbox that is a list."""

    def __init__(self, *messages: AcceptedMessage) -> None:
        self.messages = list(messages)

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        return [m for m in self.messages if m.position > position][:limit]


Line = tuple[str, int, str | None, int, int | None]


def minute(n: int) -> dt.datetime:
    """So many minutes after START, when message number `n` is received."""
    return START + dt.timedelta(minutes=n)


def lines(registry: Registry, unit: ReportingUnit = UNIT) -> list[Line]:
    """(id, version, service type or None when deleted, known from and to in minutes) of every version of care services."""
    rows = registry.versions(unit, "care_service").to_dicts()
    return [(row["service_id"], row["version"], row["service_type"], *_known(row)) for row in rows]


def _known(row: dict[str, dt.datetime | None]) -> tuple[int | None, ...]:
    return tuple(at and int((at - START).total_seconds() // 60) for at in (row["known_from"], row["known_to"]))
