"""`ktt registry verify` over a nation of twenty units: silent when nothing is wrong, and each of ten planted inconsistencies
by its name and no other, on SQLite and PostgreSQL.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from support.postgres import fresh_database
from support.registry_commands import accepted, ask, registry_in
from support.registry_inbox import (
    STORED,
    a_decision,
    begin_anew,
    message,
    minute,
    recipient,
    service,
    services,
    spoiled,
)
from support.small_nation import UNITS

NATION = [*UNITS, ReportingUnit("312000563", "0301", "03")]
ONE = f"unit = '{NATION[4].key}'"
NEXT = "(SELECT max(n.known_to) FROM care_service_history n)"
PLANTED = {
    "overlap": f"UPDATE care_service_history SET known_to = {NEXT} WHERE version = 1 AND {ONE}",
    "numbers": f"UPDATE care_service_current SET version = 9 WHERE service_id = 'T-1' AND {ONE}",
    "deletion": f"UPDATE care_service_current SET service_type = '15' WHERE service_id = 'T-2' AND {ONE}",
    "fingerprint": f"UPDATE care_service_current SET starts_on = '2026-01-11' WHERE service_id = 'T-1' AND {ONE}",
    "message": f"UPDATE ingested_unit SET unit = '{NATION[5].key}' WHERE position = (SELECT max(position) FROM "
    f"ingested_unit WHERE {ONE})",
    "person": f"DELETE FROM recipient_current WHERE local_person_id = '2' AND {ONE}",
    "identity": "INSERT INTO identity VALUES ('00', 'national', 'x')",
    "journal": f"UPDATE ingested_message SET changed = 7 WHERE changed = 2 AND {ONE}",
    "months": f"UPDATE month_records SET records = records + 1 WHERE record_type = 'decision' AND {ONE}",
    "audit": "UPDATE audit_head SET number = 1",
    "waiting": f"INSERT INTO waiting_message VALUES (1, '{NATION[0].key}')",
}
ALSO = {"message": {"journal"}}
"""What follows from a planted one: a message that no unit has is no message of the journal's unit either."""


def sent_by(unit, first):
    """Six messages of a unit: new, changed twice, deleted, a person without number, a decision."""
    told = [
        message(first, services(service("T-1"), service("T-2")), unit=unit),
        message(first + 1, services(service("T-1", service_type="18")), unit=unit),
        message(first + 2, services(service("T-1", service_type="6")), unit=unit),
        message(first + 3, deletions=["T-2"], unit=unit),
        message(first + 4, services(service("T-3", "2"), people=[recipient("2", None)]), unit=unit),
    ]
    return [*told, message(first + 5, a_decision(), record_type="decision", unit=unit)]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def nation(request, tmp_path_factory):
    """The folder of its receiver, and the rows of each of its registry's tables."""
    folder = tmp_path_factory.mktemp("nation")
    messages = [one for place, unit in enumerate(NATION) for one in sent_by(unit, 6 * place + 1)]
    last = spoiled(message(len(messages) + 1, services(service("T-9")), unit=NATION[1], at=minute(999)))
    if request.param == "sqlite":
        yield made(folder, [*messages, last])
        return
    with fresh_database(request.getfixturevalue("_postgres_server")) as url:
        yield made(folder, [*messages, last], url)


def made(folder, messages, url=None):
    accepted(folder, *messages, database_url=url)
    with registry_in(folder) as registry, registry.reading() as connection:
        return folder, {
            table: [dict(row) for row in connection.execute(sa.select(table)).mappings()] for table in STORED
        }


@pytest.fixture
def plant(nation):
    """Run a statement in the registry; what it did is undone afterwards."""
    folder, rows = nation
    with registry_in(folder) as registry:

        def statement(text):
            with registry._database.transaction() as connection:
                assert connection.execute(sa.text(text)).rowcount

        yield statement
        with registry._database.transaction() as connection:
            begin_anew(connection)
            for table, each in rows.items():
                connection.execute(sa.delete(table))
                if each:
                    connection.execute(sa.insert(table), each)


def verify(nation, capfd, *more, code=0):
    capfd.readouterr()
    return ask(capfd, "verify", "--config", nation[0] / "mottak.toml", *more, code=code)


def test_a_clean_nation_says_nothing(nation, capfd):
    answer = verify(nation, capfd, "--messages")
    assert (answer["holds"], answer["places"], answer["counts"]) == (True, [], {})
    assert (len(NATION), answer["messages"], answer["recomputed_units"]) == (20, 120, 20)


@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_inconsistency_is_found_and_nothing_else(nation, plant, capfd, check):
    plant(PLANTED[check])
    answer = verify(nation, capfd, code=4)
    assert set(answer["counts"]) == {check} | ALSO.get(check, set())
    assert {one["check"] for one in answer["places"]} == set(answer["counts"])
