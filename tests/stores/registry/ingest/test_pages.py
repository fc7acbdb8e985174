"""A page of messages is decoded together, and where pages end makes no difference to what the registry holds."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.registry import state, store
from ktt.registry.columns import looking_up_keys, stage, writing
from ktt.registry.ingest import page_parser, page_reader
from ktt.registry.tables import LAYOUTS, STAGED
from ktt.registry.two_clocks import NOW
from support.registry_content import content, empty
from support.registry_inbox import (
    OTHER,
    UNIT,
    ListInbox,
    a_decision,
    lines,
    message,
    service,
    services,
    shared,
)
from support.synthetic_messages import THIRD, synthetic_messages
from support.unreadable_messages import FAULTS


@pytest.mark.parametrize("seed", range(3))
def test_where_pages_end_makes_no_difference(open_registry, monkeypatch, seed):
    inbox = ListInbox(*synthetic_messages(seed, 60))
    registry = open_registry()
    report, together = registry.ingest(inbox), content(registry)
    assert report.set_aside, "some cannot be read"
    assert any(rows for name, rows in together.items() if name.endswith("_history"))
    for most in (1, 7):
        empty(registry)
        monkeypatch.setattr(page_reader, "_PAGE_MOST", most)
        again = registry.ingest(inbox)
        assert content(registry) == together
        assert (again.messages, again.records, again.changed, again.deleted) == (
            report.messages,
            report.records,
            report.changed,
            report.deleted,
        )


@pytest.mark.parametrize("weight", [1, 3_000])
def test_nor_does_how_much_is_decoded_at_once(open_registry, monkeypatch, weight):
    inbox, registry = ListInbox(*synthetic_messages(4, 60)), open_registry()
    registry.ingest(inbox)
    together = content(registry)
    empty(registry)
    monkeypatch.setattr(page_parser, "_TOGETHER_BYTES", weight)
    registry.ingest(inbox)
    assert content(registry) == together


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [1, 9, 20])
def test_one_bad_message_of_a_page_stops_its_unit_alone(registry, fault, at):
    """Units take turns; of the one whose message is bad, those before it are stored and those after it wait."""
    units = (UNIT, OTHER, THIRD)
    messages = [message(n, services(service(f"T-{n}")), unit=units[n % 3]) for n in range(1, 21)]
    messages[at - 1] = FAULTS[fault](messages[at - 1])
    report = registry.ingest(ListInbox(*messages))
    assert [(one.unit, one.position) for one in report.set_aside] == [(units[at % 3].key, at)]
    for nth, unit in enumerate(units):
        stored = {f"T-{n}" for n in range(1, 21) if n % 3 == nth and (unit != units[at % 3] or n < at)}
        assert {line[0] for line in lines(registry, unit)} == stored
    (held,) = registry.held()
    assert held.messages == sum(1 for n in range(at, 21) if n % 3 == at % 3)


def test_several_bad_messages_are_each_found(registry):
    units = [ReportingUnit("312000008", f"{n}") for n in range(1101, 1117)]
    messages = [message(n, services(service("T-1")), unit=unit) for n, unit in enumerate(units, 1)]
    bad = dict(zip((2, 3, 8, 16, 11, 5), FAULTS.values(), strict=True))
    for n, spoil in bad.items():
        messages[n - 1] = spoil(messages[n - 1])
    report = registry.ingest(ListInbox(*messages))
    assert [one.position for one in report.set_aside] == sorted(bad)
    assert report.messages == 10


def test_a_bad_message_costs_a_few_frames_more_and_not_one_for_each_message(registry, monkeypatch):
    asked = []
    version = page_parser._Decoder._decode
    monkeypatch.setattr(
        page_parser._Decoder, "_decode", lambda self, *given: asked.append(len(given[1])) or version(self, *given)
    )
    messages = [message(n, services(service(f"T-{n}")), unit=OTHER) for n in range(1, 65)]
    messages[40] = FAULTS["a day that is none"](messages[40])
    registry.ingest(ListInbox(*messages))
    assert len(asked) == 1 + 2 * 6


def test_a_unit_that_is_twice_in_a_message_and_two_units_and_two_types(registry):
    records = services(service("T-1"))
    inbox = ListInbox(
        shared(1, (UNIT, records), (OTHER, records), (UNIT, services(service("T-2")))),
        message(2, a_decision(), record_type="decision"),
        shared(3, (OTHER, services(service("T-1", service_type="18"))), (UNIT, services(service("T-3")))),
    )
    report = registry.ingest(inbox)
    assert (report.messages, report.records) == (3, 6)
    assert lines(registry, UNIT) == [("T-1", 1, "15", 1, None), ("T-2", 1, "15", 1, None), ("T-3", 1, "15", 3, None)]
    assert lines(registry, OTHER) == [("T-1", 1, "15", 1, 3), ("T-1", 2, "18", 3, None)]
    assert registry.current(UNIT, "decision").height == 1


def test_postgresql_looks_keys_up_by_the_index_and_reads_no_table_whole(registry):
    """Of a table that is as large as the page it would: so each page would cost more than the one before."""
    if registry._database.dialect != "postgresql":
        pytest.skip("SQLite has nothing but look-ups")
    registry.ingest(ListInbox(message(1, services(*(service(f"T-{n}") for n in range(400))))))
    layout = LAYOUTS["care_service"]
    with writing(registry._database) as connection:
        stage(
            connection, state.rows(connection, UNIT, layout, NOW).select("municipality", "unit", local_id="service_id")
        )
        query = sa.select(layout.current.c.version).join(STAGED, store._same_record(layout.current, "service_id"))
        with looking_up_keys(connection):
            plan = "\n".join(connection.scalars(sa.text(f"EXPLAIN {query}")))
    assert "Index Scan" in plan
    assert "Seq Scan on care_service_current" not in plan
