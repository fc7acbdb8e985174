"""How it stands with each unit, and one person's story, by two clocks, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.registry import NOW, AsOf
from ktt.registry.errors import PersonUnknown, ReasonMissing
from ktt.registry.questions import Stories, registry_state
from support.audit_entries import entries
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    UNIT,
    ListInbox,
    a_decision,
    message,
    minute,
    recipient,
    service,
    services,
    shared,
    spoiled,
)

FEBRUARY, MARCH = dt.date(2026, 2, 1), dt.date(2026, 3, 1)


class TestUnits:
    @pytest.fixture
    def ask(self, registry):
        both = services(service("T-3", "2"))
        registry.ingest(
            ListInbox(
                message(1, services(service("T-1", ends_on=FEBRUARY), service("T-2", "2"))),
                message(2, deletions=["T-2"]),
                message(3, a_decision(), record_type="decision"),
                shared(4, (UNIT, both), (OTHER, both)),
                spoiled(message(5, services(service("T-9")), unit=OTHER)),
                message(6, services(service("T-9")), unit=OTHER),
            )
        )
        return lambda as_of=NOW: registry_state(registry._database, as_of)

    def test_now(self, ask):
        mine, other = ask().units
        assert (mine.unit, mine.messages, mine.last_received, mine.persons) == (UNIT.key, 4, minute(4), 2)
        assert mine.records == {"decision": 1, "care_service": 2, "circumstances": 0, "assessment": 0, "diagnosis": 0}
        assert mine.waits is None
        assert (other.messages, other.last_received, other.persons) == (1, minute(4), 1)
        assert (other.waits.position, other.waits.messages) == (5, 2)

    def test_the_whole_counts_a_shared_message_and_person_once(self, ask):
        whole = ask()
        assert (whole.messages, whole.persons, whole.records["care_service"]) == (4, 2, 3)
        assert (whole.last_received, whole.waiting_messages) == (minute(4), 2)

    @pytest.mark.parametrize(
        ("as_of", "messages", "cared_for"),
        [
            (AsOf(known_at=minute(1)), 1, {UNIT.key: 2}),
            (AsOf(known_at=minute(0)), 0, {}),
            (AsOf(MARCH, minute(1)), 1, {UNIT.key: 1}),
            (AsOf(MARCH), 4, {UNIT.key: 1, OTHER.key: 1}),
        ],
    )
    def test_by_two_clocks(self, ask, as_of, messages, cared_for):
        whole = ask(as_of)
        assert whole.messages == messages
        found = {one.unit: one.records["care_service"] for one in whole.units if one.records["care_service"]}
        assert found == cared_for

    def test_a_unit_that_only_waits_is_there(self, registry):
        registry.ingest(ListInbox(spoiled(message(1, services(service("T-1"))))))
        (one,) = registry_state(registry._database, NOW).units
        assert (one.unit, one.messages, one.last_received, one.waits.messages) == (UNIT.key, 0, None, 1)


class TestAPerson:
    """Local 1 of UNIT first had no number; T-1 is deleted and comes back about somebody else; OTHER knows the number."""

    @pytest.fixture
    def stories(self, registry):
        registry.ingest(
            ListInbox(
                message(1, services(service("T-1"), people=[recipient("1", None)])),
                message(2, services(service("T-1"), service("T-2", "2"))),
                message(3, deletions=["T-1"]),
                message(4, services(service("T-1", "2"))),
                message(5, services(service("T-8")), unit=OTHER),
            )
        )
        return Stories(registry._database, registry.identities)

    def of_services(self, story):
        return [
            (line.unit, line.local_id, line.version, line.deleted)
            for line in story.lines
            if line.record_type == "care_service"
        ]

    def test_by_local_id_is_the_units_own_whatever_the_number(self, stories):
        story = stories.of_local(UNIT, "1", "Ingrid", "case 12")
        mine = [(UNIT.key, "T-1", 1, False), (UNIT.key, "T-1", 2, False), (UNIT.key, "T-1", 3, True)]
        assert self.of_services(story) == mine
        assert [line.version for line in story.lines if line.record_type == "recipient"] == [1, 2]
        assert story.units == (UNIT.key,)

    def test_by_number_is_in_every_unit_also_before_the_number_was_told(self, stories):
        story = stories.of_number(NUMBERS["1"], "Ingrid", "case 12")
        assert self.of_services(story) == [
            (UNIT.key, "T-1", 1, False),
            (UNIT.key, "T-1", 2, False),
            (UNIT.key, "T-1", 3, True),
            (OTHER.key, "T-8", 1, False),
        ]

    def test_never_shows_what_is_about_somebody_else(self, stories):
        story = stories.of_local(UNIT, "2", "Ingrid", "case 12")
        assert self.of_services(story) == [(UNIT.key, "T-1", 4, False), (UNIT.key, "T-2", 1, False)]

    def test_by_two_clocks(self, stories):
        found = [
            self.of_services(stories.of_local(UNIT, "1", "Ingrid", "case 12", AsOf(on, minute(at))))
            for on, at in ((FEBRUARY, 2), (dt.date(2026, 1, 11), 2), (FEBRUARY, 3))
        ]
        assert found == [[(UNIT.key, "T-1", 2, False)], [], []]

    def test_a_line_has_both_clocks_and_what_was_told(self, stories):
        (line,) = (one for one in stories.of_local(UNIT, "2", "I", "w").lines if one.local_id == "T-2")
        assert (line.holds_from, line.holds_to) == (dt.date(2026, 1, 12), None)
        assert (line.known_from, line.known_to, line.position) == (minute(2), None, 2)
        assert line.content["service_type"] == "15"
        assert not {"person_key", "fingerprint", "municipality"} & set(line.content)
        assert "T-2" not in repr(line)

    def test_a_look_is_written_down_also_when_nobody_is_found(self, stories, registry):
        with pytest.raises(PersonUnknown):
            stories.of_local(OTHER, "77", "Ingrid", f"case {NUMBERS['1']}")
        with pytest.raises(PersonUnknown):
            stories.of_number(NUMBERS["3"], "Ingrid", "case 12")
        told = [("look", "Ingrid", why, None, []) for why in ("case •••", "case 12")]
        assert entries(registry) == told

    def test_an_entry_is_about_each_key_that_one_had(self, stories, registry):
        stories.of_local(UNIT, "1", "Ingrid", "case 12")
        ((*_, keys),) = entries(registry)
        assert len(keys) == 2

    @pytest.mark.parametrize(("who", "why"), [("", "case 12"), ("Ingrid", " ")])
    def test_without_who_and_why_nothing_is_shown(self, stories, who, why):
        with pytest.raises(ReasonMissing):
            stories.of_local(UNIT, "1", who, why)
        with pytest.raises(ReasonMissing):
            stories.of_number(NUMBERS["1"], who, why)
