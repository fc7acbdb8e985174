"""The database: what is committed stays, what fails leaves nothing, and a lock dies with its holder."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from ktt.storage.database import Database
from ktt.storage.errors import AddressWrong, DatabaseUnavailable

PERSON = "41815012345"


@pytest.fixture
def database(any_database_url):
    opened = Database.open(any_database_url)
    with opened.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    yield opened
    opened.close()


def insert(connection, n):
    connection.execute(sa.text("INSERT INTO t VALUES (:n)"), {"n": n})


def count(connection):
    return connection.scalar(sa.text("SELECT count(*) FROM t"))


def test_what_ends_well_is_kept_for_the_next_who_opens(database, any_database_url):
    with database.transaction() as connection:
        insert(connection, 1)
    database.close()
    again = Database.open(any_database_url)
    with again.reading() as connection:
        assert count(connection) == 1
    again.close()


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_what_fails_leaves_nothing(database, fault):
    def fails():
        with database.transaction() as connection:
            insert(connection, 1)
            raise fault

    with pytest.raises(fault):
        fails()
    with database.reading() as connection:
        assert count(connection) == 0


def test_a_reader_sees_one_picture_and_is_never_in_a_writers_way(database):
    with database.reading() as reader:
        assert count(reader) == 0
        with database.transaction() as writer:
            insert(writer, 1)
        assert count(reader) == 0
    with database.reading() as reader:
        assert count(reader) == 1


@pytest.mark.postgres
def test_a_reader_cannot_write_on_postgresql(postgres_url):
    database = Database.open(postgres_url)
    with pytest.raises(sa.exc.InternalError, match="read-only"), database.reading() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
    database.close()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous", 2),  # FULL: a commit is on the disk before it is answered
        ("foreign_keys", 1),
        ("journal_mode", "wal"),
        ("busy_timeout", 30_000),
    ],
)
def test_how_sqlite_is_set_up(sqlite_url, setting, value):
    database = Database.open(sqlite_url)
    for begun in (database.transaction, database.reading):
        with begun() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value
    database.close()


def test_writers_take_turns(database):
    def add():
        with database.transaction() as connection:
            if database.dialect == "postgresql":
                connection.execute(sa.text("LOCK TABLE t"))
            insert(connection, count(connection) + 1)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert count(connection) == 8


def test_a_lock_is_held_by_one_and_free_afterwards(database, any_database_url):
    other = Database.open(any_database_url)
    with database.exclusive("line/312000008-1114") as first, other.exclusive("line/312000008-1114") as second:
        assert (first, second) == (True, False)
        with other.exclusive("line/312000009-1114") as another:
            assert another
    with other.exclusive("line/312000008-1114") as second:
        assert second
    other.close()


def test_a_lock_is_free_after_a_fault(database):
    def fails():
        with database.exclusive("line"):
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with database.exclusive("line") as held:
        assert held


HOLDER = """
import sys
from ktt.storage.database import Database
with Database.open(sys.argv[1]).exclusive("line") as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def test_a_lock_dies_with_the_process_that_held_it(database, any_database_url):
    run = [sys.executable, "-c", HOLDER, any_database_url]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        with database.exclusive("line") as held:
            assert not held
        holder.kill()
        holder.wait()
        assert _free(database)


def _free(database):
    for _ in range(200):  # PostgreSQL notices a dead client when it next looks at the socket
        with database.exclusive("line") as held:
            if held:
                return True
        threading.Event().wait(0.02)
    return False


def test_a_fault_shows_no_values(database):
    with pytest.raises(sa.exc.DBAPIError) as caught, database.transaction() as connection:
        connection.execute(sa.text("INSERT INTO nosuch VALUES (:n)"), {"n": PERSON})
    assert PERSON not in str(caught.value)


def test_an_sqlite_file_is_its_owners_alone(sqlite_url, tmp_path):
    database = Database.open(sqlite_url)
    with database.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE t (n INTEGER)"))
    with database.exclusive("line"):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize(
    "address", ["", "nonsense", "mysql://host/base", "sqlite://", "sqlite:///:memory:", "postgresql://host"]
)
def test_an_address_that_is_none_is_a_known_fault(address):
    with pytest.raises(AddressWrong):
        Database.open(address)


def test_a_folder_is_not_a_database(tmp_path):
    with pytest.raises(DatabaseUnavailable):
        Database.open(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_a_known_fault(tmp_path):
    (tmp_path / "letter.txt").write_text("Kjære Kari, " * 100)
    database = Database.open(f"sqlite:///{tmp_path / 'letter.txt'}")
    with pytest.raises(DatabaseUnavailable, match="SQLITE_NOTADB"), database.transaction():
        pass
    database.close()


def test_a_server_that_does_not_answer_is_a_known_fault_without_the_password(tmp_path):
    database = Database.open(f"postgresql://ktt:secret@/base?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable) as caught, database.reading():
        pass
    assert "secret" not in f"{caught.value} {caught.value.says()}"
    database.close()
