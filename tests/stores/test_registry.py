"""The registry's promises, on SQLite and PostgreSQL: current and history, each message once, identity apart."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ktt.core.clock import SettableClock
from ktt.domain.content import content_hash
from ktt.registry import Registry, ingest
from ktt.registry.errors import ReasonMissing, UnitNotHeld
from ktt.registry.tables import INGEST_POSITION, LAYOUTS, METADATA, STAGED
from support.postgres import fresh_database
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    START,
    UNIT,
    ListInbox,
    a_decision,
    message,
    recipient,
    service,
    services,
    spoiled,
)


def minute(n):
    return START + dt.timedelta(minutes=n)


@pytest.fixture(scope="module")
def postgres(_postgres_server):
    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite'}"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request):
    """One database of each kind for this file, emptied after each test: making one takes longer than most tests."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def registry(url, tmp_path):
    registry = Registry.open(url, tmp_path / "key", tmp_path / "identity.key", SettableClock(START))
    yield registry
    with registry._database.transaction() as connection:
        for table in STORED:
            connection.execute(sa.delete(table))
        connection.execute(sa.insert(INGEST_POSITION).values(position=0))
    registry.close()


STORED = [table for table in METADATA.sorted_tables if table is not STAGED]


def lines(registry, unit=UNIT, record_type="care_service"):
    """(id, version, content, known from and to in minutes) of every version."""
    frame = registry.versions(unit, record_type)
    key = LAYOUTS[record_type].key
    return [
        (
            row[key],
            row["version"],
            None if row["deleted"] else row["service_type"],
            since(row["known_from"]),
            since(row["known_to"]),
        )
        for row in frame.to_dicts()
    ]


def since(instant):
    return instant and int((instant - START).total_seconds() // 60)


def test_the_tables_are_what_the_migrations_make(url, registry):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_object, name, kind, _reflected, _other):
        return kind != "table" or name not in {STAGED.name, "registry_version"}

    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


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
    [(0, {}), (1, {"T-1": "15", "T-2": "15"}), (2, {"T-1": "18", "T-2": "15"}), (3, {"T-2": "15"}), (9, {"T-2": "15"})],
)
def test_what_was_known_when(registry, at, known):
    registry.ingest(
        ListInbox(
            message(1, services(service("T-1"), service("T-2"))),
            message(2, services(service("T-1", service_type="18"))),
            message(3, deletions=["T-1"]),
        )
    )
    frame = registry.as_known(UNIT, "care_service", minute(at))
    assert dict(frame.select("service_id", "service_type").rows()) == known


def test_only_the_time_of_registration_is_no_change(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    again = services(service("T-1", recorded_at=minute(5)), people=[recipient("1", died_on=dt.date(2026, 3, 1))])
    registry.ingest(ListInbox(message(2, again)))
    assert [version for _, version, *_ in lines(registry)] == [1]
    assert registry.people(UNIT)["died_on"].to_list() == [dt.date(2026, 3, 1)]  # rides along, with a version of its own


@pytest.mark.parametrize("one_by_one", [True, False])
def test_small_messages_taken_together_say_what_they_say_one_by_one(registry, one_by_one):
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


def test_a_message_that_is_read_twice_is_stored_once(registry):
    inbox = ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1", service_type="18"))))
    registry.ingest(inbox)
    before = lines(registry)
    with registry._database.transaction() as connection:
        connection.execute(sa.text("UPDATE ingest_position SET position = 0"))
    assert registry.ingest(inbox).messages == 0
    assert lines(registry) == before


@pytest.mark.parametrize("step", ["keep", "store", "set_aside"])
def test_killed_half_way_leaves_nothing_half(registry, monkeypatch, step):
    inbox = ListInbox(message(1, a_decision(), record_type="decision"), message(2, services(service("T-1"))))

    def killed(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        target = registry.identities if step == "keep" else ingest
        patch.setattr(target, step, killed)
        with pytest.raises(KeyboardInterrupt):
            registry.ingest(inbox)
    with registry._database.reading() as connection:
        for table in STORED:
            if table is not INGEST_POSITION:
                assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.name
    assert registry.ingest(inbox).messages == 2


def test_two_at_once_take_each_message_once(registry, url, tmp_path):
    """The second opens the page before the first has written it: the position tells it that the page is taken."""
    second = Registry.open(url, tmp_path / "key", tmp_path / "identity.key")

    class Racing(ListInbox):
        def after(self, position, limit):
            page = super().after(position, limit)
            if page:
                second.ingest(ListInbox(*self.messages))
            return page

    report = registry.ingest(Racing(message(1, services(service("T-1")))))
    second.close()
    assert report.messages == 0
    assert lines(registry) == [("T-1", 1, "15", 1, None)]


class TestAMessageThatCannotBeRead:
    def inbox(self):
        return ListInbox(
            message(1, services(service("T-1"))),
            spoiled(message(2, services(service("T-2")))),
            message(3, services(service("T-3"))),
            message(4, services(service("T-4")), unit=OTHER),
        )

    def test_holds_its_unit_and_no_other(self, registry):
        report = registry.ingest(self.inbox())
        assert [(one.unit, one.position) for one in report.set_aside] == [(UNIT.key, 2)]
        assert report.waiting == {UNIT.key}
        assert registry.current(UNIT, "care_service")["service_id"].to_list() == ["T-1"]
        assert registry.current(OTHER, "care_service")["service_id"].to_list() == ["T-4"]

    def test_stays_held_until_it_is_released_and_then_goes_on_in_order(self, registry):
        inbox = self.inbox()
        registry.ingest(inbox)
        inbox.messages.append(message(5, services(service("T-5"))))
        assert registry.ingest(inbox).waiting == {UNIT.key}
        inbox.messages[1] = message(2, services(service("T-2")))  # the reader was mended
        registry.release(UNIT, "Ingrid", "mended")
        assert registry.ingest(inbox).messages == 3
        assert registry.current(UNIT, "care_service")["service_id"].to_list() == ["T-1", "T-2", "T-3", "T-5"]
        assert lines(registry, OTHER) == [("T-4", 1, "15", 4, None)]
        assert registry.held() == []

    def test_is_set_aside_again_when_nothing_was_mended(self, registry):
        registry.ingest(self.inbox())
        registry.release(UNIT, "Ingrid", "hope")
        assert [one.position for one in registry.ingest(self.inbox()).set_aside] == [2]

    def test_is_counted_with_its_code_and_no_content(self, registry):
        registry.ingest(self.inbox())
        (aside,) = registry.held()
        assert aside.code.startswith("KTT-MSG")
        assert not any(number in aside.reason for number in NUMBERS.values())

    def test_has_a_record_twice(self, registry):
        twice = message(1, services(service("T-1")))
        payload = json.loads(twice.payload)
        payload[0]["tjeneste"] *= 2
        report = registry.ingest(ListInbox(spoiled(twice, json.dumps(payload).encode())))
        assert [one.code for one in report.set_aside] == ["KTT-REG-06"]

    def test_a_fault_nobody_foresaw_keeps_its_kind_and_not_its_words(self, registry, monkeypatch):
        def broken(_find, _message):
            raise ValueError(NUMBERS["1"])

        monkeypatch.setattr(ingest, "read", broken)
        (aside,) = registry.ingest(ListInbox(message(1, services(service("T-1"))))).set_aside
        assert (aside.code, aside.reason) == ("KTT-REG-01", "ValueError")

    def test_there_is_nothing_to_release(self, registry):
        with pytest.raises(UnitNotHeld):
            registry.release(UNIT, "Ingrid", "by mistake")


class TestAMessageAboutTwoUnits:
    def both(self, position, *, unit=UNIT):
        parts = [message(position, services(service(f"T-{position}")), unit=whose) for whose in (UNIT, OTHER)]
        joined = json.dumps([item for part in parts for item in json.loads(part.payload)]).encode()
        return spoiled(parts[0 if unit == UNIT else 1], joined)

    def test_goes_to_each(self, registry):
        registry.ingest(ListInbox(self.both(1)))
        assert lines(registry, UNIT) == lines(registry, OTHER) == [("T-1", 1, "15", 1, None)]

    def test_waits_whole_when_one_of_them_waits(self, registry):
        bad = spoiled(message(1, services(service("T-9")), unit=OTHER))
        inbox = ListInbox(bad, self.both(2), message(3, services(service("T-3"))))
        report = registry.ingest(inbox)
        assert [(one.unit, one.position, one.code) for one in report.set_aside[1:]] == [(UNIT.key, 2, "KTT-REG-02")]
        assert lines(registry, UNIT) == []
        inbox.messages[0] = message(1, services(service("T-9")), unit=OTHER)
        for unit in (OTHER, UNIT):
            registry.release(unit, "Ingrid", "mended")
        registry.ingest(inbox)
        assert [line[0] for line in lines(registry, UNIT)] == ["T-2", "T-3"]
        assert [line[0] for line in lines(registry, OTHER)] == ["T-2", "T-9"]


class TestIdentity:
    def test_content_never_holds_a_number(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        with registry._database.reading() as connection:
            for table in STORED:
                for row in connection.execute(sa.select(table)):
                    assert not any(number in str(row) for number in NUMBERS.values()), table.name

    def test_a_look_is_written_down_before_the_answer(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        people = dict(registry.people(UNIT).select("local_person_id", "person_key").rows())
        seen = registry.identities.reveal([people["1"]], "Ingrid", "follow-up 12")
        assert {key: one.number for key, one in seen.items()} == {people["1"]: NUMBERS["1"]}
        assert NUMBERS["1"] not in repr(seen)
        with registry._database.reading() as connection:
            looks = connection.execute(sa.text("SELECT who, why, person_key FROM identity_look")).all()
        assert [tuple(look) for look in looks] == [("Ingrid", "follow-up 12", people["1"])]

    @pytest.mark.parametrize(("who", "why"), [("", "a reason"), ("Ingrid", " ")])
    def test_a_look_without_a_reason_is_refused(self, registry, who, why):
        with pytest.raises(ReasonMissing):
            registry.identities.reveal(["k"], who, why)

    def test_a_late_number_makes_new_versions_and_leaves_the_past(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), people=[recipient("1", None)]))))
        nameless = registry.people(UNIT)["person_key"][0]
        registry.ingest(ListInbox(message(2, services(service("T-1")))))
        frame = registry.versions(UNIT, "care_service")
        assert frame["version"].to_list() == [1, 2]
        assert frame["person_key"][0] == nameless != frame["person_key"][1]
        assert registry.versions(UNIT, "recipient")["person_key"].to_list() == frame["person_key"].to_list()
        assert registry.identities.reveal([nameless], "Ingrid", "test") == {}

    def test_one_person_in_two_units_has_one_key(self, registry):
        registry.ingest(
            ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1")), unit=OTHER))
        )
        assert registry.people(UNIT)["person_key"].to_list() == registry.people(OTHER)["person_key"].to_list()

    def test_without_a_number_two_units_have_two(self, registry):
        nameless = services(service("T-1"), people=[recipient("1", None)])
        registry.ingest(ListInbox(message(1, nameless), message(2, nameless, unit=OTHER)))
        assert registry.people(UNIT)["person_key"].to_list() != registry.people(OTHER)["person_key"].to_list()


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
        assert registry.content_hashes(UNIT, "test", "comparison")["recipient"] == content_hash([])

    def test_change_when_a_row_is_touched(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1")))))
        before = registry.content_hashes(UNIT, "test", "comparison")
        with registry._database.transaction() as connection:
            connection.execute(sa.text("UPDATE care_service_current SET ends_on = '2026-02-01'"))
        after = registry.content_hashes(UNIT, "test", "comparison")
        assert [name for name in before if before[name] != after[name]] == ["care_service"]


@dataclass
class Naive:
    """The registry as anybody would write it first: dictionaries, one record at a time."""

    current: dict[tuple[str, str], tuple[int, str | None, int]] = field(default_factory=dict)
    history: list[tuple[str, str, int, str | None, int, int]] = field(default_factory=list)

    def take(self, at, unit, upserts, deletions):
        stated = dict.fromkeys(deletions) | upserts
        for name, content in stated.items():
            version, held, since = self.current.get((unit, name), (0, None, 0))
            if content != held:
                if version:
                    self.history.append((unit, name, version, held, since, at))
                self.current[unit, name] = (version + 1, content, at)

    def lines(self, unit):
        now = [(n, v, c, since, None) for (u, n), (v, c, since) in self.current.items() if u == unit]
        then = [(n, v, c, since, to) for u, n, v, c, since, to in self.history if u == unit]
        return sorted(now + then, key=lambda line: line[:2])


IDS = st.sampled_from(["T-1", "T-2", "T-3"])
STATED = st.tuples(
    st.sampled_from([UNIT, OTHER]),
    st.dictionaries(IDS, st.sampled_from(["15", "18", "6"]), max_size=3),
    st.sets(IDS, max_size=2),
).filter(lambda said: said[1] or said[2])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(STATED, min_size=1, max_size=8), pages=st.integers(1, 4))
def test_any_sequence_ends_as_the_naive_registry_ends(tmp_path_factory, said, pages):
    folder = tmp_path_factory.mktemp("naive")
    registry = Registry.open(f"sqlite:///{folder / 'r.sqlite'}", folder / "key", folder / "identity.key")
    naive, inbox = Naive(), ListInbox()
    for position, (unit, upserts, deletions) in enumerate(said, 1):
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
