"""Accept once (transport § 10.2), on both databases: stored before the answer, a resend changes nothing, and the inbox can
be read while it grows without ever skipping a message.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktt.receiver.store import inbox as inbox_module
from ktt.receiver.store import tables
from ktt.receiver.store.acceptance import NewMessage
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.receiver.store.submissions.store import SubmissionStore
from ktt.storage.database import Database
from ktt.storage.errors import SealBroken
from support import effort
from support.receiver_harness import NOW, OTHER_UNIT, UNIT, VAULT, ReceiverHarness, message
from support.receiver_store import StoreHarness


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


def take(store_harness: StoreHarness, *messages: NewMessage):
    """Each accepted after the one before it."""

    async def one_by_one(store: SubmissionStore):
        return [await store.accept(message) for message in messages]

    return store_harness.with_store(one_by_one)


def inbox(store_harness: StoreHarness) -> SqlInbox:
    return SqlInbox(store_harness.database, VAULT)


@pytest.mark.parametrize(
    ("sizes", "limit", "pages"),
    [
        ((), 9, []),
        ((1,) * 5, 2, [[1, 2], [3, 4], [5]]),
        ((40,) * 5, 9, [[1, 2, 3], [4, 5]]),  # two weigh 80 of 100, so that there is room for one more
        ((500, 500, 1, 1), 9, [[1], [2], [3, 4]]),
    ],
)
def test_what_is_read_at_once_is_bounded_by_number_and_weight(store_harness, monkeypatch, sizes, limit, pages):
    monkeypatch.setattr(inbox_module, "_PAGE_BYTES", 100)
    take(store_harness, *(new(f"c-{n}", content=b"%d" % n * size) for n, size in enumerate(sizes, 1)))
    found, position = [], 0
    while page := inbox(store_harness).after(position, limit):
        found.append([one.position for one in page])
        position = page[-1].position
    assert found == pages


def test_a_message_is_read_back_as_it_came(store_harness: StoreHarness):
    take(store_harness, new("c-1", content=b"[1]"))
    (found,) = inbox(store_harness).after(0, 10)
    assert (found.position, found.correlation_id, found.unit) == (1, "c-1", UNIT)
    assert (found.message_type, found.version, found.received_at) == ("KTT_Vedtak", "1", NOW)
    assert found.payload == b"[1]"


def spoil(store_harness: StoreHarness, *positions: int) -> None:
    with store_harness.database.transaction() as connection:
        for position in positions:
            payload = VAULT.seal(b"[1]", "of another row")
            connection.execute(tables.INBOX.update().where(tables.INBOX.c.position == position).values(payload=payload))


def test_content_that_does_not_open_says_so_and_leaves_the_others(store_harness: StoreHarness):
    take(store_harness, *(new(f"c-{n}", content=b"[%d]" % n) for n in (1, 2, 3)))
    spoil(store_harness, 2)
    found = inbox(store_harness).after(0, 10)
    assert [(one.payload, type(one.unopened), one.units) for one in found] == [
        (b"[1]", type(None), (UNIT,)),
        (b"", SealBroken, (UNIT,)),
        (b"[3]", type(None), (UNIT,)),
    ]


def test_when_nothing_opens_the_key_is_another_and_no_message_is_to_blame(store_harness: StoreHarness):
    take(store_harness, new("c-1"), new("c-2", content=b"[2]"))
    spoil(store_harness, 1, 2)
    with pytest.raises(SealBroken):
        inbox(store_harness).after(0, 10)


def test_all_units_of_a_message_are_read_back_without_its_content(store_harness: StoreHarness):
    take(store_harness, new("c-1", UNIT.key, OTHER_UNIT.key), new("c-2", OTHER_UNIT.key, content=b"[2]"))
    found = inbox(store_harness).after(0, 10)
    assert [one.units for one in found] == [(UNIT, OTHER_UNIT), (OTHER_UNIT,)]
    assert [one.unit for one in found] == [UNIT, OTHER_UNIT]


@pytest.mark.parametrize(
    ("district", "kind", "units"),
    [
        ("03", "KTT_Vedtak", ("312000008-1114", "312000563-0301-03")),
        (None, "KTT_Vedtak", ("312000008-1114", "312000563-0301")),
        ("03", "KTT_Ukjent", ("312000008-1114",)),
    ],
    ids=["with a district", "without", "of a type that is not known"],
)
def test_units_of_a_message_from_before_they_were_written_are_read_from_its_content(
    store_harness: StoreHarness, district, kind, units
):
    item = {"orgNr": 312000563.0, "kommuneNr": 301, "bydelNr": district}
    content = json.dumps([{"orgNr": 312000008, "kommuneNr": 1114}, item, item]).encode()
    take(store_harness, new("c-1", UNIT.key, content=content, kind=kind))
    with store_harness.database.transaction() as connection:
        connection.execute(sa.text("UPDATE receiver_receipt SET units = NULL"))
    (found,) = inbox(store_harness).after(0, 10)
    assert tuple(unit.key for unit in found.units) == units
    assert b"[1]" not in _all_bytes(store_harness.database), "sealed at rest"


def _all_bytes(database: Database) -> bytes:
    with database.reading() as connection:
        return b"".join(bytes(row[0]) for row in connection.exec_driver_sql("SELECT payload FROM receiver_inbox"))


STORIES = [
    # what comes, one after another              → which receipt each gets
    (["a", "a"], ["1", "1"]),
    (["a", "b", "a"], ["1", "2", "3"]),  # content that returns to an earlier state is a new message
    (["a", "b", "b", "a"], ["1", "2", "2", "4"]),
    (["a", "a other type", "a"], ["1", "2", "3"]),
    (["a", "a other unit", "a"], ["1", "2", "1"]),  # each unit has a last message of its own
    (["a both units", "a both units"], ["1", "1"]),
    (["a both units", "a"], ["1", "1"]),
    (["a", "a both units"], ["1", "2"]),  # new to the other unit
    (["a both units", "b", "a both units"], ["1", "2", "3"]),
]
BOTH = tuple(sorted((UNIT.key, OTHER_UNIT.key)))


@pytest.mark.parametrize(("comes", "receipts"), STORIES)
def test_a_resend_is_equal_to_the_last_accepted_of_its_unit(
    store_harness: StoreHarness, comes: list[str], receipts: list[str]
):
    messages = []
    for number, what in enumerate(comes, start=1):
        content, *where = what.split(" ", maxsplit=1)
        units = {"other unit": (OTHER_UNIT.key,), "both units": BOTH}
        kind = "KTT_Tjeneste" if where == ["other type"] else "KTT_Vedtak"
        chosen = units.get(where[0] if where else "", (UNIT.key,))
        messages.append(new(str(number), *chosen, content=content.encode(), kind=kind))
    assert [receipt.correlation_id for receipt in take(store_harness, *messages)] == receipts
    assert len(inbox(store_harness).after(0, 100)) == len(set(receipts))


UNITS = tuple(f"3120000{number:02}-1114" for number in range(3))
ASKED = st.tuples(st.sampled_from(["a", "b"]), st.sets(st.sampled_from(UNITS), min_size=1).map(sorted))


@given(st.lists(st.lists(ASKED, min_size=1, max_size=6), max_size=5))
@settings(max_examples=effort.ACCEPTANCE, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_together_is_accepted_as_if_it_came_one_by_one(store_harness: StoreHarness, bursts):
    """The naive second implementation is four lines: the last content of each unit, and its receipt."""
    _empty(store_harness.database)

    async def all_bursts(store: SubmissionStore):
        found, number = [], 0
        for burst in bursts:
            messages = []
            for content, units in burst:
                number += 1
                messages.append(new(f"m-{number}", *units, content=content.encode()))
            receipts = await asyncio.gather(*(store.accept(message) for message in messages))
            found += zip(messages, receipts, strict=True)
        return found

    # A burst has no order of its own but between messages of one unit, which the positions tell.
    found = store_harness.with_store(all_bursts)
    stored = sorted((receipt.position, message) for message, receipt in found if not receipt.resent)
    assert [position for position, _ in stored] == list(range(1, len(stored) + 1)), "no hole, no double"
    last: dict[str, tuple[bytes, int]] = {}
    for asked, receipt in sorted(found, key=lambda pair: (pair[1].position, pair[1].resent)):
        if receipt.resent:
            assert all(last[unit] == (asked.msg_hash, receipt.position) for unit in asked.units)
        else:
            assert len({last.get(unit) for unit in asked.units}) > 1 or (
                last.get(asked.units[0], (None, 0))[0] != asked.msg_hash
            )
            last |= dict.fromkeys(asked.units, (asked.msg_hash, receipt.position))


def _empty(database: Database) -> None:
    with database.transaction() as connection:
        for table in ("receipt", "inbox", "line"):
            connection.exec_driver_sql(f"DELETE FROM receiver_{table}")
        connection.exec_driver_sql("UPDATE receiver_position SET last = 0")


def test_two_copies_at_once_are_one_message(store_harness: StoreHarness):
    async def post(number: int, store: SubmissionStore) -> str:
        return (await store.accept(new(f"c-{number}"))).correlation_id

    receipts = set(store_harness.at_once(8, post))
    assert len(receipts) == 1
    assert [found.correlation_id for found in inbox(store_harness).after(0, 10)] == list(receipts)


def test_a_reader_never_skips_a_position(store_harness: StoreHarness):
    """Four writers, each its own unit, and a reader that always goes on from the highest position it has seen."""
    seen, most = [], 4 * 8
    writing = threading.Event()

    async def write(unit: int, store: SubmissionStore) -> None:
        for number in range(8):
            await store.accept(new(f"{unit}-{number}", UNITS[0][:7] + f"{unit:02}-1114", content=f"{number}".encode()))

    def read() -> None:
        while len(seen) < most and not (
            writing.is_set() and not inbox(store_harness).after(seen[-1] if seen else 0, 1)
        ):
            seen.extend(found.position for found in inbox(store_harness).after(seen[-1] if seen else 0, 5))

    reader = threading.Thread(target=read)
    reader.start()
    store_harness.at_once(4, write)
    writing.set()
    reader.join()
    assert seen == list(range(1, most + 1))


def test_one_bad_write_harms_no_other(store_harness: StoreHarness):
    """The seventh has a name that is taken: the group fails, each is tried alone, and only that one hears of it."""
    take(store_harness, new("taken", UNITS[2], content=b"first"))

    async def burst(store: SubmissionStore):
        names = [f"c-{number}" if number % 7 != 3 else "taken" for number in range(28)]
        messages = [new(name, f"312{n:06}-1114", content=str(n).encode()) for n, name in enumerate(names)]
        return await asyncio.gather(*map(store.accept, messages), return_exceptions=True)

    given = store_harness.with_store(burst)
    failed = [n for n, one in enumerate(given) if isinstance(one, Exception)]
    assert failed == [3, 10, 17, 24]
    found = inbox(store_harness).after(0, 100)
    assert [one.position for one in found] == list(range(1, 26))
    assert sorted(one.correlation_id for one in found) == sorted(
        ["taken", *(one.correlation_id for one in given if not isinstance(one, Exception))]
    )


@pytest.mark.postgres
def test_a_server_that_hangs_up_is_asked_anew(postgres_url: str):
    """Every connection is cut between two messages: the second is refused or stored, never lost, and the third goes."""
    store_harness = StoreHarness(postgres_url, "PostgresBackend")

    async def cut_off(store: SubmissionStore):
        first = await store.accept(new("c-1", content=b"a"))
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        second = await asyncio.gather(store.accept(new("c-2", content=b"b")), return_exceptions=True)
        third = await store.accept(new("c-3", content=b"b"))
        return first, second[0], third

    first, second, third = store_harness.with_store(cut_off)
    assert type(second).__name__ == "NotStored"
    assert (first.position, third.position) == (1, 2)
    store_harness.close()


def test_a_resend_by_http_gets_its_first_receipt(tmp_path: Path, any_database_url: str, key_files: Path):
    receiver = ReceiverHarness(tmp_path, any_database_url, key_files=key_files)
    first, again = receiver.post(), receiver.post()
    assert (first.status, first.body) == (again.status, again.body)
    assert first.correlation_id == again.correlation_id
    other = receiver.post(message("KTT_Tjeneste"), message_type="KTT_Tjeneste")
    third = receiver.post()
    assert len({first.correlation_id, other.correlation_id, third.correlation_id}) == 3
    assert [found.correlation_id for found in receiver.inbox.after(0, 10)] == [
        first.correlation_id,
        other.correlation_id,
        third.correlation_id,
    ]
    assert receiver.accepted == 3, "the registry is told of new messages only"
    receiver.close()


def test_content_is_compressed_and_comes_back_whole(fresh: ReceiverHarness):
    """What is stored is smaller than what came, and what was stored without compression is still read."""
    content = message("KTT_Tjeneste")
    assert fresh.post(content, message_type="KTT_Tjeneste").status == 200
    assert len(_all_bytes(fresh.database)) < len(content)
    assert [found.payload for found in fresh.inbox.after(0, 10)] == [content]
