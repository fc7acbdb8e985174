"""No synthetic person can be a real one, and the distributions are those that are published for Norway."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from stdnum.no import orgnr

from ktt.domain.identifiers import parse_person_number
from ktt.testing.synthetic.municipality.municipality import owner
from ktt.testing.synthetic.municipality.numbers import kind_of
from support.synthetic_municipality import generate

YEAR = (dt.date(2022, 1, 1), dt.date(2022, 12, 31))


@pytest.fixture(scope="module")
def large():
    """2 000 recipients over three years: large enough for shares to settle."""
    return generate(2_000, "large", start=dt.date(2020, 6, 1), until=dt.date(2023, 1, 31))


@pytest.fixture(scope="module")
def users(large):
    _, people = large
    return {p.local_person_id: (p, types) for p in people if (types := _types_in(p, *YEAR))}


def _types_in(person, first, last):
    return {
        s.service_type
        for s in person.services
        if s.starts_on and s.starts_on <= last and (s.ends_on is None or s.ends_on >= first)
    }


def test_every_number_is_synthetic_valid_and_of_its_own_person(large):
    _, people = large
    numbers = [p for p in people if p.person_number]
    assert len({p.person_number for p in numbers}) == len(numbers)
    for person in numbers:
        found = parse_person_number(person.person_number)
        assert found.kind == kind_of(person.person_number)
        assert found.valid
        if found.kind == "duf":
            assert person.person_number[4:6] == "99"  # far above what a year issues
        else:
            assert found.synthetic
            day = int(person.person_number[:2]) - (40 if found.kind == "d" else 0)
            month = int(person.person_number[2:4]) - 80
            assert (day, month) == (person.born_on.day, person.born_on.month)
            assert int(person.person_number[8]) % 2 == int(person.sex == "1")


def test_every_kind_of_number_is_there_and_a_few_have_none(large):
    _, people = large
    kinds = Counter(kind_of(p.person_number) for p in people)
    assert set(kinds) == {"national", "d", "duf", None}
    assert kinds["national"] / len(people) > 0.95


def test_a_number_never_shows(large):
    _, people = large
    person = next(p for p in people if p.person_number)
    assert person.person_number not in repr(person)


def test_providers_and_the_municipality_have_synthetic_organisation_numbers(large):
    municipality, people = large
    numbers = [n for kind in municipality.providers.values() for n in kind]
    used = {p.provider for person in people for s in person.services for p in s.providers}
    assert len(set(numbers)) == len(numbers)
    assert used <= set(numbers)
    assert all(orgnr.is_valid(n) and n[0] == "3" for n in [*numbers, owner("1114"), owner("0301")])


@pytest.mark.parametrize("day", [dt.date(2020, 7, 1), dt.date(2021, 12, 31), dt.date(2022, 12, 31)])
def test_there_are_as_many_recipients_as_asked_for_at_any_time(large, day):
    _, people = large
    assert sum(bool(p.running(day)) for p in people) == pytest.approx(2_000, rel=0.04)


def test_turnover_is_as_published(users):
    # 1.31 to 1.33 users in a year for each on 31 December (Helsedirektoratet 2022)
    assert len(users) / 2_000 == pytest.approx(1.3, abs=0.1)


@pytest.mark.parametrize(
    ("first", "last", "share"),
    [(0, 17, 0.050), (18, 49, 0.220), (50, 66, 0.141), (67, 79, 0.212), (80, 89, 0.246), (90, 120, 0.130)],
)
def test_ages_are_as_published(users, first, last, share):
    found = sum(first <= p.age(YEAR[1]) <= last for p, _ in users.values()) / len(users)
    assert found == pytest.approx(share, abs=0.045)


def test_women_are_as_published(users):
    assert sum(p.sex == "2" for p, _ in users.values()) / len(users) == pytest.approx(0.576, abs=0.04)


@pytest.mark.parametrize(
    ("code", "share"),
    [("15", 0.690), ("6", 0.298), ("1", 0.257), ("9", 0.096), ("5", 0.090), ("4", 0.088), ("18", 0.086), ("21", 0.10)],
)
def test_services_are_as_published(users, code, share):
    found = sum(code in types for _, types in users.values()) / len(users)
    assert found == pytest.approx(share, abs=0.02 + share * 0.25)


def test_one_decision_in_twenty_is_refused_and_one_refusal_in_five_appealed(large):
    _, people = large
    decided = [d for p in people for d in p.decisions if d.decided_on]
    refused = [d for d in decided if all(line.outcome == "1" for line in d.lines)]
    assert len(refused) / len(decided) == pytest.approx(0.05, abs=0.012)
    assert sum(bool(d.appeals) for d in refused) / len(refused) == pytest.approx(0.2, abs=0.05)


def test_deaths_come_mostly_above_eighty(large):
    _, people = large
    dead = [p.age(p.died_on) for p in people if p.died_on]
    assert len(dead) > 300
    assert sum(age >= 80 for age in dead) / len(dead) > 0.6


def test_there_is_something_of_everything(large):
    _, people = large
    services = [s for p in people for s in p.services]
    assert {s.service_type for s in services} >= {
        *map(str, range(1, 10)),
        "11",
        "15",
        *map(str, range(17, 23)),
        "25",
        "26",
        "27",
        "28",
        "29",
    }
    assert any(d.decided_on is None for p in people for d in p.decisions)
    assert any(d.decision_number > 2 for p in people for d in p.decisions)
    assert any(len({line.outcome for line in d.lines}) == 2 for p in people for d in p.decisions)
    assert any(len(s.providers) > 1 for s in services)
    assert any(s.pauses for s in services)
    assert any(s.starts_on is None for s in services)
    assert any(r.municipality != "1114" for p in people for r in p.residences)
    assert {d.code_system for p in people for d in p.diagnoses} == {"ICPC-2", "ICD-10"}
