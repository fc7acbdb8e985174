"""`advance_day`: the record system moves forward, a little every day and everything within a week."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from ktt.testing.synthetic.day_simulator import ALL_KINDS
from ktt.testing.synthetic.errors import RecordSystemMissing, WrongMeasure
from ktt.testing.synthetic.municipality import changes
from ktt.testing.synthetic.municipality.numbers import kind_of
from support.synthetic_municipality import OPENING, TODAY, faults, generate, people_of


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A municipality of 80 recipients before anything happens."""
    folder = tmp_path_factory.mktemp("first") / "epj"
    write_epj(folder, recipients=80, municipality="1114", start=OPENING, seed=3, until=TODAY)
    return folder


@pytest.fixture(scope="module")
def week(first, tmp_path_factory):
    """The folder of the same municipality after seven days, and the answers of each day."""
    folder = shutil.copytree(first, tmp_path_factory.mktemp("week") / "epj")
    return folder, [advance_day(folder) for _ in range(7)]


def test_a_week_holds_every_kind_of_change(week):
    _, answers = week
    done = {each["kind"] for day in answers[-1]["days"] for each in day["done"]}
    assert set(ALL_KINDS) <= done


def test_each_day_is_listed_with_local_ids(week):
    _, answers = week
    assert [day["day"] for day in answers[-1]["days"]] == [str(TODAY + dt.timedelta(n)) for n in range(1, 8)]
    assert all(each["records"] for day in answers[-1]["days"] for each in day["done"])
    assert answers[-1]["as_of"] == "2026-03-09"


def test_every_day_brings_news(first, week):
    _, answers = week
    before = [json.loads((first / "answers.json").read_text()), *answers]
    for earlier, later in zip(before, answers, strict=False):
        assert earlier["content"] != later["content"]


def test_the_answer_key_on_disk_is_the_last(week):
    folder, answers = week
    assert json.loads((folder / "answers.json").read_text("utf-8")) == answers[-1]


def test_the_export_log_follows(week):
    folder, _ = week
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        log = connection.execute("SELECT tabell, antall FROM eksport_logg WHERE dato = '2026-03-09'").fetchall()
        assert len(log) == 14
        for table, count in log:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)


def test_everybody_still_keeps_the_rules(week):
    folder, _ = week
    assert [fault for person in people_of(folder) for fault in faults(person, TODAY + dt.timedelta(7))] == []


def test_several_days_at_once_are_the_same_days(first, week, tmp_path):
    _, answers = week
    assert advance_day(shutil.copytree(first, tmp_path / "epj"), days=7) == answers[-1]


def _done(answers, kind):
    return next(each["records"] for day in answers[-1]["days"] for each in day["done"] if each["kind"] == kind)


def test_the_dead_had_something_open_that_ends_with_them(week):
    folder, answers = week
    person_id, *services = _done(answers, "death")
    person = next(p for p in people_of(folder) if p.local_person_id == person_id)
    assert person.died_on
    assert services
    assert {s.ends_on for s in person.services if s.service_id in services} == {person.died_on}


def test_a_deleted_decision_is_gone_with_its_services(week):
    folder, answers = week
    decision_id, *services = _done(answers, "deletion of decision")
    assert services
    for person in people_of(folder):
        assert person.decision(decision_id) is None
        assert not {s.service_id for s in person.services} & set(services)


def test_a_moved_record_keeps_its_id_and_changes_its_person(first, week):
    folder, answers = week
    record, wrong, right = _done(answers, "record moved to another person")
    owner = {d.diagnosis_id: p.local_person_id for p in people_of(folder) for d in p.diagnoses}
    before = {d.diagnosis_id: p.local_person_id for p in people_of(first) for d in p.diagnoses}
    assert owner[record] == right
    assert before.get(record, wrong) == wrong


def test_a_d_number_becomes_a_national_number(week):
    folder, answers = week
    (person_id,) = _done(answers, "permanent number")
    assert next(p for p in people_of(folder) if p.local_person_id == person_id).person_number[0] in "0123"
    municipality, people = generate(5, "d")
    person = next(p for p in people if p.running(TODAY))
    person.person_number = municipality.numbers.d_number(person.born_on, person.sex)
    assert changes.permanent_number(municipality, person, TODAY) == [person.local_person_id]
    assert kind_of(person.person_number) == "national"
    assert changes.permanent_number(municipality, person, TODAY) == []


def test_a_new_home_municipality_shows_on_records_from_that_day_only(week):
    folder, answers = week
    person_id, new_set = _done(answers, "new home municipality")
    person = next(p for p in people_of(folder) if p.local_person_id == person_id)
    entry = next(c for c in person.circumstances if c.circumstances_id == new_set)
    assert person.residences[-1].starts_on == entry.starts_on
    assert person.residences[-1].municipality != person.residences[-2].municipality


def test_ids_of_the_deleted_are_not_used_again(first, week):
    folder, answers = week
    (deleted,) = _done(answers, "deletion of service")
    assert all(s.service_id != deleted for p in people_of(folder) for s in p.services)


def test_half_a_year_goes_by(tmp_path):
    folder = tmp_path / "epj"
    write_epj(folder, recipients=12, municipality="1114", start=dt.date(2024, 1, 1), seed=5, until=TODAY)
    answers = advance_day(folder, days=180)
    assert [
        fault for person in people_of(folder) for fault in faults(person, dt.date.fromisoformat(answers["as_of"]))
    ] == []


def test_a_folder_without_a_record_system_is_told(tmp_path):
    with pytest.raises(RecordSystemMissing):
        advance_day(tmp_path)
    (tmp_path / "epj.sqlite").write_text("not a database, but long enough to be taken for one at a glance " * 20)
    with pytest.raises(RecordSystemMissing):
        advance_day(tmp_path)
    (tmp_path / "epj.sqlite").unlink()
    sqlite3.connect(tmp_path / "epj.sqlite").close()
    with pytest.raises(RecordSystemMissing):
        advance_day(tmp_path)


@pytest.mark.parametrize("days", [0, -1, 1000])
def test_a_strange_number_of_days_is_refused(first, days):
    with pytest.raises(WrongMeasure):
        advance_day(first, days=days)


def test_a_day_that_fails_leaves_the_database_as_it_was(first, tmp_path, monkeypatch):
    folder = shutil.copytree(first, tmp_path / "epj")
    before = (folder / "epj.sqlite").read_bytes()

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ktt.testing.synthetic.advance.describe", fail)
    with pytest.raises(KeyboardInterrupt):
        advance_day(folder)
    assert (folder / "epj.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "unreadable",
    [
        ("omsorg_tjeneste", "tjeneste_id", "tjkode", "UKJENT"),
        ("vedtak_linje", "vedtak_id", "timer_uke", "tre"),
        ("sak_vedtak", "vedtak_id", "vedtatt", "i fjor"),
        ("bruker", "bruker_nr", "dod", "31.02.2026"),
        ("bruker_opplysning", "opplysning_id", "husstand", "?"),
    ],
)
def test_what_somebody_wrote_that_cannot_be_read_is_left_alone(first, tmp_path, unreadable):
    table, key, column, cell = unreadable
    folder = shutil.copytree(first, tmp_path / "epj")
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection, connection:
        some = f"SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT 60"
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} IN ({some})", (cell,))
        there = f"SELECT * FROM {table} WHERE {column} = ?"
        before = connection.execute(there, (cell,)).fetchall()
    answers = advance_day(folder, days=8)
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        assert connection.execute(there, (cell,)).fetchall() == before
    assert before
    assert any("cannot be read" in reasons for reasons in answers["excluded"].values())
    assert answers["days"]
