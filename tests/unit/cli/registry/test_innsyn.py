"""`ktt registry innsyn|delete-person` as Ingrid runs them: the files, the two steps, and what is left."""

from __future__ import annotations

import io
import json
import re
import stat

import pytest

from support.audit_entries import entries
from support.registry_commands import accepted, ask, registry_in
from support.registry_inbox import NUMBERS, OTHER, UNIT, a_decision, message, service, services, spoiled


@pytest.fixture
def folder(tmp_path):
    accepted(
        tmp_path / "r",
        message(1, services(service("T-1"), service("T-2", "2"))),
        message(2, services(service("T-1", service_type="18"))),
        message(3, a_decision(), record_type="decision"),
        message(4, deletions=["T-1"]),
        spoiled(message(5, services(service("T-3")), unit=OTHER), twice()),
    )
    return tmp_path / "r"


def twice():
    items = json.loads(message(5, services(service("T-3"), service("T-4", "2")), unit=OTHER).payload)
    items[0]["tjeneste"] *= 2
    return json.dumps(items).encode()


@pytest.fixture
def told(folder, capfd, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ingrid")
    capfd.readouterr()

    def tell(*words, code=0, data=True, number=NUMBERS["1"]):
        monkeypatch.setattr("sys.stdin", io.StringIO(number))
        return ask(capfd, *words, "--config", folder / "mottak.toml", code=code, data=data)

    return tell


class TestInnsyn:
    def test_all_that_is_held_is_in_it(self, told, tmp_path, folder):
        told("person", UNIT.key, "1", "--reason", "before")
        facts = told("innsyn", "--number", "--out", tmp_path / "case.html", "--reason", "case 41")
        assert (facts["versions"], facts["messages"], facts["looks"]) == (5, 5, 2)
        data = json.loads((tmp_path / "case.json").read_text())
        assert data["numbers"] == [{"number": NUMBERS["1"], "kind": "national"}]
        assert data["known_as"] == [{"unit": UNIT.key, "local_id": "1"}]
        versions = [(one["record_type"], one["local_id"], one["version"], one["deleted"]) for one in data["records"]]
        assert versions == [
            ("recipient", "1", 1, False),
            ("decision", "V-1", 1, False),
            ("care_service", "T-1", 1, False),
            ("care_service", "T-1", 2, False),
            ("care_service", "T-1", 3, True),
        ]
        assert data["records"][2]["message"]["correlation_id"] == "correlation-1"
        assert [(one["position"], one["state"], len(one["parts"])) for one in data["messages"]] == [
            (1, "ingested", 1),
            (2, "ingested", 1),
            (3, "ingested", 1),
            (4, "ingested", 0),
            (5, "waiting", 2),
        ]
        assert data["messages"][0]["parts"][0]["tjenesteId"] == "T-1"
        assert data["messages"][3]["deletions"][0]["tjenesteId"] == "T-1"
        assert [(one["act"], one["why"]) for one in data["look_ups"]] == [("look", "before"), ("innsyn", "case 41")]

    def test_the_page_is_in_both_languages_and_has_nobody_else(self, told, tmp_path):
        told("innsyn", "--number", "--out", tmp_path / "case.html", "--reason", "case 41")
        page = (tmp_path / "case.html").read_text()
        for word in (NUMBERS["1"], "fødselsnummer", "national number", "Bjerkreim", "slettet av kommunen", "case 41"):
            assert word in page
        assert not re.search("T-4", page)
        assert NUMBERS["2"].lstrip("0") not in page

    def test_the_files_are_ones_own_and_never_written_over(self, told, tmp_path):
        words = ("innsyn", UNIT.key, "1", "--out", tmp_path / "case.html", "--reason", "case 41")
        shown = told(*words, data=False)
        assert NUMBERS["1"] not in shown
        for name in ("case.html", "case.json"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert told(*words, code=2)["code"] == "KTT-CLI-04"

    def test_one_who_is_only_in_a_message_that_waits(self, told, tmp_path):
        facts = told("innsyn", "--number", "--out", tmp_path / "c.html", "--reason", "x", number=NUMBERS["2"])
        data = json.loads((tmp_path / "c.json").read_text())
        assert facts["messages"] == 2
        assert [one["state"] for one in data["messages"]] == ["ingested", "waiting"]

    def test_nobody(self, told, tmp_path, folder):
        words = ("innsyn", "--number", "--out", tmp_path / "case.html", "--reason", "case 41")
        assert told(*words, code=2, number=NUMBERS["3"])["code"] == "KTT-REG-09"
        assert not (tmp_path / "case.html").exists()
        with registry_in(folder) as registry:
            assert entries(registry) == [("innsyn", "ingrid", "case 41", None, [])]


class TestDeletePerson:
    def test_two_steps_and_nobody_is_left(self, told, folder, tmp_path):
        plan = told("delete-person", "--number", "--plan", "--reason", "decision 7")
        assert (plan["messages"], plan["destroyed"], plan["versions"]["care_service"]) == (5, 0, 2)
        assert told("delete-person", "--number", "--confirm", "x", "--reason", "d", code=2)["code"] == "KTT-REG-20"
        done = told("delete-person", "--number", "--confirm", plan["word"], "--reason", "decision 7")
        assert done["left"] == []
        words = ("innsyn", "--number", "--out", tmp_path / "case.html", "--reason", "afterwards")
        assert told(*words, code=2)["code"] == "KTT-REG-09"
        assert told("verify", "--messages")["holds"]
        rows = told("look-ups")
        assert [row["why"] for row in rows if row["act"] == "delete"] == ["decision 7", "decision 7"]
        left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert not re.search(rb"V-0|T-1\b", left)

    def test_in_words(self, told, monkeypatch):
        for language, words in (("nb", ("Kjent i", "Slett med: --confirm")), ("en", ("Known in", "Delete with:"))):
            monkeypatch.setenv("KTT_LANG", language)
            shown = told("delete-person", "--number", "--plan", "--reason", "decision 7", data=False)
            for word in words:
                assert word in shown
            assert NUMBERS["1"] not in shown
        (word,) = re.findall(r"--confirm ([0-9a-f]{8})", shown)
        shown = told("delete-person", "--number", "--confirm", word, "--reason", "decision 7", data=False)
        assert "✓" in shown

    @pytest.mark.parametrize("words", [(), ("--plan", "--confirm", "x")])
    def test_one_of_the_two(self, told, words):
        assert told("delete-person", UNIT.key, "1", "--reason", "x", *words, code=2)["code"] == "KTT-CLI-01"
