"""Our own receiver passes the suite that plays a sender against it; and the suite can fail."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import run
from ktt.config import SandboxSettings
from ktt.conformance.case import NAME, Verdict, failures
from ktt.conformance.cases import RECEIVER_CASES
from ktt.conformance.run import play
from ktt.conformance.target import read_target
from ktt.sandbox.world import Sandbox


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings) as world:
        world.write_config(folder / "client.json")
        yield folder / "client.json", folder / "sandbox"


def test_there_are_many_cases_and_each_says_what_it_is_for():
    names = [case.name for case in RECEIVER_CASES]
    assert len(names) == len(set(names)) >= 80
    assert all(NAME.fullmatch(name) for name in names)
    assert all(case.purpose.nb and case.purpose.en and case.source for case in RECEIVER_CASES)


def test_our_receiver_passes(config):
    path, _folder = config
    results = play(read_target(path, {}), RECEIVER_CASES)
    assert [(one.case.name, one.reasons) for one in failures(results)] == []
    assert sum(one.verdict is Verdict.PASSED for one in results) >= 80


def test_the_command_fails_when_a_case_does_not_hold(config, tmp_path, capsys):
    path, _folder = config
    read = json.loads(path.read_text(encoding="utf-8"))
    read["unit"]["orgnr"] = "312000563"  # a unit that the client may not speak for
    other = tmp_path / "client.json"
    other.write_text(json.dumps(read), encoding="utf-8")
    assert run(["conformance", "receiver", "--config", str(other), "--only", "N1"]) == 4
    assert "KTT-CNF-03" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--only", "N9999"], "KTT-CNF-02"), (["--config", "no.json"], "KTT-CNF-01")]
)
def test_wrong_use_is_told(arguments, code, capsys):
    assert run(["conformance", "receiver", *arguments]) == 2
    assert code in capsys.readouterr().err


def test_the_list_is_data_too(capsys):
    assert run(["conformance", "receiver", "--list", "--only", "N1", "--json"]) == 0
    assert [case["name"] for case in json.loads(capsys.readouterr().out)] == ["N1"]
