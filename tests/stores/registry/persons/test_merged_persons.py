"""Two numbers that are one person: one story, one report, one deletion, counted once; and apart again. On both databases."""

from __future__ import annotations

import io

import pytest

from ktt.registry import NOW
from ktt.registry.errors import PersonsNotMerged, PersonsOneAlready, PersonUnknown
from ktt.registry.persons.merging import PersonMerging
from ktt.registry.persons.whom import NumberedPerson, keys_of
from ktt.registry.questions import Stories, registry_state
from support.audit_entries import entries
from support.registry_commands import accepted, ask
from support.registry_inbox import NUMBERS, OTHER, START, UNIT, ListInbox, message, recipient, service, services
from support.registry_persons import person_place
from support.settable_clock import SettableClock

ONE, TWO, THREE = (NUMBERS[name] for name in "123")
FOUR = "04835010096"


def told():
    """Person 1 in one unit under a number, in another under another; a third person, and a fourth local one."""
    return [
        message(1, services(service("T-1"))),
        message(2, services(service("T-2", "9"), people=[recipient("9", TWO)]), unit=OTHER),
        message(3, services(service("T-3", "8"), people=[recipient("8", THREE)]), unit=OTHER),
    ]


@pytest.fixture
def filled(registry):
    registry.ingest(ListInbox(*told()))
    return registry


@pytest.fixture
def merging(filled):
    return PersonMerging(filled._database, filled.identities, SettableClock(START))


def story(registry, number):
    lines = Stories(registry._database, registry.identities).of_number(number, "Ingrid", "look").lines
    return sorted(line.local_id for line in lines if line.record_type == "care_service")


def count(registry):
    state = registry_state(registry._database, NOW)
    return state.persons, {one.unit: one.persons for one in state.units}


def test_merged_they_are_one_story_and_counted_once(filled, merging):
    assert (story(filled, ONE), story(filled, TWO), count(filled)[0]) == (["T-1"], ["T-2"], 3)
    done = merging.merge(ONE, TWO, "Ingrid", "Folkeregisteret")
    assert done.units == (UNIT.key, OTHER.key)
    assert story(filled, ONE) == story(filled, TWO) == ["T-1", "T-2"]
    assert story(filled, THREE) == ["T-3"]
    assert count(filled) == (2, {UNIT.key: 1, OTHER.key: 2})


def test_of_one_unit_too_they_are_counted_once(filled, merging):
    merging.merge(TWO, THREE, "Ingrid", "Folkeregisteret")
    assert count(filled) == (2, {UNIT.key: 1, OTHER.key: 1})


@pytest.mark.parametrize("pairs", [[(ONE, TWO), (TWO, THREE)], [(TWO, ONE), (TWO, THREE)], [(ONE, TWO), (THREE, TWO)]])
def test_three_are_one(filled, merging, pairs):
    for pair in pairs:
        merging.merge(*pair, "Ingrid", "Folkeregisteret")
    assert story(filled, ONE) == story(filled, TWO) == story(filled, THREE) == ["T-1", "T-2", "T-3"]
    assert count(filled)[0] == 1
    with pytest.raises(PersonsOneAlready):
        merging.merge(ONE, THREE, "Ingrid", "Folkeregisteret")


def test_undone_they_are_two(filled, merging):
    before = count(filled)
    merging.merge(ONE, TWO, "Ingrid", "Folkeregisteret")
    merging.undo(TWO, ONE, "Ingrid", "det var feil")
    assert (story(filled, ONE), story(filled, TWO), count(filled)) == (["T-1"], ["T-2"], before)
    with pytest.raises(PersonsNotMerged):
        merging.undo(TWO, ONE, "Ingrid", "det var feil")


@pytest.mark.parametrize("pair", [(TWO, FOUR), (FOUR, TWO), (ONE, THREE)])
def test_two_pairs_that_were_joined_are_two_pairs_again(filled, merging, pair):
    filled.ingest(
        ListInbox(*told(), message(4, services(service("T-4", "7"), people=[recipient("7", FOUR)]), unit=OTHER))
    )
    for both in ((ONE, TWO), (THREE, FOUR), pair):
        merging.merge(*both, "Ingrid", "Folkeregisteret")
    assert story(filled, ONE) == story(filled, FOUR) == ["T-1", "T-2", "T-3", "T-4"]
    merging.undo(*pair, "Ingrid", "det var feil")
    assert story(filled, ONE) == story(filled, TWO) == ["T-1", "T-2"]
    assert story(filled, THREE) == story(filled, FOUR) == ["T-3", "T-4"]


def test_nobody_is_merged_with_nobody(filled, merging):
    with pytest.raises(PersonUnknown):
        merging.merge(ONE, "30893415269"[::-1], "Ingrid", "Folkeregisteret")


def test_each_is_in_the_log_of_both_without_a_number(filled, merging):
    merging.merge(ONE, TWO, "Ingrid", f"gjelder {ONE}")
    merging.undo(ONE, TWO, "Ingrid", "det var feil")
    link, unlink = entries(filled)
    with filled.reading() as connection:
        keys = [keys_of(connection, filled.identities, NumberedPerson(one)) for one in (ONE, TWO)]
    both = sorted(key for each in keys for key in each)
    assert (link[0], unlink[0]) == ("link", "unlink")
    assert sorted(link[4]) == sorted(unlink[4]) == both
    assert ONE not in str(entries(filled))


def test_deleted_nothing_leads_to_either(any_database_url, tmp_path):
    with person_place(any_database_url, tmp_path) as place:
        place.accepted(*told())
        merging = PersonMerging(place.database, place.registry.identities, place.clock)
        merging.merge(ONE, TWO, "Ingrid", "Folkeregisteret")
        report = place.reports.of(NumberedPerson(TWO), "Ingrid", "innsyn")
        assert sorted(one.number for one in report.identities) == sorted([ONE, TWO])
        assert {one.position for one in report.messages} == {1, 2}
        place.erase(NumberedPerson(ONE))
        assert place.found_in_files([ONE, TWO]) in ({}, {repr(t.encode()): {"log"} for t in (ONE, TWO)})
        for number in (ONE, TWO):
            with pytest.raises(PersonUnknown):
                place.reports.of(NumberedPerson(number), "Ingrid", "innsyn")
        assert place.verify().holds


class TestTheCommand:
    @pytest.fixture
    def place(self, tmp_path, capfd):
        accepted(tmp_path, *told())
        capfd.readouterr()
        return ["--config", tmp_path / "mottak.toml", "--reason", "Folkeregisteret"]

    def test_reads_both_from_standard_in(self, place, capfd, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ONE}\n{TWO}\n"))
        assert ask(capfd, "merge-persons", *place) == {"merged": True, "units": [UNIT.key, OTHER.key]}
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ONE}\n"))
        found = ask(capfd, "person", "--number", *place)
        assert {one["local_id"] for one in found} >= {"T-1", "T-2"}
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ONE}\n{TWO}\n"))
        assert ask(capfd, "merge-persons", "--undo", *place)["merged"] is False

    @pytest.mark.parametrize("typed", [f"{ONE}\n{ONE}\n", f"{ONE}\n", "\n\n"])
    def test_wants_two(self, place, capfd, monkeypatch, typed):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert ask(capfd, "merge-persons", *place, code=2)["code"] == "KTT-CLI-01"
