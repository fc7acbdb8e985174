"""Accept once (slash § 10.2), on both databases: stored before the answer, a resend changes nothing, and the inbox can
be read while it grows without ever skipping a message.
"""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ktt.receiver.accept import NewMessage, accept
from ktt.receiver.commits import Commits
from ktt.receiver.inbox import SqlInbox, sealing_context
from ktt.receiver.tables import SCHEMA
from ktt.storage.database import Database
from support.receiver_world import NOW, OTHER_UNIT, UNIT, VAULT, World, message


@pytest.fixture
def database(any_database_url: str):
    opened = Database.open(any_database_url, SCHEMA)
    yield opened
    opened.close()


def new(name: str, *units: str, content: bytes = b"[1]", kind: str = "KTT_Vedtak") -> NewMessage:
    return NewMessage(
        correlation_id=name,
        units=units or (UNIT.key,),
        message_type=kind,
        version="1",
        msg_hash=content.ljust(32),
        received_at=NOW,
        client_id="client-1",
        supplier=None,
        software="a | b | c | d",
        extracted_on=dt.date(2026, 3, 2),
        payload=VAULT.seal(content, sealing_context(name)),
    )


def take(database: Database, message: NewMessage):
    with database.transaction() as connection:
        return accept(connection, message)


def test_a_message_is_read_back_as_it_came(database: Database):
    take(database, new("c-1", content=b"[1]"))
    (found,) = SqlInbox(database, VAULT).after(0, 10)
    assert (found.position, found.correlation_id, found.unit) == (1, "c-1", UNIT)
    assert (found.message_type, found.version, found.received_at) == ("KTT_Vedtak", "1", NOW)
    assert found.payload == b"[1]"
    assert b"[1]" not in _all_bytes(database), "sealed at rest"


def _all_bytes(database: Database) -> bytes:
    with database.reading() as connection:
        return b"".join(bytes(row[0]) for row in connection.exec_driver_sql("SELECT payload FROM receiver_inbox"))


STORIES = [
    # what comes, one after another              → which receipt each gets
    (["a", "a"], ["1", "1"]),
    (["a", "b", "a"], ["1", "2", "3"]),  # content that returns to an earlier state is a new message
    (["a", "b", "b", "a"], ["1", "2", "2", "4"]),
    (["a", "a other type", "a"], ["1", "2", "3"]),
    (["a", "a other unit", "a"], ["1", "2", "1"]),  # another unit's line is another line
    (["a both units", "a both units"], ["1", "1"]),
    (["a both units", "a"], ["1", "1"]),
    (["a", "a both units"], ["1", "2"]),  # new to the other unit
    (["a both units", "b", "a both units"], ["1", "2", "3"]),
]


@pytest.mark.parametrize(("comes", "receipts"), STORIES)
def test_a_resend_is_equal_to_the_last_accepted_of_its_unit(database: Database, comes: list[str], receipts: list[str]):
    given = []
    for number, what in enumerate(comes, start=1):
        content, *where = what.split(" ", maxsplit=1)
        units = {"other unit": (OTHER_UNIT.key,), "both units": tuple(sorted((UNIT.key, OTHER_UNIT.key)))}
        kind = "KTT_Tjeneste" if where == ["other type"] else "KTT_Vedtak"
        chosen = units.get(where[0] if where else "", (UNIT.key,))
        given.append(take(database, new(str(number), *chosen, content=content.encode(), kind=kind)).correlation_id)
    assert given == receipts
    assert len(SqlInbox(database, VAULT).after(0, 100)) == len(set(receipts))


def test_two_copies_at_once_are_one_message(database: Database):
    start = threading.Barrier(8)

    def post(number: int) -> str:
        start.wait()
        return take(database, new(f"c-{number}")).correlation_id

    with ThreadPoolExecutor(8) as threads:
        receipts = set(threads.map(post, range(8)))
    assert len(receipts) == 1
    assert [found.correlation_id for found in SqlInbox(database, VAULT).after(0, 10)] == list(receipts)


def test_a_reader_never_skips_a_position(database: Database):
    """Four writers, each its own unit, and a reader that always goes on from the highest position it has seen."""
    inbox, seen, most = SqlInbox(database, VAULT), [], 4 * 8
    writing = threading.Event()

    def write(unit: int) -> None:
        for number in range(8):
            take(database, new(f"{unit}-{number}", f"3120000{unit:02}-1114", content=f"{unit}-{number}".encode()))

    def read() -> None:
        while len(seen) < most and not (writing.is_set() and not inbox.after(seen[-1] if seen else 0, 1)):
            seen.extend(found.position for found in inbox.after(seen[-1] if seen else 0, 5))

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    writing.set()
    reader.join()
    assert seen == list(range(1, most + 1))


def test_what_is_rolled_back_leaves_no_hole(database: Database):
    take(database, new("c-1", content=b"a"))
    with database.engine.connect() as connection, connection.begin() as transaction:
        accept(connection, new("c-2", content=b"b"))
        transaction.rollback()
    take(database, new("c-3", content=b"c"))
    assert [found.position for found in SqlInbox(database, VAULT).after(0, 10)] == [1, 2]


def test_writes_of_many_threads_share_transactions_and_harm_each_other_not(database: Database):
    commits = Commits(database)

    def write(number: int) -> str:
        if number % 7 == 3:
            with pytest.raises(ZeroDivisionError):
                commits.run(lambda _connection: 1 // 0)
            return ""
        message = new(f"c-{number}", f"312{number:06}-1114", content=str(number).encode())
        return commits.run(lambda connection: accept(connection, message)).correlation_id

    with ThreadPoolExecutor(16) as threads:
        given = list(threads.map(write, range(70)))
    commits.close()
    found = SqlInbox(database, VAULT).after(0, 100)
    assert sorted(one.correlation_id for one in found) == sorted(name for name in given if name)
    assert [one.position for one in found] == list(range(1, 61))


def test_through_the_door_a_resend_gets_its_first_receipt(tmp_path: Path, any_database_url: str, key_files: Path):
    world = World(tmp_path, any_database_url, key_files=key_files)
    first, again = world.post(), world.post()
    assert (first.status, first.body) == (again.status, again.body)
    assert first.correlation_id == again.correlation_id
    other = world.post(message("KTT_Tjeneste"), message_type="KTT_Tjeneste")
    third = world.post()
    assert len({first.correlation_id, other.correlation_id, third.correlation_id}) == 3
    assert [found.correlation_id for found in world.inbox.after(0, 10)] == [
        first.correlation_id,
        other.correlation_id,
        third.correlation_id,
    ]
    assert world.accepted == 3, "the registry is told of new messages only"
    world.close()
