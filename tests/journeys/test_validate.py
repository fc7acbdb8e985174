"""`ktt validate` and `ktt rules` as a person or a script types them; nothing else runs."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys

import pytest

from ktt.cli.app import run
from ktt.messages.register import find
from ktt.rules.catalogue import catalogue

GOOD = find("KTT_Tjeneste", "1").examples()["N01-everyday"]
ON = ("--date", "2026-03-02")


@pytest.fixture
def desk(tmp_path, capsysbinary, monkeypatch):
    """Type a command: exit code, standard out, standard error."""
    monkeypatch.setenv("KTT_LANG", "nb")

    def type_(*words):
        code = run([str(word) for word in words])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return type_


@pytest.fixture
def message(tmp_path):
    """A message in a file, with a change."""

    def write(name="m.json", **changed):
        document = json.loads(GOOD)
        document[0]["tjeneste"][2].update(changed)
        file = tmp_path / name
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")
        return file

    return write


def test_a_good_message(desk, message):
    code, out, err = desk("validate", message(), *ON)
    assert (code, err) == (0, "")
    assert "Poster lest: 3 (tatt imot 3)." in out
    assert "Ingen avvik." in out


@pytest.mark.parametrize(
    ("changed", "code", "rule"),
    [
        ({"startDato": "2026-12-31"}, 0, "KTT-TJENESTE-14"),
        ({"sluttDato": "2020-01-01"}, 3, "KTT-TJENESTE-01"),
        ({"tjenesteId": "T-10001"}, 12, "KTT-TJENESTE-07"),
        ({"tjenesteType": "15"}, 12, "KTT-SKJEMA-03"),
    ],
)
def test_the_exit_code_follows_the_worst_finding(desk, message, changed, code, rule):
    ended, out, _ = desk("validate", message(**changed), *ON, "--json")
    assert ended == code
    answer = json.loads(out)
    assert answer["exit_code"] == code
    assert rule in {one["rule"] for cause in answer["causes"] for one in cause["rules"]}


def test_a_file_that_cannot_be_read_is_one_fault_on_standard_error(desk, tmp_path):
    (tmp_path / "m.json").write_bytes(GOOD[: len(GOOD) // 2])
    code, out, err = desk("validate", tmp_path / "m.json")
    assert (code, out) == (12, "")
    assert err.startswith("KTT-VAL-07: «m.json» er ikke gyldig JSON")
    assert "Traceback" not in err
    code, out, err = desk("validate", tmp_path / "m.json", "--json")
    assert json.loads(err)["code"] == "KTT-VAL-07"


@pytest.mark.parametrize("form", ["text", "json", "html", "xlsx", "csv"])
def test_every_form_goes_to_a_file(desk, message, tmp_path, form):
    out = tmp_path / f"avvik.{form}"
    code, shown, _ = desk("validate", message(sluttDato="2020-01-01"), *ON, "--format", form, "--out", out)
    assert (code, shown) == (3, "")
    starts = {"text": b"Kontrollert", "json": b"{", "html": b"<!doctype html>", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}
    assert out.read_bytes().startswith(starts[form])


def test_a_workbook_needs_a_file_and_a_report_a_place(desk, message, tmp_path):
    assert desk("validate", message(), "--format", "xlsx")[0] == 2
    code, _, err = desk("validate", message(), "--out", tmp_path / "no" / "where.txt")
    assert code == 16
    assert "KTT-VAL-19" in err


def test_only_some_rules_and_one_explained(desk, message):
    file = message(sluttDato="2020-01-01", startDato="2027-01-01")
    code, out, _ = desk("validate", file, *ON, "--only", "note")
    assert code == 0
    assert "Bare: note. Andre regler er ikke brukt." in out
    assert "KTT-TJENESTE-01" not in out
    code, out, _ = desk("validate", file, *ON, "--explain", "KTT-TJENESTE-01")
    assert code == 3
    assert out.index("Kilde: IPLOS 3.7") < out.index("Slik retter dere: Rett start-", out.index("Kilde"))
    assert desk("validate", file, "--only", "nothing-such")[0] == 2


def test_values_are_off_unless_asked_for(desk, message):
    file = message(sluttDato="2020-01-01")
    assert "= 2026-02-02" not in desk("validate", file, *ON)[1]
    assert "= 2026-02-02" in desk("validate", file, *ON, "--values")[1]


def test_production_has_other_persons(desk, message):
    code, out, _ = desk("validate", message(), *ON, "--production")
    assert code == 12
    assert "KTT-PERSON-04" in out


def test_an_empty_message_needs_its_type(desk, tmp_path):
    (tmp_path / "m.json").write_bytes(b"[]")
    assert "KTT-VAL-14" in desk("validate", tmp_path / "m.json")[2]
    code, out, _ = desk("validate", tmp_path / "m.json", "--type", "KTT_Vedtak", "--version", "1")
    assert code == 12
    assert "KTT-SKJEMA-13" in out
    assert desk("validate", tmp_path / "m.json", "--type", "KTT_Ukjent")[0] == 2


def test_a_folder_is_told_file_by_file_and_together(desk, message):
    folder = message("a.json").parent
    message("b.json", sluttDato="2020-01-01")
    (folder / "c.json").write_bytes(b"")
    code, out, _ = desk("validate", folder, *ON)
    assert code == 12
    assert "I alt (3)" in out
    assert "b.json · tjeneste T-10040" in out
    assert "KTT-VAL-04" in out


def test_several_files_and_folders_are_told_as_they_were_named(desk, message, tmp_path):
    (tmp_path / "in").mkdir()
    good, late = message("a.json"), message("in/a.json", sluttDato="2020-01-01")
    missing = tmp_path / "nowhere.json"
    code, out, _ = desk("validate", good, late.parent, missing, *ON)
    assert code == 10
    for word in ("I alt (3)", f"{late.parent}/a.json · tjeneste T-10040", str(missing)):
        assert word in out
    _, told, _ = desk("validate", good, late, *ON, "--json")
    assert [(one["name"], one["totals"]["read"]) for one in json.loads(told)["documents"]] == [
        (str(good), 3),
        (str(late), 3),
    ]
    for words in (["--unit", "312000008-1114"], ["--source", "sqlite:///x"], ["--mapping", "m.toml"]):
        assert "KTT-CLI-01" in desk("validate", good, late, *words)[2]


def test_a_database_among_several_says_what_it_needs(desk, message, tmp_path):
    sqlite3.connect(tmp_path / "epj.sqlite").execute("CREATE TABLE a (b)").connection.close()
    code, out, _ = desk("validate", message(), tmp_path / "epj.sqlite", *ON)
    assert code == 2
    assert "--mapping, --unit" in out
    assert "Poster lest: 3" in out


def test_the_help_tells_the_exit_codes_and_why_values_are_off(desk):
    _, out, _ = desk("validate", "--help")
    text = " ".join(out.split())
    assert "Utgangskode: 0 ingen avvik" in text
    assert "helseopplysninger" in text


def test_a_message_through_a_pipe_in_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "ktt", "validate", "-", *ON],
        input=GOOD,
        capture_output=True,
        check=False,
        env={**os.environ, "KTT_LANG": "en", "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Records read: 3 (accepted 3)." in done.stdout


def test_every_rule_has_a_page_in_both_languages(desk):
    for rule in catalogue():
        code, out, _ = desk("rules", "show", rule.id, "--json")
        page = json.loads(out)
        assert code == 0
        assert (page["says"]["nb"], page["says"]["en"]) == (rule.says.nb, rule.says.en)
        own = next(block for block in page["examples"] if block["record_type"] == rule.on.name)
        assert len(own["breaks"]) == len(own["rows"])
        assert {True, False} == set(own["breaks"])
        assert all(len(row) == len(block["columns"]) for block in page["examples"] for row in block["rows"])


def test_a_rules_page_is_read_in_one_language_or_both(desk):
    _, one, _ = desk("rules", "show", "ktt-linje-03")
    assert "✗ bryter" in one
    assert "✗ breaks" not in one
    _, both, _ = desk("rules", "show", "ktt-linje-03", "--both")
    assert "✗ breaks" in both
    assert desk("rules", "show", "KTT-LINJE-99")[0] == 2


def test_the_list_is_narrowed_by_every_filter(desk):
    def ids(*words):
        return [row["id"] for row in json.loads(desk("rules", "list", *words, "--json")[1])]

    assert ids() == [rule.id for rule in catalogue()]
    assert ids("--theme", "death", "--record-type", "care_service") == ["KTT-DOD-01", "KTT-DOD-04"]
    assert ids("--theme", "death", "--cause", "extraction") == []
    assert set(ids("--consequence", "reject")) < set(ids())
    assert "KTT-DOD-01" in desk("rules", "list", "--theme", "death")[1]


def test_what_differs_between_two_rule_sets(desk):
    assert json.loads(desk("rules", "changes", "2026.1", "2026.1", "--json")[1]) == {
        "added": [],
        "changed": [],
        "withdrawn": [],
    }
    assert "Ingen forskjell." in desk("rules", "changes", "2026.1", "2026.1")[1]
    assert desk("rules", "changes", "2026.1", "1999.1")[0] == 2


def test_an_extract_needs_no_file_of_its_own(desk, tmp_path):
    from support.sources_epj import Epj

    epj = Epj(tmp_path)
    mapping = next(tmp_path.glob("*.toml"))
    code, out, err = desk("validate", "--source", epj.url, "--mapping", mapping, "--unit", "312000008-0301", *ON)
    assert err == ""
    assert code in {0, 3, 12}
    assert "sqlite:///" in out


def test_a_folder_of_files_is_an_extract_too(desk, tmp_path):
    from support.sources_epj import Epj
    from support.sources_files import FilesEpj

    files = FilesEpj(Epj(tmp_path)).export()
    asked = (
        "validate",
        "--source",
        f"files:///{files.folder}",
        "--mapping",
        files.epj.mapping,
        "--unit",
        "312000008-0301",
        *ON,
    )
    code, out, err = desk(*asked)
    assert (code in {0, 3, 12}, err) == (True, "")
    assert "files:///" in out
    files.file("tjeneste").unlink()
    code, out, err = desk(*asked)
    assert (code, out) == (10, "")
    assert "KTT-SRC-42" in err


def test_with_nothing_to_validate_it_says_what_can_be_named(desk):
    code, out, err = desk("validate")
    assert (code, out) == (2, "")
    assert "KTT-VAL-23" in err
