"""What the registry stores, on SQLite and PostgreSQL: current state and history, and hashes of the state."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktt.domain.content import content_hash
from ktt.registry import AsOf, Registry
from support import effort
from support.audit_entries import entries
from support.naive_registry import NaiveRegistry
from support.registry_inbox import (
    OTHER,
    START,
    UNIT,
    ListInbox,
    a_decision,
    lines,
    message,
    minute,
    recipient,
    service,
    services,
)


def test_a_record_is_stored_whole_and_read_back_as_it_was_sent(registry):
    sent = a_decision()
    registry.ingest(ListInbox(message(1, sent, record_type="decision")))
    held = registry.records(UNIT)
    for name in ("decision", "decision_line", "appeal"):
        key = "service_id" if name == "decision_line" else "decision_id"
        assert held[name].sort(key).equals(sent[name].sort(key)), name
    assert held["recipient"]["person_number"].to_list() == [None]


def test_changes_endings_and_deletions_are_versions(registry):
    inbox = ListInbox(
        message(1, services(service("T-1"), service("T-2"))),
        message(2, services(service("T-1", service_type="18"), service("T-2"))),
        message(3, deletions=["T-1", "T-9"]),
        message(4, services(service("T-1", service_type="18"))),
    )
    report = registry.ingest(inbox)
    assert (report.messages, report.records, report.changed, report.deleted, report.unchanged) == (4, 5, 4, 1, 1)
    expected = [
        ("T-1", 1, "15", 1, 2),
        ("T-1", 2, "18", 2, 3),
        ("T-1", 3, None, 3, 4),
        ("T-1", 4, "18", 4, None),
        ("T-2", 1, "15", 1, None),
    ]
    assert lines(registry) == expected
    assert registry.current(UNIT, "care_service")["service_id"].to_list() == ["T-1", "T-2"]


@pytest.mark.parametrize(
    ("at", "known"),
    [
        (0, []),
        (1, [("T-1", "15"), ("T-2", "15")]),
        (2, [("T-1", "18"), ("T-2", "15")]),
        (3, [("T-2", "15")]),
        (4, [("T-1", "6"), ("T-2", "15")]),
        (9, [("T-1", "6"), ("T-2", "15")]),
    ],
)
def test_what_was_known_when(registry, at, known):
    registry.ingest(
        ListInbox(
            message(1, services(service("T-2"), service("T-1"))),
            message(2, services(service("T-1", service_type="18"))),
            message(3, deletions=["T-1"]),
            message(4, services(service("T-1", service_type="6"))),
            message(5, services(service("T-3")), unit=OTHER),
        )
    )
    frame = registry.as_of(UNIT, "care_service", AsOf(known_at=minute(at)))
    assert frame.select("service_id", "service_type").rows() == known
    assert registry.records(UNIT, AsOf(known_at=minute(at)))["care_service"].equals(frame)


def test_an_instant_is_stored_to_the_microsecond(registry):
    received = START + dt.timedelta(microseconds=123_456)
    registry.ingest(
        ListInbox(
            message(1, services(service("T-1", recorded_at=received)), at=received),
            message(2, services(service("T-1", service_type="6")), at=received + dt.timedelta(microseconds=1)),
        )
    )
    frame = registry.versions(UNIT, "care_service")
    assert frame["known_from"].to_list() == [received, received + dt.timedelta(microseconds=1)]
    assert registry.as_of(UNIT, "care_service", AsOf(known_at=received))["service_type"].to_list() == ["15"]


def test_a_record_that_is_both_deleted_and_sent_in_a_message_stays(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1")), ["T-1"])))
    assert lines(registry) == [("T-1", 1, "15", 1, None)]


def test_the_order_of_the_parts_is_no_change(registry):
    sent = a_decision()
    turned = sent | {"decision_line": sent["decision_line"].reverse()}
    registry.ingest(ListInbox(message(1, sent, record_type="decision"), message(2, turned, record_type="decision")))
    assert registry.versions(UNIT, "decision")["version"].to_list() == [1]
    assert registry.records(UNIT)["decision_line"]["service_id"].to_list() == ["T-1", "T-2"]


@pytest.mark.parametrize(
    ("part", "change"),
    [("decision_line", {"outcome": pl.lit("1")}), ("decision_line", {"ends_on": dt.date(2027, 1, 1)}), ("appeal", {})],
)
def test_a_changed_part_is_a_change_of_its_record(registry, part, change):
    sent = a_decision()
    changed = sent[part].with_columns(**change) if change else sent[part].clear()
    later = message(2, sent | {part: changed}, record_type="decision")
    registry.ingest(ListInbox(message(1, sent, record_type="decision"), later))
    assert registry.versions(UNIT, "decision")["version"].to_list() == [1, 2]
    assert registry.records(UNIT)[part].height == changed.height
    assert registry.records(UNIT, AsOf(known_at=minute(1)))[part].height == sent[part].height


@pytest.mark.postgres
def test_instants_are_read_alike_whatever_the_time_zone_of_the_server(postgres_url, tmp_path):
    registry = Registry.open(postgres_url, tmp_path / "key", tmp_path / "identity.key")
    with registry._database.transaction() as connection:
        name = registry._database.engine.url.database
        connection.execute(sa.text(f"ALTER DATABASE {name} SET timezone TO 'Europe/Oslo'"))
    registry.close()
    registry = Registry.open(postgres_url, tmp_path / "key", tmp_path / "identity.key")
    registry.ingest(
        ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1", service_type="6"))))
    )
    assert lines(registry) == [("T-1", 1, "15", 1, 2), ("T-1", 2, "6", 2, None)]
    registry.close()


def test_only_the_time_of_registration_is_no_change(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    again = services(service("T-1", recorded_at=minute(5)), people=[recipient("1", died_on=dt.date(2026, 3, 1))])
    registry.ingest(ListInbox(message(2, again)))
    assert [version for _, version, *_ in lines(registry)] == [1]
    assert registry.people(UNIT)["died_on"].to_list() == [dt.date(2026, 3, 1)]  # rides along, with a version of its own


@pytest.mark.parametrize("one_by_one", [True, False])
def test_small_messages_ingested_together_make_the_same_versions_as_one_by_one(registry, one_by_one):
    inbox = ListInbox(
        *(message(n, services(service("T-1", service_type=str(n)))) for n in (1, 2, 3)),
        message(4, services(service("T-1", service_type="4")), unit=OTHER),
        message(5, deletions=["T-1"]),
    )
    if one_by_one:
        while registry.ingest(inbox, limit=1).messages:
            pass
    registry.ingest(inbox)
    assert lines(registry) == [
        ("T-1", 1, "1", 1, 2),
        ("T-1", 2, "2", 2, 3),
        ("T-1", 3, "3", 3, 5),
        ("T-1", 4, None, 5, None),
    ]


def test_the_same_id_in_two_units_is_two_records(registry):
    registry.ingest(
        ListInbox(
            message(1, services(service("T-1"))), message(2, services(service("T-1", service_type="18")), unit=OTHER)
        )
    )
    registry.ingest(ListInbox(message(3, deletions=["T-1"])))
    assert registry.current(UNIT, "care_service").is_empty()
    assert lines(registry, OTHER) == [("T-1", 1, "18", 2, None)]


class TestContentHashes:
    def test_say_what_was_sent(self, registry):
        registry.ingest(ListInbox(message(1, a_decision(), record_type="decision")))
        sent = a_decision()
        decision = sent["decision"].to_dicts()[0]
        decision["decision_line"] = sent["decision_line"].drop("decision_id").to_dicts()
        decision["appeal"] = sent["appeal"].drop("decision_id").to_dicts()
        hashes = registry.content_hashes(UNIT, "test", "comparison")
        assert hashes["decision"] == content_hash([decision])
        assert hashes["recipient"] == content_hash([recipient("1")])
        assert hashes["care_service"] == content_hash([])

    def test_a_person_without_records_is_no_recipient(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"))), message(2, deletions=["T-1"])))
        hashes = registry.content_hashes(UNIT, "test", "comparison")
        assert set(hashes.values()) == {content_hash([])}

    def test_are_one_units_own(self, registry):
        registry.ingest(
            ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-2")), unit=OTHER))
        )
        expected = content_hash([service("T-1")])
        assert registry.content_hashes(UNIT, "test", "comparison")["care_service"] == expected

    def test_leave_one_entry_of_the_unit(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        registry.content_hashes(UNIT, "Ingrid", "comparison")
        assert entries(registry) == [("list", "Ingrid", "comparison", UNIT.key, [])]

    def test_change_when_a_row_is_touched(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1")))))
        before = registry.content_hashes(UNIT, "test", "comparison")
        with registry._database.transaction() as connection:
            connection.execute(sa.text("UPDATE care_service_current SET ends_on = '2026-02-01'"))
        after = registry.content_hashes(UNIT, "test", "comparison")
        assert [name for name in before if before[name] != after[name]] == ["care_service"]


IDS = st.sampled_from(["T-1", "T-2", "T-3"])
STATED = st.tuples(
    st.sampled_from([UNIT, OTHER]),
    st.dictionaries(IDS, st.sampled_from(["15", "18", "6"]), max_size=3),
    st.sets(IDS, max_size=2),
).filter(lambda stated: stated[1] or stated[2])


@settings(max_examples=effort.REGISTRY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(STATED, min_size=1, max_size=8), pages=st.integers(1, 4))
def test_any_sequence_ends_as_the_naive_registry_ends(tmp_path_factory, messages, pages):
    folder = tmp_path_factory.mktemp("naive")
    registry = Registry.open(f"sqlite:///{folder / 'r.sqlite'}", folder / "key", folder / "identity.key")
    naive, inbox = NaiveRegistry(), ListInbox()
    for position, (unit, upserts, deletions) in enumerate(messages, 1):
        gone = sorted(deletions - set(upserts))
        records = services(*(service(n, service_type=t) for n, t in upserts.items())) if upserts else None
        if records or gone:
            inbox.messages.append(message(position, records, gone, unit=unit))
            naive.take(position, unit.key, upserts, gone)
    while registry.ingest(inbox, limit=pages).messages:
        pass
    assert lines(registry, UNIT) == naive.lines(UNIT.key)
    assert lines(registry, OTHER) == naive.lines(OTHER.key)
    registry.close()
