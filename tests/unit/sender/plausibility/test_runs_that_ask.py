"""Each question is asked on a planted case, accepted with a reason, and the reason is found again."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.cli.sender.questions_report import question_words
from ktt.core.errors import EXIT_QUESTION
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.plausibility.asked import acceptance_of
from ktt.sender.plausibility.errors import QuestionsOpen, ReasonMissing
from support.sender_epj import UNIT
from support.sender_municipality import open_municipality

PERSONS = 80
REASON = "kontrollert mot EPJ"


@pytest.fixture
def town(tmp_path, clock):
    """Eighty persons with twice as many services and a diagnosis each, loaded, and three ordinary days since."""
    with open_municipality(tmp_path, clock, PERSONS) as opened:
        opened.epj.run("UPDATE tjeneste SET type = '2' WHERE id LIKE '%b'")
        for number in range(PERSONS):
            stamp = f"2026-02-{number % 28 + 1:02} {8 + number // 60:02}:{number % 60:02}:00"
            opened.epj.run("UPDATE diagnose SET endret = ? WHERE id = ?", stamp, f"D{number}")
        opened.load().check()
        for day in (1, 2, 3):
            opened.epj.run("UPDATE diagnose SET endret = ? WHERE id = ?", f"2026-03-0{day + 1} 07:30:00", f"D{day}")
            assert opened.daily(day).exit_code == 0
        yield opened


def ask_again(town, day, names):
    """The run stops with these questions, sends nothing, and goes on when they are accepted, for that run only."""
    before = town.registry.state()
    report = town.daily(day)
    assert type(report.stopped) is QuestionsOpen, report.as_data()
    assert (report.exit_code, report.messages, report.read) == (EXIT_QUESTION, 0, True)
    assert [one["name"] for one in report.as_data()["questions"]] == names
    assert not any(one["accepted"] for one in report.as_data()["questions"])
    assert all(f"--accept {name}" in report.stopped.advises().nb for name in names)
    assert town.registry.state() == before
    some = town.daily(day, accept=acceptance_of(names[1:], REASON, "ola")) if len(names) > 1 else None
    assert some is None or (some.exit_code, some.messages) == (EXIT_QUESTION, 0)
    assert list(town.sender.history.accepted(UNIT)) == []  # nothing is accepted of a run that did not go on
    report = town.daily(day, accept=acceptance_of(names, REASON, "ola"))
    assert report.stopped is None
    assert [one["accepted"] for one in report.as_data()["questions"]] == [True] * len(names)
    kept = town.sender.history.accepted(UNIT)
    assert [(one.name, one.reason, one.by, one.day) for one in kept] == [
        (name, REASON, "ola", town.day(day)) for name in names
    ]
    assert {one.at for one in kept} == {town.clock.now()}
    return report


def test_an_ordinary_day_asks_nothing(town):
    town.epj.service("T9", "P0", dt.date(2026, 3, 2))
    report = town.daily(4)
    assert (report.stopped, report.changes, report.as_data()["questions"]) == (None, 1, [])


def test_all_services_of_one_type_are_gone(town):
    town.epj.run("DELETE FROM tjeneste WHERE type = '2'")
    report = ask_again(town, 4, ["fall:2", "changes", "table:tjeneste", "drop:care_service"])
    assert report.types["care_service"].gone == PERSONS
    assert town.daily(5).changes == 0  # what is accepted is the measure from then on


def test_services_of_one_type_are_now_of_another(town):
    town.epj.run("UPDATE tjeneste SET type = '4' WHERE type = '2'")
    report = ask_again(town, 4, ["fall:2", "jump:4", "changes"])
    assert report.types["care_service"].changed == PERSONS


def test_one_type_triples(town):
    rows = [(f"N{number}", f"P{number % PERSONS}", "2", f"2020-01-{number % 28 + 1:02}", None, "2026-03-06 08:00:00")
            for number in range(2 * PERSONS)]  # fmt: skip
    town.epj.services(rows)
    ask_again(town, 4, ["jump:2", "changes"])


def test_numbers_of_persons_are_lost(town):
    town.epj.run("UPDATE person SET fnr = NULL WHERE id LIKE 'P1%' OR id LIKE 'P2%'")
    ask_again(town, 4, ["identity", "changes"])


def test_half_of_everything_is_changed_in_one_day(town):
    town.epj.run("UPDATE tjeneste SET start = date(start, '+1 day')")
    report = ask_again(town, 4, ["changes"])
    assert report.types["care_service"].changed == 2 * PERSONS


def test_an_older_copy_of_the_record_system_is_known_by_its_newest_registrations(town):
    newest = [f"2026-02-{number % 28 + 1:02} 08:{number:02}:00" for number in (1, 2, 3)]
    for number, stamp in enumerate(newest, 1):
        town.epj.run("UPDATE diagnose SET endret = ? WHERE id = ?", stamp, f"D{number}")
    ask_again(town, 4, ["older"])


def test_a_day_that_has_not_come(town):
    town.morning(4)
    town.epj.log(town.day(5))
    from ktt.sender.daily import run_daily

    report = run_daily(town.sender, town.day(5))
    assert [one.name for one in report.questions.questions] == ["day"]
    assert "2026-03-07 er ikke kommet ennå" in report.stopped.says().nb
    assert run_daily(town.sender, town.day(5), accept=acceptance_of(["day"], REASON, "ola")).stopped is None


def test_a_day_before_the_last(town):
    assert "er før forrige kjørings dag" in town.daily(2).stopped.says().nb
    ask_again(town, 2, ["day"])


def test_the_first_runs_are_asked_what_needs_no_history(tmp_path, clock):
    with open_municipality(tmp_path, clock) as opened:
        from ktt.sender.initial_load import run_load

        opened.epj.log(opened.day(2))
        report = run_load(opened.sender, opened.day(2))
        assert ([one.name for one in report.questions.questions], report.load.finished_at) == (["day"], None)
        assert opened.registry.state() == {}
        opened.load().check()
        opened.epj.run("DELETE FROM diagnose")
        report = opened.daily(1)
        assert [one.name for one in report.questions.questions] == ["table:diagnose", "drop:diagnosis"]
        assert opened.daily(1, accept=acceptance_of(["table:diagnose", "drop:diagnosis"], REASON, "ola")).changes == 4


def test_rows_that_are_swapped_for_others_do_not_hide_a_drop(town):
    town.epj.run("UPDATE diagnose SET id = 'X' || id WHERE id < 'D40'")
    assert "drop:diagnosis" in [one.name for one in town.daily(4).questions.questions]


def test_what_an_odd_extract_lacks_is_not_closed_as_corrected(town):
    town.epj.service("T9", "P0", dt.date(2026, 3, 2))
    town.epj.run("UPDATE tjeneste SET slutt = '2026-02-01' WHERE id = 'T9'")
    town.daily(4)
    before = town.sender.findings.still_open(UNIT)["rule"].to_list()
    assert "KTT-TJENESTE-01" in before
    town.epj.run("DELETE FROM tjeneste")
    assert type(town.daily(5).stopped) is QuestionsOpen
    assert town.sender.findings.still_open(UNIT)["rule"].to_list() == before


def test_an_acceptance_of_what_nobody_asks_is_told_and_not_kept(town):
    town.epj.service("T9", "P0", dt.date(2026, 3, 2))
    report = town.daily(4, accept=acceptance_of(["fall:2"], REASON, "ola"))
    assert (report.stopped, report.changes, report.as_data()["accepted_in_vain"]) == (None, 1, ["fall:2"])
    assert [text.nb for text in question_words(report)] == [
        "«--accept fall:2» trengs ikke: kjøringen stilte ikke det spørsmålet. Ta valget ut av kommandoen."
    ]
    assert list(town.sender.history.accepted(UNIT)) == []


@pytest.mark.parametrize(("names", "reason"), [(["day"], ""), (["day"], "  "), ([], "fordi")])
def test_a_question_and_a_reason_belong_together(names, reason):
    with pytest.raises(ReasonMissing):
        acceptance_of(names, reason, "ola")


def test_sending_everything_again_was_asked_for(town):
    asked_for = town.store.resend(UNIT, Resend(), by="ola", reason="mottakeren ba om det")
    report = town.daily(4)
    assert (report.stopped, report.changes) == (None, asked_for)
    (last,) = town.sender.history.latest(UNIT, 1)
    assert (last.new, last.changed, last.gone) == (0, 0, 0)
