"""Deleting a person: nothing that leads to them is left, and all else is as if they had never been told of.

On SQLite and PostgreSQL, receiver and registry over real databases, whose files are searched.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json

import pytest
import sqlalchemy as sa

from ktt.receiver.store.tables import OPEN_FINDING
from ktt.registry.errors import DeletionNotConfirmed, PersonUnknown, ReasonMissing
from ktt.registry.persons.whom import LocalPerson, NumberedPerson
from support.audit_entries import entries
from support.registry_content import content
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    START,
    UNIT,
    a_decision,
    frames,
    lines,
    message,
    recipient,
    service,
    services,
    shared,
    spoiled,
)
from support.registry_persons import person_place

ONE = NumberedPerson(NUMBERS["1"])


@pytest.fixture
def place(any_database_url, tmp_path):
    with person_place(any_database_url, tmp_path) as opened:
        yield opened


def everyday():
    """Person 1 everywhere: history, a deletion, a decision, two units, a message that waits; and persons 2 and 3."""
    diagnosis = {"diagnosis_id": "D-1", "local_person_id": "1", "code_system": "ICD-10", "code": "G35"}
    diagnosis |= {"starts_on": dt.date(2026, 1, 1), "recorded_at": START}
    return [
        message(1, services(service("T-1"), service("T-2", "2"))),
        message(2, services(service("T-1", service_type="18"))),
        message(3, a_decision(), record_type="decision"),
        message(4, services(service("T-3"), service("T-4", "2"))),
        message(5, deletions=["T-3", "T-4"]),
        shared(6, (UNIT, services(service("T-5"))), (OTHER, services(service("T-5"), service("T-6", "3")))),
        message(7, frames(diagnosis=[diagnosis], recipient=[recipient("1")]), record_type="diagnosis"),
        spoiled(message(8, services(service("T-7"), service("T-8", "2"))), twice("T-7", "1", "T-8", "2")),
        message(9, services(service("T-9"), service("T-10", "2"))),
    ]


def without_one():
    """The same messages as they would have been without person 1."""
    return [
        message(1, services(service("T-2", "2"))),
        emptied(everyday()[1]),
        emptied(everyday()[2]),
        message(4, services(service("T-4", "2"))),
        message(5, deletions=["T-4"]),
        emptied(shared(6, (UNIT, services(service("T-5"))), (OTHER, services(service("T-6", "3")))), only=0),
        emptied(everyday()[6]),
        spoiled(message(8, services(service("T-8", "2"))), twice("T-8", "2")),
        message(9, services(service("T-10", "2"))),
    ]


def emptied(original, only=None):
    """The message with its lists emptied, or those of one of its units."""
    items = json.loads(original.payload)
    for nth, item in enumerate(items):
        if only in (None, nth):
            item |= {name: [] for name, value in item.items() if isinstance(value, list)}
    return dataclasses.replace(original, payload=json.dumps(items).encode())


def twice(*named):
    """Content that cannot be ingested: each of the services is there twice."""
    records = services(*(service(name, person) for name, person in zip(named[::2], named[1::2], strict=True)))
    items = json.loads(message(1, records).payload)
    items[0]["tjeneste"] *= 2
    return json.dumps(items).encode()


def finding(nth, record_type, local_id):
    row = {"opened_at": 1, "nth": nth, "unit": UNIT.key, "seen_at": 1, "message_type": "KTT_Tjeneste", "rule": "R-1"}
    row |= {"record_type": record_type, "local_id": local_id, "fields": "a", "consequence": 1, "cause": "registration"}
    return row | {"since": START}


class TestNothingIsLeft:
    @pytest.fixture
    def filled(self, place):
        place.accepted(*everyday())
        with place.database.transaction() as connection:
            connection.execute(
                sa.insert(OPEN_FINDING),
                [finding(0, "care_service", "T-1"), finding(1, "care_service", "T-2"), finding(2, "recipient", "1")],
            )
        return place

    def test_the_plan_counts_and_changes_nothing(self, filled):
        before = content(filled.registry)
        plan = filled.deletion.plan(ONE, "Ingrid", "case 12")
        assert (plan.identities, plan.messages, plan.destroyed, plan.findings) == (1, 9, 0, 2)
        assert plan.versions == {
            "recipient": 2,
            "decision": 1,
            "care_service": 5,
            "circumstances": 0,
            "assessment": 0,
            "diagnosis": 1,
        }
        assert [(one.unit.key, one.local_id) for one in plan.known_as] == [(UNIT.key, "1"), (OTHER.key, "1")]
        after = content(filled.registry)
        changed = [name for name in before if before[name] != after[name]]
        assert changed == ["audit_about", "audit_entry", "audit_head", "audit_subject"]
        assert NUMBERS["1"] not in repr(plan)

    def test_what_is_left_is_as_if_they_had_never_been_told(self, filled, tmp_path_factory):
        filled.erase(ONE)
        folder = tmp_path_factory.mktemp("never")
        for name in ("registry.vault", "identity.vault", "receiver.vault"):
            (folder / name).write_bytes((filled.folder / name).read_bytes())
            (folder / name).chmod(0o600)
        with person_place(f"sqlite:///{folder / 'never.sqlite'}", folder) as never:
            never.accepted(*without_one())
            mine, others = content(filled.registry), content(never.registry)
            for name in mine:
                if not name.startswith(("audit", "ingest_position", "ingested_message", "quarantine", "month_records")):
                    assert mine[name] == others[name], name
            for position, payload in filled.stored().items():
                assert json.loads(payload) == json.loads(never.stored()[position])
        assert filled.verify().holds

    def test_no_file_leads_to_them(self, filled):
        key = filled.registry.identities.number_key(NUMBERS["1"])
        theirs = [key, key.encode(), "T-3", "D-1", "V-0"]
        with filled.database.reading() as connection:
            sealed = connection.scalar(sa.text(f"SELECT sealed FROM identity WHERE person_key = '{key}'"))
            stored = connection.scalars(sa.text("SELECT payload FROM receiver_inbox WHERE position IN (1, 2, 3)")).all()
        theirs += [sealed, *stored]
        there = filled.found_in_files(theirs)
        assert {repr(key.encode()), repr(b"T-3"), repr(bytes(sealed))} <= there.keys()
        filled.deletion.plan(ONE, "Ingrid", "case 12")
        filled.erase(ONE)
        left = filled.found_in_files(theirs)
        assert {kind for kinds in left.values() for kind in kinds} <= {"log"}, left
        if filled.database.dialect == "sqlite":
            assert filled.found_in_files([*theirs, NUMBERS["1"], NUMBERS["1"].lstrip("0")]) == {}

    def test_nobody_is_found_afterwards(self, filled):
        filled.erase(ONE)
        for whom in (ONE, LocalPerson(UNIT, "1"), LocalPerson(OTHER, "1")):
            with pytest.raises(PersonUnknown):
                filled.reports.of(whom, "Ingrid", "case 12")
            with pytest.raises(PersonUnknown):
                filled.deletion.plan(whom, "Ingrid", "case 12")
        assert filled.registry.inventory.page(UNIT, "a sender", None, 100).records["local_id"].to_list() == ["2", "T-2"]

    def test_it_stands_in_the_audit_without_a_road_to_them(self, filled):
        filled.erase(ONE)
        told = [(act, why, keys) for act, _, why, _, keys in entries(filled.registry)]
        assert told == [
            ("look", "plan", []),
            ("look", "decision 7", []),
            ("delete", "decision 7", []),
            ("delete", "decision 7", []),
        ]
        assert filled.verify().holds

    def test_their_findings_are_gone_and_no_others(self, filled):
        filled.erase(ONE)
        with filled.database.reading() as connection:
            assert connection.scalars(sa.select(OPEN_FINDING.c.local_id)).all() == ["T-2"]

    def test_what_waited_is_ingested_without_them(self, filled):
        filled.erase(ONE)
        with filled.database.transaction() as connection:
            connection.execute(sa.text("DELETE FROM receiver_inbox WHERE position = 8"))
        filled.registry.release(UNIT, "Ingrid", "left out")
        filled.registry.ingest(filled.inbox)
        assert [line[0] for line in lines(filled.registry)] == ["T-10", "T-2", "T-4", "T-4"]

    def test_a_new_report_is_a_new_person(self, filled):
        filled.erase(ONE)
        filled.accepted(message(10, services(service("T-1"), service("T-6", "3")), unit=OTHER))
        report = filled.reports.of(ONE, "Ingrid", "case 13")
        assert [(line.record_type, line.version) for line in report.lines] == [("recipient", 1), ("care_service", 1)]
        assert [one.why for one in report.look_ups if one.act != "list"] == ["case 13"]

    @pytest.mark.parametrize("whom", [NumberedPerson(NUMBERS["3"]), LocalPerson(OTHER, "3")], ids=["number", "local"])
    def test_each_way_to_name_them(self, filled, whom):
        filled.erase(whom)
        assert "T-6" not in str(filled.stored())
        assert filled.verify().holds


class TestTwoSteps:
    def test_another_word_deletes_nothing(self, place):
        place.accepted(message(1, services(service("T-1"))))
        before = place.stored(), lines(place.registry)
        with pytest.raises(DeletionNotConfirmed):
            place.deletion.run(ONE, "Ingrid", "decision 7", "00000000")
        assert (place.stored(), lines(place.registry)) == before

    def test_a_plan_that_is_old_deletes_nothing(self, place):
        place.accepted(message(1, services(service("T-1"))))
        word = place.deletion.plan(ONE, "Ingrid", "plan").word
        place.accepted(message(2, services(service("T-1", service_type="18"))))
        with pytest.raises(DeletionNotConfirmed):
            place.deletion.run(ONE, "Ingrid", "decision 7", word)
        assert len(lines(place.registry)) == 2

    @pytest.mark.parametrize(("who", "why"), [("", "x"), ("Ingrid", " ")])
    def test_who_and_why_are_needed(self, place, who, why):
        with pytest.raises(ReasonMissing):
            place.deletion.plan(ONE, who, why)

    @pytest.mark.parametrize("where", ["_rewrite", "_erase"])
    def test_killed_half_way_it_goes_on(self, place, monkeypatch, where):
        place.accepted(*everyday())
        whole = type(place.deletion).__dict__[where]

        def killed(self, *words, **named):
            if where == "_rewrite":
                place.content.replace(1, b"[]")
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(type(place.deletion), where, killed)
            with pytest.raises(KeyboardInterrupt):
                place.erase(ONE)
        assert whole is type(place.deletion).__dict__[where]
        place.erase(ONE)
        with pytest.raises(PersonUnknown):
            place.deletion.plan(ONE, "Ingrid", "again")

    def test_an_ingest_that_has_read_the_message_gives_it_up(self, place, monkeypatch):
        place.accepted(message(1, services(service("T-1"))))
        keep = place.registry.identities.keep
        erased = []

        def slow(connection, people):
            assert erased
            keep(connection, people)

        after = place.inbox.after

        def read_then_erased(position, limit, units=None):
            page = after(position, limit, units)
            if page and page[0].position == 2 and not erased:
                erased.append(True)
                place.erase(ONE)
            return page

        monkeypatch.setattr(place.registry.identities, "keep", slow)
        monkeypatch.setattr(place.inbox, "after", read_then_erased)
        place.accepted(message(2, services(service("T-2"), service("T-3", "2"))))
        assert [line[0] for line in lines(place.registry)] == ["T-3"]


class TestWithoutANumber:
    def test_a_local_person_is_deleted_by_local_id(self, place):
        nameless = [recipient("9", None)]
        place.accepted(message(1, services(service("T-1", "9"), service("T-2", "2"), people=nameless)))
        place.erase(LocalPerson(UNIT, "9"))
        assert [line[0] for line in lines(place.registry)] == ["T-2"]
        assert "T-1" not in str(place.stored())
        assert place.verify().holds

    def test_a_content_that_cannot_be_parted_goes_whole(self, place):
        note = f'{{"merknad": "gjelder {NUMBERS["1"]}"}}'.encode()
        place.accepted(message(1, services(service("T-1"))), spoiled(message(2, services(service("T-2"))), note))
        plan = place.deletion.plan(ONE, "Ingrid", "plan")
        assert (plan.messages, plan.destroyed) == (2, 1)
        place.erase(ONE)
        assert place.stored().keys() == {1}


def test_records_that_were_several_persons_keep_what_is_the_others(place):
    """Each way in which a record can be of three persons in four messages, or deleted: 256 records."""
    ways = list(itertools.product(["1", "2", "3", None], repeat=4))
    for nth in range(4):
        told = [(f"T-{n}", way[nth]) for n, way in enumerate(ways)]
        code = "15" if nth % 2 else "18"
        rows = [service(name, person, service_type=code) for name, person in told if person]
        place.accepted(message(nth + 1, services(*rows), [name for name, person in told if person is None]))
    place.erase(ONE)
    found = place.verify()
    assert found.holds, found
    assert NUMBERS["1"].lstrip("0") not in str(place.stored())
    last = {name: code for name, _, code, *_ in lines(place.registry)}  # the newest version of each
    codes = {None: None, "1": None, "2": "15", "3": "15"}
    for n, way in enumerate(ways):
        others = {"2", "3"} & set(way)
        assert last.get(f"T-{n}", "never") == (codes[way[3]] if others else "never"), way


def test_instants_are_as_they_were(place):
    place.accepted(message(1, services(service("T-1"), service("T-2", "2"))), message(2, services(service("T-2", "1"))))
    place.accepted(message(3, services(service("T-2", "2", service_type="18"))))
    place.erase(ONE)
    assert lines(place.registry) == [("T-2", 1, "15", 1, 2), ("T-2", 2, None, 2, 3), ("T-2", 3, "18", 3, None)]
