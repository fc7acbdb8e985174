"""`ktt sandbox fail|slow|lose|faults|clear|clock`: for which requests a fault is, and what waits, in words."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import run
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("sandbox") / "s"
    with Sandbox(SandboxSettings(folder=place, helseid_port=0, mottak_port=0), ingest=lambda _inbox: None):
        yield str(place)


@pytest.fixture
def sandbox(folder, capsys):
    def told(*words, code=0):
        assert run(["sandbox", *words, "--folder", folder]) == code
        said = capsys.readouterr()
        return said.err if code == 2 else said.out

    told("reset", "--faults")
    return told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fail", "503"], "503: neste melding"),
        (["fail", "503", "--for", "3", "--type", "vedtak"], "503: de neste 3 meldingene av typen KTT_Vedtak"),
        (["lose", "--until-cleared", "--unit", "312000008-1114"], "lose: hver melding fra enheten 312000008, til den"),
        (["slow", "0.5", "--every", "3", "--for", "2"], "slow: hver 3. melding, 2 ganger til"),
        (["fail", "2008", "--correlation-id", "a*"], "2008: neste melding med X-Correlation-ID som «a*»"),
        (["fail", "2008", "--header", "a=b", "--header", "c=d=e"], "2008: neste melding med a som «b» med c som «d=e»"),
        (["fail", "token-down"], "token-down: neste tokenforespørsel"),
    ],
)
def test_what_was_asked_for_waits_in_words(sandbox, words, says):
    assert says in sandbox(*words)
    assert says in sandbox("faults")
    (armed,) = json.loads(sandbox("faults", "--json"))["armed"]
    assert says in armed["says"]["nb"]
    assert json.loads(sandbox("clear", str(armed["number"]), "--json"))["armed"] == []


def test_only_the_type_that_was_chosen_fails(sandbox):
    sandbox("fail", "503", "--until-cleared", "--type", "KTT_Vedtak")
    sandbox("send", "N1", code=4)
    sandbox("send", "N1", "--type", "diagnose")
    sandbox("send", "N1", code=4)
    assert json.loads(sandbox("clear", "--json"))["waiting"] == []
    sandbox("send", "N1")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fail", "503", "--type", "KTT"], "KTT_Vedtak"),
        (["fail", "503", "--unit", "999999999"], "312000008"),
        (["lose", "--for", "2", "--until-cleared"], "--for, --until-cleared"),
        (["fail", "503", "--header", "name"], "NAVN=MØNSTER"),
        (["fail", "keys-down", "--unit", "312000008"], "nøkkellister"),
        (["clear", "99999"], "dette nummeret"),
    ],
)
def test_what_cannot_be_met_is_refused(sandbox, words, says):
    assert says in sandbox(*words, code=2)


def test_the_clock_goes_behind_too(sandbox):
    assert json.loads(sandbox("clock", "-37", "--json"))["clock_offset"] == -37


def test_without_a_sandbox_the_kinds_are_listed(capsys):
    assert run(["sandbox", "faults", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["armed"] == []
    assert "lose" in {one["name"] for one in listed["kinds"]}
