"""The demonstration: the whole road on real parts, and a proof that fails when the registry is touched."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest

from ktt.cli.app import run
from ktt.testing.demo.demo import Road, Scene
from ktt.testing.demo.errors import ProofFailed


@pytest.fixture(scope="module")
def travelled(tmp_path_factory):
    """A small town, two years of history and two days, kept open so that the proof can be asked again."""
    folder = tmp_path_factory.mktemp("demo")
    told = []
    road = Road(
        folder, Scene(recipients=12, days=2, since=dt.date(2025, 1, 1)), lambda words, *_: told.append(words.nb)
    )
    unit = road.write_epj()
    with road.open_world(unit) as world:
        yield road, world, road.travel(world, unit), told


def test_the_registry_equals_the_record_system(travelled):
    _road, _world, outcome, _told = travelled
    outcome.check()
    assert outcome.holds
    assert {one.record_type for one in outcome.proof} == {
        "assessment",
        "care_service",
        "circumstances",
        "decision",
        "diagnosis",
        "recipient",
    }
    assert all(one.records for one in outcome.proof)


def test_the_report_adds_up(travelled):
    _road, _world, outcome, _told = travelled
    data = outcome.as_data()
    assert [run.kind for run in outcome.runs] == ["load", "daily", "daily"]
    assert data["messages"] == {"accepted": sum(run.messages for run in outcome.runs), "rejected": 0, "left_in_line": 0}
    assert data["days_covered"] == {"from": dt.date(2025, 1, 1), "to": dt.date(2026, 3, 2)}
    for one in outcome.proof:
        if one.record_type in data["sent"]:
            sent = data["sent"][one.record_type]
            assert one.records == sent["new"] - sent["gone"]


def test_a_person_sees_how_far_it_has_come(travelled):
    _road, _world, _outcome, told = travelled
    assert "Lager et syntetisk EPJ" in told
    assert any(words.startswith("Initiell last, måned for måned: 2026-") for words in told)
    assert any(words.startswith("Daglig kjøring 2026-03-02") for words in told)


def test_the_proof_fails_when_one_value_in_the_registry_is_changed(travelled):
    road, world, outcome, _told = travelled
    path = next(folder for folder in outcome.folder.rglob("registry*.sqlite"))
    answers = json.loads((outcome.folder / "epj" / "answers.json").read_text(encoding="utf-8"))
    with sqlite3.connect(path) as database:
        changed = "UPDATE diagnosis_current SET code = 'Z99' WHERE rowid = (SELECT min(rowid) FROM diagnosis_current)"
        assert database.execute(changed).rowcount == 1
    outcome.proof = road._prove(world, outcome.unit, answers)
    assert [one.record_type for one in outcome.proof if not one.same] == ["diagnosis"]
    with pytest.raises(ProofFailed, match="KTT-DEM-01"):
        outcome.check()


def test_the_command_says_the_same_as_data(capsys):
    assert run(["demo", "--recipients", "1", "--days", "0", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["holds"] is True
    assert shown["messages"]["left_in_line"] == 0
