"""`ktt load`, `ktt daily` and `ktt outbox` against the sandbox, as a person or a script would run them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.settings import SandboxSettings
from support.http_raw_server import raw_server
from support.registry_inbox import forget
from support.sender_desk import Desk
from support.sender_municipality import MONDAY
from support.start_up import loaded_by

STATUS = {"sqlalchemy", "polars", "cryptography", "joserfc"}
"""What `ktt status` loads where the store is SQLite: the store, the records' types, and the client's key, which is proved."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


@pytest.fixture
def desk(tmp_path, sandbox, capsys):
    forget(sandbox.registry)
    return Desk(tmp_path, sandbox, capsys)


def test_from_the_first_load_to_a_quiet_day(desk):
    assert desk.asks("outbox")[0]["why"]["nb"] == "Initiell last er ikke startet."
    code, _, err = desk.type("daily", *desk.day(0))
    assert (code, err.splitlines()[0].split(":")[0]) == (13, "KTT-SND-01")
    loaded = desk.asks("load", *desk.day(0))
    assert (loaded["changes"], loaded["undelivered"]) == (9, 0)
    assert loaded["load"]["finished_at"]
    desk.epj.service("T9", "P0", MONDAY)
    assert desk.asks("daily", *desk.day(1))["types"]["care_service"]["new"] == 1
    code, out, err = desk.type("daily", *desk.day(2))
    assert (code, out.splitlines()[0], err) == (0, "✓ 2026-03-04: 0 endringer, 0 meldinger levert.", "")
    (line,) = desk.asks("outbox")
    assert (line["why"]["en"], line["delivered"]) == ("Everything is delivered.", loaded["messages"] + 1)
    story = desk.asks("outbox", "show", "1")
    assert (story["state"], story["attempts"][0]["outcome"]) == ("delivered", "accepted")
    assert story["receipt"]["correlation_id"] == story["attempts"][0]["correlation_id"]
    assert "mottatt" in desk.type("outbox", "show", "1")[1]
    assert desk.type("outbox", "show", "99")[0] == 2
    assert loaded_by("status", "--json", "--config", desk.config) <= STATUS


def test_what_is_held_back_is_shown_by_cause_and_local_id(desk):
    desk.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    code, out, _ = desk.type("load", "--strict", *desk.day(0))
    assert code == 3
    assert desk.asks("daily", *desk.day(1))["exit_code"] == 0
    assert desk.type("daily", "--strict", *desk.day(1))[0] == 3
    for word in ("KTT-SRC-F02", "Registrering (saksbehandler retter i EPJ): ", "startdato", "T1a"):
        assert word in out


def test_a_pause_with_a_reason_and_a_rebuild(desk):
    assert desk.asks("outbox", "pause", "--reason", "bytter EPJ")["paused"] is True
    code, out, err = desk.type("load", *desk.day(0))
    assert code == 13
    assert out.startswith("✗ 0 meldinger levert,")
    assert "bytter EPJ" in err
    assert "bytter EPJ" in desk.asks("outbox")[0]["why"]["nb"]
    assert desk.asks("outbox", "rebuild", "--reason", "prøve")["superseded"] > 0
    assert desk.asks("outbox", "resume", "--reason", "byttet")["paused"] is False
    assert desk.asks("load", *desk.day(0))["changes"] == 9


def test_the_messages_are_listed_by_state_period_and_type(desk):
    loaded = desk.asks("load", *desk.day(0))
    everything = desk.asks("outbox", "list")["messages"]
    assert [one["sequence"] for one in everything] == list(range(1, loaded["messages"] + 1))
    assert {one["unit"] for one in everything} == {"312000008-1114"}
    assert not {name for one in everything for name in one if "payload" in name} - {"payload_hash", "payload_bytes"}
    newest = desk.asks("outbox", "list", "--last", "2")
    assert (newest["messages"], newest["left_out"]) == (everything[-2:], loaded["messages"] - 2)
    may = desk.asks("outbox", "list", "--period", "2017-05", "--type", "ktt_tjeneste", "--state", "delivered")
    assert {(one["period"], one["message_type"]) for one in may["messages"]} == {("2017-05", "KTT_Tjeneste")}
    assert desk.asks("outbox", "list", "--period", "2017") == {"left_out": 0, "messages": everything}
    assert desk.asks("outbox", "list", "--state", "rejected")["messages"] == []
    code, out, _ = desk.type("outbox", "list", "--last", "2")
    assert (code, "levert" in out, "ikke vist" in out) == (0, True, True)
    assert desk.type("outbox", "list", "--state", "lost")[0] == 2


def test_who_did_what_to_the_queue_and_why_is_kept(desk):
    for act in ("pause", "resume", "rebuild"):
        assert desk.type("outbox", act)[0] == 2, "without a reason nothing is done"
        desk.asks("outbox", act, "--reason", f"prøve {act}")
    code, out, err = desk.type("outbox", "retry", "--reason", "prøve retry")
    assert (code, out, err.split(":")[0]) == (13, "", "KTT-OUT-14")
    kept = desk.asks("outbox", "notes")
    assert [(one["act"], one["reason"]) for one in kept] == [
        ("paused", "prøve pause"),
        ("resumed", "prøve resume"),
        ("rebuilt", "prøve rebuild"),
    ]
    assert "laget på nytt" in desk.type("outbox", "notes")[1]


def test_records_are_asked_for_again_and_sent_by_the_next_run(desk):
    desk.asks("load", *desk.day(0))
    why = ("--reason", "FHI har mistet noe")
    assert desk.asks("resend", "--id", "diagnosis:D1", "--id", "care_service:T1a", *why)["records"] == 2
    assert desk.asks("daily", *desk.day(1))["changes"] == 2
    assert desk.asks("resend", "--period", "2017-03", *why)["records"] == 2
    assert desk.asks("resend", "--day", desk.day(0)[1], *why)["records"] == 7, "two were sent last on another day"
    assert desk.asks("resend", "--all", *why)["records"] == 9
    assert desk.asks("daily", *desk.day(2))["changes"] == 9
    assert [one["act"] for one in desk.asks("outbox", "notes")] == ["resent"] * 4
    for wrong in (
        [],
        ["--all", "--day", "2026-03-02"],
        ["--id", "T1a"],
        ["--id", "tjeneste:T1a"],
        ["--period", "mars"],
    ):
        assert desk.type("resend", *wrong, *why)[0] == 2
    code, _, err = desk.type("resend", "--id", "diagnosis:D1", "--id", "diagnosis:D77", *why)
    assert (code, err.split(":")[0]) == (2, "KTT-OUT-17")
    assert desk.type("resend", "--all")[0] == 2, "without a reason nothing is done"


def test_the_wrong_person_is_deleted_and_sent_anew(desk):
    desk.asks("load", *desk.day(0))
    desk.epj.run("UPDATE tjeneste SET person = 'P1' WHERE id = 'T0a'")
    why = ("--person", "P0", "--id", "care_service:T0a", "--reason", "ført på feil person")
    plan = desk.asks("correct", "--plan", *why, *desk.day(1))
    counts = {"care_service": 2, "diagnosis": 1}
    assert (plan["planned"], plan["deleted"], plan["sent"]) == (True, counts, counts)
    assert desk.asks("outbox", "notes") == []
    assert desk.asks("correct", *why, *desk.day(1))["deleted"] == counts
    types = desk.asks("daily", *desk.day(1))["types"]
    assert {name: (one["new"], one["gone"]) for name, one in types.items() if one["gone"]} == {
        "care_service": (2, 2),
        "diagnosis": (1, 1),
    }
    assert desk.asks("daily", *desk.day(2))["changes"] == 0
    assert [one["act"] for one in desk.asks("outbox", "notes")] == ["corrected"]
    assert desk.type("correct", "--reason", "ingen")[0] == 2
    assert desk.type("correct", "--person", "P77", "--reason", "ingen", *desk.day(3))[0] == 2


def test_the_records_of_a_rejected_message_are_set_aside_and_taken_back(desk, sandbox):
    desk.asks("load", *desk.day(0))
    desk.epj.service("T9", "P0", MONDAY)
    with AdminClient(sandbox._folder) as admin:
        admin.fail("2008")
    assert desk.type("daily", *desk.day(1))[0] == 13
    assert desk.asks("outbox", "park", "--reason", "FHI avviser den")["parked"] == 1
    (line,) = desk.asks("outbox")
    assert (line["parked"]["ids"], line["parked"]["count"]) == ({"care_service": ["T9"]}, 1)
    assert "1 post er satt til side siden" in desk.type("outbox")[1]
    code, out, err = desk.type("daily", "--strict", *desk.day(2), "--json")
    assert (code, json.loads(out)["parked"]["records"], "satt til side" in err) == (3, 1, True)
    assert desk.asks("outbox", "unpark", "--reason", "FHI har rettet")["unparked"] == 1
    assert desk.asks("daily", *desk.day(3))["types"]["care_service"]["new"] == 1
    assert desk.type("outbox", "unpark", "--reason", "igjen")[0] == 2


def test_a_queue_that_has_been_behind_for_more_than_a_day_rings(desk):
    desk.asks("outbox", "pause", "--reason", "bytter EPJ")
    assert desk.type("load", *desk.day(0))[0] == 13
    assert desk.asks("outbox")[0]["alarm"] is None
    with closing(sqlite3.connect(desk.folder / "outbox.sqlite")) as connection, connection:
        connection.execute("UPDATE outbox SET queued_at = '2026-03-02 06:00:00.000000'")
    code, out, _ = desk.type("outbox", "--json")
    late = json.loads(out)[0]["alarm"]
    assert (code, late["exit_code"], late["code"]) == (13, 13, "KTT-OUT-15")
    assert "2026-03-02 07:00" in late["what"]["nb"]
    assert "ktt outbox resume" in late["remedy"]["nb"]
    code, out, _ = desk.type("outbox")
    assert (code, "⚠ Enhet 312000008-1114" in out) == (13, True)
    code, out, err = desk.type("load", *desk.day(1), "--json")
    assert (code, json.loads(out)["alarm"]["code"], "⚠" in err) == (13, "KTT-OUT-15", True)
    desk.asks("outbox", "resume", "--reason", "byttet")
    assert desk.asks("load", *desk.day(1))["alarm"] is None
    assert desk.type("outbox")[0] == 0


def test_a_question_is_asked_answered_with_a_reason_and_found_again(desk):
    desk.asks("load", *desk.day(0))
    assert desk.type("outbox", "accepted")[1] == "Ingenting er godtatt.\n"
    desk.epj.run("DELETE FROM diagnose")
    code, out, err = desk.type("daily", *desk.day(1))
    assert (code, out.splitlines()[0]) == (5, "✗ 0 meldinger levert, 0 står i køen.")
    assert err.startswith(
        "KTT-ASK-01: Ingenting er sendt eller slettet: 2 spørsmål må besvares først.\n  table:diagnose: "
    )
    code, out, _ = desk.type("daily", *desk.day(1), "--json")
    assert [one["name"] for one in json.loads(out)["questions"]] == ["table:diagnose", "drop:diagnosis"]
    names = ("--accept", "table:diagnose", "--accept", "drop:diagnosis")
    assert desk.type("daily", *desk.day(1), *names)[0] == 2, "without a reason nothing is accepted"
    code, out, _ = desk.type("daily", *desk.day(1), *names, "--reason", "flyttet til fastlegen")
    assert (code, "Godtatt: drop:diagnosis. 3 av 3 poster" in " ".join(out.split())) == (0, True)
    kept = desk.asks("outbox", "accepted")
    assert [(one["name"], one["then"], one["now"], one["reason"]) for one in kept] == [
        ("table:diagnose", "3", "0", "flyttet til fastlegen"),
        ("drop:diagnosis", "3", "0", "flyttet til fastlegen"),
    ]
    assert all(one["by"] and one["at"] and one["day"] == "2026-03-03" for one in kept)
    assert "flyttet til" in desk.type("outbox", "accepted")[1]
    assert desk.asks("daily", *desk.day(2))["questions"] == []


def test_no_national_number_is_written_anywhere(desk):
    numbers = desk.numbers()
    desk.type("load", *desk.day(0))
    desk.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    desk.type("daily", *desk.day(1))
    desk.type("outbox")
    desk.type("outbox", "show", "1")
    ours = [path for path in desk.folder.iterdir() if path.is_file() and path != desk.epj.file]
    assert any(path.name.startswith("outbox.sqlite") for path in ours)
    for number in numbers:
        assert number not in desk.written
        assert all(number.encode() not in path.read_bytes() and number not in path.name for path in ours)


def test_one_look_each_morning(desk, tmp_path):
    code, out, _ = desk.type("status")
    assert (code, out.splitlines()[0]) == (13, "1 ting må gjøres: 1 av dere.")
    assert "312000008-1114: Initiell last er ikke startet. Kjør «ktt load»." in out
    desk.asks("load", *desk.day(0))
    metrics = tmp_path / "ktt.prom"
    code, out, _ = desk.type("status", "--prometheus", str(metrics))
    assert (code, out.splitlines()[0]) == (0, "Alt er i orden.")
    assert 'ktt_unit_things_to_do{unit="312000008-1114"} 0\n' in metrics.read_text(encoding="utf-8")
    desk.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    desk.asks("daily", *desk.day(1))
    code, out, _ = desk.type("status", "--json")
    data = json.loads(out)
    assert (code, data["exit_code"], data["verdict"]["nb"]) == (3, 3, "1 ting må gjøres: 1 av dere.")
    (unit,) = data["units"]
    assert (unit["findings"]["registration"], unit["things"][0]["cause"], unit["undelivered"]) == (1, "registration", 0)


def test_an_alarm_rings_when_a_run_fails_and_when_it_is_over(desk, tmp_path):
    secret = tmp_path / "varsel.hemmelig"
    secret.write_text("hemmelig")
    secret.chmod(0o600)
    desk.asks("load", *desk.day(0))
    with raw_server(b"HTTP/1.1 204 No Content\r\n\r\n") as web:
        alarms = f'\n[alarms.webhook]\nurl = "{web.url}"\nsecret_file = "{secret}"\n'
        with desk.config.open("a", encoding="utf-8") as settings:
            settings.write(alarms)
        mapping = desk.epj.mapping.read_text(encoding="utf-8")
        desk.epj.mapping.write_text(mapping.replace("FROM tjeneste", "FROM borte"), encoding="utf-8")
        assert desk.type("daily", *desk.day(1))[0] == 10
        assert desk.type("status", "--alarm")[0] == 10  # nothing new to tell
        desk.epj.mapping.write_text(mapping, encoding="utf-8")
        assert desk.type("daily", *desk.day(1))[0] == 0
        bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in web.requests]
    told = [[(one["event"], one["cause"], one["exit_code"]) for one in body["notices"]] for body in bodies]
    assert told == [[("began", "run", 10)], [("ended", "run", 10)]]


def test_the_receipts_are_verified_and_exported(desk, tmp_path):
    loaded = desk.asks("load", *desk.day(0))
    (chain,) = desk.asks("receipts", "verify")["units"]
    out = tmp_path / "kvitteringer.csv"
    exported = desk.asks("receipts", "export", str(out))
    assert (chain["count"], exported["units"]) == (loaded["messages"], [chain])
    answer = desk.asks("receipts", "verify", "--file", str(out))
    assert (answer["units"], answer["signed_by"]) == ([chain], exported["signed_by"])
    out.write_bytes(out.read_bytes().replace(b"312000008", b"312000009", 1))
    assert desk.type("receipts", "verify", "--file", str(out))[0] == 4
