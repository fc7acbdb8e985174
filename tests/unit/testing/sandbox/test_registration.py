"""Which sandboxes run: found whatever their folder, forgotten when they were killed, and named when there are several."""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest

from ktt.cli.app import run
from ktt.domain.unit import ReportingUnit
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.errors import NoSandboxRuns, SeveralSandboxes
from ktt.testing.sandbox.registration import registered, running_folder, running_folders, state_folder
from ktt.testing.sandbox.settings import SandboxSettings


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    places = [tmp_path_factory.mktemp("sandboxes") / name for name in ("one", "two")]
    with Sandbox(SandboxSettings(folder=places[0], helseid_port=0, mottak_port=0)), other(places[1]):
        yield places


def other(place):
    return Sandbox(SandboxSettings(folder=place, helseid_port=0, mottak_port=0), ingest=lambda _inbox: None)


def files():
    return sorted(state_folder().glob("*.json"))


def test_one_that_runs_is_found_until_it_stops(folders):
    with pytest.raises(NoSandboxRuns):
        running_folder()
    with registered(folders[0]):
        assert running_folder() == folders[0]
        assert [stat.S_IMODE(path.stat().st_mode) for path in files()] == [0o600] or sys.platform == "win32"
    assert (files(), running_folders()) == ([], [])


def test_of_several_both_are_named(folders):
    with registered(folders[0]), registered(folders[1]), pytest.raises(SeveralSandboxes) as told:
        running_folder()
    for folder in folders:
        assert str(folder) in told.value.says().nb


def altered(**members):
    path = files()[0]
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"folder": "/nowhere"},
        {"pid": 2**22 + 1},
        {"began": "1"},
        pytest.param({"pid": os.getppid()}, id="another process"),
        {"folder": 7},
    ],
)
def test_what_a_killed_one_left_is_removed(folders, members):
    with registered(folders[0]):
        path = altered(**members)
        assert running_folders() == []
        assert not path.exists()


def test_a_file_of_another_machine_that_shares_the_home_folder_stays(folders):
    with registered(folders[0]):
        path = altered(host="another", pid=2**22 + 1)
        assert running_folders() == []
        assert path.exists()


def shown(capsys, *words, code=0):
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out or "null")


def test_commands_find_it_without_a_folder(folders, capsys):
    with registered(folders[0]):
        assert shown(capsys, "sandbox", "send", "N1")["delivered"]
        assert shown(capsys, "sandbox", "tail")
        assert shown(capsys, "registry", "held") == []
        assert shown(capsys, "registry", "received") == []
        report = shown(capsys, "conformance", "receiver", "--only", "N1")
        assert [case["verdict"] for case in report["cases"]] == ["passed"]


def test_a_settings_file_here_comes_first(folders, capsys, tmp_path):
    (tmp_path / "mottak.toml").write_text("nonsense")
    (tmp_path / "client.json").write_text("nonsense")
    with registered(folders[0]):
        assert run(["registry", "held"]) != 0
        assert "mottak.toml" in capsys.readouterr().err
        assert run(["conformance", "receiver"]) == 2
        assert "client.json" in capsys.readouterr().err


def test_without_any_the_reason_is_told(capsys):
    assert run(["sandbox", "tail"]) == 2
    assert "KTT-SBX-09" in capsys.readouterr().err
    assert run(["registry", "held"]) != 0
    assert "mottak.toml" in capsys.readouterr().err


def test_an_example_about_another_unit_than_the_sandboxs_says_how_to_start_it(tmp_path, capsys):
    settings = SandboxSettings(folder=tmp_path / "s", helseid_port=0, mottak_port=0)
    units = (ReportingUnit("312111403", "1114"),)
    with Sandbox(settings, units=units, ingest=lambda _inbox: None) as sandbox, registered(sandbox.folder):
        assert run(["sandbox", "send", "N1"]) == 4
    said = capsys.readouterr().err
    assert "312000008-1114" in said
    assert "--unit" in said
