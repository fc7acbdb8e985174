"""The promises of the open findings, tested on their three implementations: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.rules.open_findings import diff_findings
from ktt.sender.findings.store import HISTORY_SCHEMA, ValidationRun
from ktt.sender.findings.tables import FINDING, HISTORY, RUN, SCHEMA
from ktt.storage.database import Database
from support import effort
from support.finding_histories import finding, found, open_store, sql_findings
from support.memory_findings import MemoryFindings
from support.outbox_queues import OTHER, UNIT
from support.settable_clock import SettableClock

MONDAY, A_DAY = dt.date(2026, 3, 2), dt.timedelta(days=1)
A, B, C = finding("KTT-DATO-03"), finding("KTT-DATO-03", "T-2"), finding("KTT-SRC-F01", None, "17X", consequence=9)


@pytest.fixture(scope="module")
def shared_postgres_url(_postgres_server):
    from support.postgres import fresh_database

    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request, clock):
    urls = {"sqlite": "sqlite_url", "postgresql": "shared_postgres_url"}
    url = request.getfixturevalue(urls[request.param]) if request.param in urls else None
    with open_store(request.param, url, clock) as opened:
        yield opened


def validated(store, day, *findings, unit=UNIT, without=None):
    """A run of a day; `without` leaves findings of that rule out."""
    before = store.still_open(unit)
    asked = before if without is None else before.filter(pl.col("rule") != without)
    on = MONDAY + day * A_DAY
    return store.record(unit, ValidationRun("daily", on, "2026.1"), diff_findings(asked, found(*findings)))


def history(frame):
    return frame.select("number", "rule", "local_id", "opened_run", "seen_run", "closed_run").rows()


def test_a_finding_is_opened_seen_again_and_closed_by_runs(store, clock):
    validated(store, 0, A, B)
    clock.advance(A_DAY)
    validated(store, 1, B, C)
    assert history(store.still_open(UNIT)) == [
        (2, "KTT-DATO-03", "T-2", 1, 2, None),
        (3, "KTT-SRC-F01", None, 2, 2, None),
    ]
    (closed,) = store.closed(UNIT, MONDAY).iter_rows(named=True)
    assert (closed["number"], closed["opened_on"], closed["seen_on"]) == (1, MONDAY, MONDAY)
    assert (closed["closed_on"], closed["closed_run"], closed["closed_at"]) == (dt.date(2026, 3, 3), 2, clock.now())
    assert closed["opened_at"] == closed["seen_at"] == clock.now() - A_DAY


def test_the_stored_columns(store):
    validated(store, 0, A, C)
    kept = store.still_open(UNIT)
    assert dict(kept.schema) == HISTORY_SCHEMA
    assert kept.select("part_id", "fields", "consequence", "cause").rows() == [
        (None, ["starts_on"], 2, "registration"),
        ("17X", ["starts_on"], 9, "registration"),
    ]


def test_a_finding_that_returns_is_a_new_one_and_the_closed_stays_as_it_was(store):
    for day, findings in enumerate([[A], [], [A], []]):
        validated(store, day, *findings)
    assert history(store.closed(UNIT, MONDAY)) == [
        (1, "KTT-DATO-03", "T-1", 1, 1, 2),
        (2, "KTT-DATO-03", "T-1", 3, 3, 4),
    ]
    assert history(store.closed(UNIT, MONDAY + 2 * A_DAY)) == [(2, "KTT-DATO-03", "T-1", 3, 3, 4)]
    assert store.still_open(UNIT).is_empty()


def test_a_milder_rule_makes_an_open_finding_milder(store):
    validated(store, 0, A)
    validated(store, 1, A | {"consequence": 9, "cause": "extraction"})
    assert store.still_open(UNIT).select("consequence", "cause", "opened_run").rows() == [(9, "extraction", 1)]


def test_what_was_not_validated_is_left_as_it_was(store):
    validated(store, 0, A, C)
    validated(store, 1, without=A["rule"])
    assert history(store.still_open(UNIT)) == [(1, "KTT-DATO-03", "T-1", 1, 1, None)]


def test_each_unit_has_its_own(store):
    validated(store, 0, A)
    validated(store, 0, B, C, unit=OTHER)
    assert [row[0] for row in history(store.still_open(OTHER))] == [1, 2]
    validated(store, 1, unit=OTHER)
    assert history(store.still_open(UNIT)) == [(1, "KTT-DATO-03", "T-1", 1, 1, None)]


def test_the_last_run_is_known_also_when_it_found_nothing(store, clock):
    assert store.last_run(UNIT) is None
    validated(store, 0, A)
    validated(store, 1)
    run = store.last_run(UNIT)
    assert (run.number, run.kind, run.extracted_on, run.rule_set) == (2, "daily", dt.date(2026, 3, 3), "2026.1")
    assert run.at == clock.now()
    assert store.last_run(OTHER) is None


def test_a_finding_is_never_open_twice(any_database_url, clock):
    with sql_findings(any_database_url, clock) as store:
        stale = diff_findings(store.still_open(UNIT), found(A))
        store.record(UNIT, ValidationRun("daily", MONDAY, "2026.1"), stale)
        with pytest.raises(sa.exc.IntegrityError):
            store.record(UNIT, ValidationRun("daily", MONDAY, "2026.1"), stale)
        assert store.still_open(UNIT).height == 1
        assert store.last_run(UNIT).number == 1  # wholly or not at all


def test_the_migrations_make_the_tables_that_the_code_knows(any_database_url):
    database = Database.open(any_database_url, SCHEMA)
    inspector = sa.inspect(database.engine)
    for table in (RUN, FINDING, HISTORY):
        made = [column["name"] for column in inspector.get_columns(table.name)]
        assert made == [column.name for column in table.columns]
    database.close()


def test_open_findings_are_found_by_their_index(sqlite_url, clock):
    with sql_findings(sqlite_url, clock) as store, store._database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM finding_story WHERE unit = 'u' AND closed_run IS NULL"
        ).all()
    steps = [step[-1] for step in plan]
    assert not any(step.startswith("SCAN") for step in steps), steps


findings = st.builds(
    finding, st.sampled_from(["R-1", "R-2"]), st.sampled_from(["T-1", "T-2", None]), st.sampled_from([None, "x"])
)


@settings(max_examples=effort.OPEN_FINDINGS)
@given(st.lists(st.lists(findings, max_size=6), max_size=5))
def test_sqlite_gives_the_same_histories_as_memory(tmp_path_factory, days):
    clock = SettableClock(dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC))
    model = MemoryFindings(clock)
    with sql_findings(f"sqlite:///{tmp_path_factory.mktemp('histories') / 'f.sqlite'}", clock) as store:
        for day, this in enumerate(days):
            clock.advance(A_DAY)
            assert validated(store, day, *this) == validated(model, day, *this)
        assert store.still_open(UNIT).equals(model.still_open(UNIT))
        assert store.closed(UNIT, MONDAY).equals(model.closed(UNIT, MONDAY))
