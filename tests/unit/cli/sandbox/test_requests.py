"""`ktt sandbox send|tail|reset`: an example sent as a client would, and what is seen of it."""

from __future__ import annotations

import json
import re
import socket
import threading

import pytest

from ktt.cli.app import run
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("sandbox") / "s"
    with Sandbox(SandboxSettings(folder=place, helseid_port=0, mottak_port=0), ingest=lambda _inbox: None):
        yield str(place)


def sandbox(capsys, folder, *arguments, code=0):
    assert run(["sandbox", *arguments, "--folder", folder]) == code
    return capsys.readouterr().out


def test_an_example_is_sent_as_a_client_sends(folder, capsys):
    told = json.loads(sandbox(capsys, folder, "send", "n1", "--json"))
    assert (told["message_type"], told["example"], told["delivered"]) == ("KTT_Vedtak", "N01-everyday", True)
    assert told["correlation_id"] in sandbox(capsys, folder, "tail", "--json")


def test_a_rejected_one_says_why_and_leaves_with_4(folder, capsys):
    told = sandbox(capsys, folder, "send", "F1", "--type", "diagnose", code=4)
    assert "2008" in told
    assert "/0/diagnose/0/alder" in told


def test_the_clients_requests_stand_alone_unless_all_are_wanted(folder, capsys):
    sandbox(capsys, folder, "send", "N1")
    mine, everything = (
        json.loads(sandbox(capsys, folder, "tail", "--last", "500", "--json", *all_)) for all_ in ((), ("--all",))
    )
    agents = {value for row in mine for name, value in row["headers"] if name == "user-agent"}
    assert "ktt-sandbox-receiver" not in agents
    assert {row["number"] for row in mine} < {row["number"] for row in everything}


def test_each_message_has_its_verdict_and_what_the_rules_find(folder, capsys):
    sandbox(capsys, folder, "reset", "--requests")
    sandbox(capsys, folder, "send", "N1")
    sandbox(capsys, folder, "send", "F28", code=4)
    told = sandbox(capsys, folder, "tail", "--rules")
    assert "✓ 200" in told
    assert "✗ 400 2008" in told
    assert ": ✓ levert, kvittering " in told
    assert ": ✗ ikke levert: 2008 SchemaValidationFailed" in told
    assert "/0/vedtak/0/tjenester/0/tjenesteType The value" in told
    assert "✓ Reglene finner ingen avvik." in told
    assert "KTT-SKJEMA-" in told
    first, second = [row for row in json.loads(sandbox(capsys, folder, "tail", "--rules", "--json")) if row["payload"]]
    assert (first["findings"], first["verdict"]["delivered"]) == ([], True)
    assert {one["pointer"] for one in second["findings"]} == {"/0/vedtak/0/tjenester/0/tjenesteType"}
    assert "Fra" not in told
    assert " klienten " in sandbox(capsys, folder, "tail", "--all", "--last", "100")


def test_the_usual_demand_for_a_nonce_is_no_remark(folder, capsys):
    sandbox(capsys, folder, "reset", "--requests")
    sandbox(capsys, folder, "send", "N1")
    assert "D12" not in sandbox(capsys, folder, "tail")
    sandbox(capsys, folder, "fail", "token-nonce", "--for", "2")
    sandbox(capsys, folder, "reset", "--requests")
    sandbox(capsys, folder, "send", "N1", code=4)
    assert "use_dpop_nonce" in sandbox(capsys, folder, "tail", "--json")


def test_a_replay_tells_what_came_back(folder, capsys):
    sandbox(capsys, folder, "send", "N1")
    number = json.loads(sandbox(capsys, folder, "tail", "--json"))[-1]["number"]
    assert "✓ levert, kvittering" in sandbox(capsys, folder, "tail", "--replay", str(number))


def test_faults_and_requests_are_reset_apart(folder, capsys):
    sandbox(capsys, folder, "send", "N1")
    sandbox(capsys, folder, "fail", "2008")
    assert json.loads(sandbox(capsys, folder, "reset", "--requests", "--json"))["waiting"] == ["2008"]
    assert json.loads(sandbox(capsys, folder, "tail", "--json")) == []
    sandbox(capsys, folder, "send", "N1", code=4)
    sandbox(capsys, folder, "fail", "2008")
    assert json.loads(sandbox(capsys, folder, "reset", "--faults", "--json"))["waiting"] == []
    assert json.loads(sandbox(capsys, folder, "tail", "--json"))
    sandbox(capsys, folder, "reset")
    assert json.loads(sandbox(capsys, folder, "tail", "--json")) == []


def test_what_is_stored_is_saved_put_back_and_emptied(folder, capsys):
    sandbox(capsys, folder, "send", "N1")
    assert "✓ lagret som base: " in sandbox(capsys, folder, "save", "base")
    saved = json.loads(sandbox(capsys, folder, "states", "--json"))[0]
    sandbox(capsys, folder, "reset", "--all")
    sandbox(capsys, folder, "save", "empty")
    assert {one["name"]: one["messages"] for one in json.loads(sandbox(capsys, folder, "states", "--json"))} == {
        "base": saved["messages"],
        "empty": 0,
    }
    assert "base" in sandbox(capsys, folder, "states")
    assert "✓ base er lagt tilbake: " in sandbox(capsys, folder, "restore", "base")
    sandbox(capsys, folder, "forget", "empty")
    assert json.loads(sandbox(capsys, folder, "forget", "base", "--json")) == []
    assert "Ingen tilstander" in sandbox(capsys, folder, "states")


@pytest.mark.parametrize(
    ("words", "nb"),
    [
        (["fail", "nonsense"], "ingen feil heter «nonsense»"),
        (["rotate", "nonsense"], "velg helseid eller mottak"),
        (["clock", "1000000000"], "klokka kan ikke stilles så langt"),
        (["restore", "nowhere"], "Ingen tilstand er lagret som «nowhere»"),
        (["save", "a/b"], "En tilstand kan ikke hete «a/b»"),
        (["tail", "--replay", "99999"], "forespørselen er ikke en melding som kan åpnes"),
    ],
)
def test_what_cannot_be_done_is_told_in_the_readers_language(words, nb, folder, capsys):
    assert run(["sandbox", *words, "--folder", folder]) == 2
    assert nb in capsys.readouterr().err


def hang_up(listener):
    listener.accept()[0].close()


def test_a_sandbox_that_does_not_answer_is_not_one_that_is_not_running(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = {"url": f"http://127.0.0.1:{listener.getsockname()[1]}", "token": "x", "registry": ""}
        (tmp_path / "admin.json").write_text(json.dumps(place), encoding="utf-8")
        (tmp_path / "admin.json").chmod(0o600)
        threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
        assert run(["sandbox", "tail", "--folder", str(tmp_path)]) == 14
    assert "KTT-SBX-08" in capsys.readouterr().err
    assert run(["sandbox", "tail", "--folder", str(tmp_path)]) == 2
    assert "KTT-SBX-06" in capsys.readouterr().err


def test_a_number_that_lost_its_leading_zero_is_hidden_too(folder, capsys):
    """Born on one of the first nine days of a month: as a JSON number it has ten digits."""
    sandbox(capsys, folder, "send", "N01")
    (*_, payload) = [row["payload"] for row in json.loads(sandbox(capsys, folder, "tail", "--json")) if row["payload"]]
    assert set(re.findall(r'"(?:fodselsNr|dNr)":\s*([^,\s}]+)', payload)) == {'"•••"'}


def test_a_message_whose_answer_was_lost_is_told_of(folder, capsys):
    sandbox(capsys, folder, "reset")
    sandbox(capsys, folder, "fail", "lose")
    sandbox(capsys, folder, "send", "N01", code=4)
    assert "klienten fikk ikke noe svar" in sandbox(capsys, folder, "tail")
