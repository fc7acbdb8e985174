"""The demonstration with real parts, and a comparison that fails when the registry is changed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest

from ktt.cli.app import run
from ktt.testing.demo.demo import Demo, DemoSize
from ktt.testing.demo.errors import ContentDiffers


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small municipality, a year of history and two days, kept open so that both ends can be compared again."""
    folder = tmp_path_factory.mktemp("demo")
    told = []
    demo = Demo(
        folder, DemoSize(recipients=12, days=2, since=dt.date(2025, 1, 1)), lambda words, *_: told.append(words.nb)
    )
    unit = demo.write_epj()
    with demo.sandbox(unit) as sandbox:
        yield demo, sandbox, demo.run(sandbox, unit), told


def test_the_registry_equals_the_record_system(finished):
    _demo, _sandbox, result, _told = finished
    result.check()
    assert result.holds
    assert {one.record_type for one in result.comparisons} == {
        "assessment",
        "care_service",
        "circumstances",
        "decision",
        "diagnosis",
        "recipient",
    }
    assert all(one.records for one in result.comparisons)


def test_the_report_adds_up(finished):
    _demo, _sandbox, result, _told = finished
    data = result.as_data()
    assert [run.kind for run in result.runs] == ["load", "daily", "daily"]
    assert data["messages"] == {"accepted": sum(run.messages for run in result.runs), "rejected": 0, "left_in_line": 0}
    assert data["days_covered"] == {"from": dt.date(2025, 1, 1), "to": dt.date(2026, 3, 2)}
    for one in result.comparisons:
        if one.record_type in data["sent"]:
            sent = data["sent"][one.record_type]
            assert one.records == sent["new"] - sent["gone"]


def test_a_person_sees_how_far_it_has_come(finished):
    _demo, _sandbox, _result, told = finished
    assert "Lager en syntetisk EPJ" in told
    assert any(words.startswith("Initiell last, måned for måned: 2026-") for words in told)
    assert any(words.startswith("Daglig kjøring 2026-03-02") for words in told)


def test_the_comparison_fails_when_one_value_in_the_registry_is_changed(finished):
    demo, sandbox, result, _told = finished
    path = next(folder for folder in result.folder.rglob("registry*.sqlite"))
    with sqlite3.connect(path) as database:
        changed = "UPDATE diagnosis_current SET code = 'Z99' WHERE rowid = (SELECT min(rowid) FROM diagnosis_current)"
        assert database.execute(changed).rowcount == 1
    result.comparisons = demo.compare(sandbox, result.unit)
    assert [one.record_type for one in result.comparisons if not one.same] == ["diagnosis"]
    with pytest.raises(ContentDiffers, match="KTT-DEM-01"):
        result.check()


def test_the_command_says_the_same_as_data(capsys):
    assert run(["demo", "--recipients", "1", "--days", "0", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["holds"] is True
    assert shown["messages"]["left_in_line"] == 0
