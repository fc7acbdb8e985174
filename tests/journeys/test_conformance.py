"""Our own receiver and our own sender pass the suites, and the commands report the results."""

from __future__ import annotations

import json
import sys

import pytest

from ktt.cli.app import run
from ktt.testing.conformance.case import Verdict, failures
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.receiver.run import run_suite
from ktt.testing.conformance.receiver.target import read_target
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.drivers.own_sender_driver import OwnSenderDriver
from ktt.testing.conformance.sender.harness import open_harness
from ktt.testing.conformance.sender.run import run_suite as run_sender_suite
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wire import jwk
from support import scripted_sender


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformance")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings) as sandbox:
        sandbox.write_config(folder / "client.json")
        yield folder / "client.json", folder / "sandbox"


def test_our_receiver_passes(config):
    path, _folder = config
    results = run_suite(read_target(path), RECEIVER_CASES)
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


@pytest.mark.timeout(600)  # half a minute alone; on a machine that others use, much more
def test_our_sender_passes_all_of_it(tmp_path):
    """From record system to wire, with `ktt load` and `ktt daily`, in one process with the other end."""
    with open_harness(OwnSenderDriver(), tmp_path) as harness:
        results = run_sender_suite(harness, SENDER_CASES)
    assert [(one.case.name, one.reasons) for one in failures(results, strict=True)] == []
    assert [one.case.name for one in results if one.verdict is Verdict.SKIPPED] == []


def test_a_foreign_sender_is_tested_by_its_command_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    script = f'"{sys.executable}" "{scripted_sender.__file__}" {{config}} {{message}} {{type}} {{version}} {{dato}}'
    only = ["--only", "N200,N402,F803,F921,N904"]
    assert run(["conformance", "sender", "--run", script, *only, "--json", "--html", "page.html"]) == 0
    shown = capsys.readouterr().out
    result = json.loads(shown)
    cases = result["cases"]
    assert set(result["about"]["versions"]) == {"program", "suite", "packs"}
    assert {case["verdict"] for case in cases} == {"passed"}
    assert cases[0]["requests"][-1]["proof"]["claims"]["htm"] == "POST"
    assert cases[1]["requests_of"] == "N200"
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Samsvarsprøve av en avsender" in page
    assert "23915820158" not in shown + page
    assert run(["conformance", "sender", "--run", f'{script} "no ath"', "--only", "N212"]) == 4
    assert "N212" in capsys.readouterr().out


PREPARE = """
import pathlib, shutil, sys
from ktt.core.clock import SystemClock, norwegian_day
from ktt.testing.conformance.sender.drivers import record_system
from ktt.domain.unit import ReportingUnit
folder, wish, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if wish == "begin":
    shutil.rmtree(folder / "epj", ignore_errors=True)
    for path in folder.glob("outbox.sqlite*"):  # the store, and the witness of it
        path.unlink()
    record_system.create(folder / "epj", ReportingUnit("312000008", "1114"))
elif wish == "new":
    epj = record_system.SmallRecordSystem(folder / "epj")
    epj.months(count)
    epj.log(norwegian_day(SystemClock().now()))
else:
    sys.exit(1)
"""


def test_our_sender_is_tested_by_its_command_too(tmp_path, capsys):
    """Two processes for each scenario: one that changes the record system, and `ktt load`."""
    prepare, sender = tmp_path / "prepare.py", tmp_path / "sender"
    prepare.write_text(PREPARE, encoding="utf-8")
    sender.mkdir()
    ours = f'"{sys.executable}" -m ktt load --config "{sender / "sender.toml"}"'
    wishes = f'"{sys.executable}" "{prepare}" "{sender}" {{wish}} {{count}}'
    options = ["--run", ours, "--prepare", wishes, "--sender-config", str(sender)]
    assert run(["conformance", "sender", *options, "--only", "N200,N700,F928,N608", "--json"]) == 0
    cases = {case["name"]: case for case in json.loads(capsys.readouterr().out)["cases"]}
    assert {name: case["verdict"] for name, case in cases.items()} == {
        "N200": "passed",
        "N700": "passed",
        "F928": "passed",
        "N608": "skipped",
    }
    assert [run["exit_code"] for run in cases["F928"]["runs"]] == [13], "the queue is held, and the command says so"


def test_advice_counts_only_when_it_is_asked_to(capsys):
    script = f'"{sys.executable}" "{scripted_sender.__file__}" {{config}} {{message}} {{type}} {{version}} {{dato}}'
    wrong = ["conformance", "sender", "--run", f'{script} "assertion iat as text"', "--only", "N129"]
    assert run(wrong) == 0
    assert "råd" in capsys.readouterr().out
    assert run([*wrong, "--strict"]) == 4


def test_the_receiver_s_report_hides_persons(config, tmp_path, capsys):
    path, _folder = config
    page = tmp_path / "page.html"
    assert (
        run(["conformance", "receiver", "--config", str(path), "--only", "N1,F534", "--json", "--html", str(page)]) == 0
    )
    shown = capsys.readouterr().out
    assert json.loads(shown)["cases"][0]["requests"][0]["payload"]
    assert "23915820158" not in shown + page.read_text(encoding="utf-8")
    assert "•••" in shown


def test_a_report_that_cannot_be_written_is_told(config, tmp_path, capsys):
    path, _folder = config
    missing = tmp_path / "no" / "page.html"
    assert run(["conformance", "receiver", "--config", str(path), "--only", "N1", "--html", str(missing)]) == 2
    assert "KTT-CNF-07" in capsys.readouterr().err


def test_a_build_keeps_known_failures_and_a_signed_result(tmp_path, monkeypatch, capsys):
    """Kari's build: what is known does not count, what is new does, and the result can be shown to others."""
    monkeypatch.chdir(tmp_path)
    script = f'"{sys.executable}" "{scripted_sender.__file__}" {{config}} {{message}} {{type}} {{version}} {{dato}}'
    broken, only = f'{script} "no ath"', ["--only", "N200,N212"]
    key = tmp_path / "key.json"
    key.touch(mode=0o600)
    key.write_text(json.dumps(jwk.generate("ES256")), encoding="utf-8")
    known = tmp_path / "known.toml"
    known.write_text('[[case]]\nname = "N212"\nreason = "later"\nuntil = 2099-01-01\n', encoding="utf-8")
    files = ["--expected-failures", str(known), "--out", "a.json", "--sign", str(key), "--junit", "a.xml"]
    assert run(["conformance", "sender", "--run", broken, *only, *files]) == 0
    shown = capsys.readouterr().out
    assert "N212" in shown
    assert "helseid § 13 D13" in shown
    assert 'failures="0"' in (tmp_path / "a.xml").read_text(encoding="utf-8")
    assert run(["conformance", "verify", "a.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["signed_by"] == jwk.thumbprint(
        json.loads(key.read_text(encoding="utf-8"))
    )
    assert (
        run(["conformance", "sender", "--run", script, *only, "--expected-failures", str(known), "--out", "b.json"])
        == 4
    )
    assert "KTT-CNF-09" in capsys.readouterr().err
    assert run(["conformance", "compare", "a.json", "b.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["held"] == ["N212"]
    assert run(["conformance", "compare", "b.json", "a.json"]) == 4
    assert "KTT-CNF-12" in capsys.readouterr().err
    (tmp_path / "a.json").write_bytes((tmp_path / "a.json").read_bytes().replace(b"failed", b"passed"))
    assert run(["conformance", "verify", "a.json"]) == 4
    assert "KTT-CNF-11" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--sign", "key.json"], "KTT-CLI-01"), (["--expected-failures", "no.toml"], "KTT-CNF-08")]
)
def test_what_cannot_be_reported_is_told_before_anything_runs(arguments, code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["conformance", "sender", "--run", "x {message}", *arguments]) == 2
    assert code in capsys.readouterr().err


def test_the_requirements_that_have_no_case_are_listed(capsys):
    assert run(["conformance", "requirements", "--uncovered", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed
    assert not any(one["cases"] for one in listed)
