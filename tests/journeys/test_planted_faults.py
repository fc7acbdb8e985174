"""Somebody tries out `ktt validate` on a municipality with known faults: it finds those, counts them right, and no others."""

from __future__ import annotations

import json
import re

import pytest

from ktt.cli.app import run
from ktt.testing.synthetic.errors import WrongMeasure

TOWN = ("--recipients", "15", "--from", "2024-01-01", "--until", "2025-12-31", "--seed", "faults")


@pytest.fixture
def desk(capsysbinary, monkeypatch):
    """Type a command: exit code, standard out, standard error."""
    monkeypatch.setenv("KTT_LANG", "nb")

    def type_(*words):
        code = run([str(word) for word in words])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return type_


def _validate(desk, folder, answers):
    unit = f"{answers['unit']['organisation']}-{answers['unit']['municipality']}"
    code, out, _ = desk("validate", folder, "--unit", unit, "--date", answers["as_of"], "--json")
    assert code == 12  # some faults reject the message
    return json.loads(out)


FOLLOWS = {"KTT-SRC-F12", "KTT-SRC-F16", "KTT-SRC-F18", "KTT-SRC-F19"}
"""Nobody planted these: they say which records cannot be sent because of what was planted."""


def _counts(report):
    return {rule["rule"]: rule["count"] for cause in report["causes"] for rule in cause["rules"]}


def _planted(report, counts):
    along = sum(count for rule, count in counts.items() if rule in FOLLOWS)
    assert along == report["totals"]["along"] > 0
    return {rule: count for rule, count in counts.items() if rule not in FOLLOWS}


def _records(report):
    return {
        rule["rule"]: sorted({finding["local_id"] for finding in rule["findings"]})
        for cause in report["causes"]
        for rule in cause["rules"]
    }


def _hides_a_number(records):
    return any("•" in each for each in records)


def test_the_report_counts_what_the_answers_say_today_and_on_later_days(desk, tmp_path):
    folder = tmp_path / "epj"
    code, out, err = desk("synth", "epj", "--out", folder, *TOWN, "--faults", "2", "--json")
    assert (code, err) == (0, "")
    answers = json.loads(out)
    for days in (0, 8):
        if days:
            code, out, _ = desk("synth", "day", folder, "--days", days, "--json")
            answers = json.loads(out)
            assert code == 0
        rules = answers["faults"]["rules"]
        report = _validate(desk, folder, answers)
        assert _planted(report, _counts(report)) == {rule: each["findings"] for rule, each in rules.items()}
        assert report["totals"]["findings"] - report["totals"]["along"] == answers["faults"]["findings"]
        shown = {rule: ids for rule, ids in _records(report).items() if rule not in FOLLOWS}
        assert {rule: ids for rule, ids in shown.items() if not _hides_a_number(ids)} == {
            rule: each["records"] for rule, each in rules.items() if not _hides_a_number(shown[rule])
        }


def test_a_person_is_told_what_was_planted_and_how_to_see_it(desk, tmp_path):
    folder = tmp_path / "epj"
    code, _, err = desk("synth", "epj", "--out", folder, *TOWN, "--faults", "1")
    assert code == 0
    assert "Plantet: " in err
    command = err[err.index("ktt validate") :].split()
    code, out, _ = desk(*command[1:])
    assert code == 12
    planted = json.loads((folder / "answers.json").read_text("utf-8"))["faults"]["findings"]
    total, follow = re.search(r"Avvik: (\d+) \(.*som følger av andre eller av skjemaet (\d+)\)", out).groups()
    assert int(total) - int(follow) == planted


def test_too_many_faults_are_refused_in_words(desk, tmp_path):
    code, out, err = desk("synth", "epj", "--out", tmp_path / "epj", *TOWN, "--faults", "1001")
    assert (code, out) == (WrongMeasure.exit_code, "")
    assert "0 til 1000 feil per regel" in err
