"""A store of an earlier release, opened by today's program: brought up to date, and nothing is lost, sent again or doubled.

The store is made by the first revision of every schema, as it was released (`tests/stores/storage/test_revisions.py` sees to that
none of them changes), and filled with what a real load and a day left, in the columns that it then had.
"""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

import ktt.sender
from ktt.sender.binding.sql.tables import SCHEMA as BINDING
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.storage.database import Database
from support.sender_epj import UNIT
from support.whole_road import whole_road

FIRST = "0001"
FROM_THE_BEGINNING = {"outbox", "findings"}


def schemas():
    """Every schema of the sender's, wherever one is declared."""
    modules = pkgutil.walk_packages(ktt.sender.__path__, "ktt.sender.")
    found = [importlib.import_module(each.name) for each in modules if each.name.endswith(".tables")]
    return [module.SCHEMA for module in found if hasattr(module, "SCHEMA")]


def heads(store):
    with closing(sqlite3.connect(store)) as database:
        names = [
            row[0]
            for row in database.execute("SELECT name FROM sqlite_master WHERE name LIKE '%\\_version' ESCAPE '\\'")
        ]
        return {name: database.execute(f"SELECT version_num FROM {name}").fetchone()[0] for name in names}


def columns(database, schema, table):
    return [row[1] for row in database.execute(f"PRAGMA {schema}.table_info({table})")]


def put_back_in_time(store, roles):
    """Replace the store by one that the first revisions of these roles made, with what fits in its columns."""
    old = store.with_name("old.sqlite")
    Database.open(f"sqlite:///{old}", *(replace(each, head=FIRST) for each in schemas() if each.role in roles)).close()
    with closing(sqlite3.connect(old, isolation_level=None)) as database:
        database.execute("ATTACH ? AS now", (str(store),))
        tables = [row[0] for row in database.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        kept = 0
        for table in tables:
            if not table.endswith("_version") and not table.startswith("sqlite_"):
                names = ", ".join(columns(database, "main", table))
                kept += database.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM now.{table}").rowcount
    for path in store.parent.glob(f"{store.name}*"):
        if path.suffix != ".witness" or BINDING.role not in roles:  # a release that did not bind kept no witness
            path.unlink()
    old.rename(store)
    return kept


@pytest.fixture
def road(tmp_path, clock):
    with whole_road(tmp_path, clock, persons=4) as road:
        road.desk.load().check()
        road.pass_days()
        road.epj.service("T8", "P0", road.today)
        road.desk.daily().check()
        assert road.differences() == set()
        yield road


def accepted(road):
    return [(message.message_type, message.payload) for message in road.receiver.inbox.after(0, 1000)]


@pytest.mark.parametrize(
    "roles", [{each.role for each in schemas()}, FROM_THE_BEGINNING], ids=["every role", "the first"]
)
def test_an_earlier_store_goes_on_where_it_was(road, roles):
    before = accepted(road)
    assert put_back_in_time(road.desk.store, roles) > 20
    assert set(heads(road.desk.store).values()) == {FIRST}

    road.pass_days()
    quiet = road.desk.daily()
    quiet.check()
    assert (quiet.messages, quiet.changes) == (0, 0)
    assert heads(road.desk.store) == {f"{each.role}_version": each.head for each in schemas()}

    road.pass_days()
    road.epj.service("T9", "P1", road.today)
    road.epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    changed = road.desk.daily()
    changed.check()
    assert (changed.types["care_service"].new, changed.types["care_service"].gone, changed.changes) == (1, 1, 2)
    assert accepted(road)[: len(before)] == before
    assert len(accepted(road)) == len(before) + changed.messages
    assert road.differences() == set()
    with road.desk.sender() as sender:
        assert verify_receipts(UNIT, sender.outbox.receipts(UNIT)) == len(accepted(road))
