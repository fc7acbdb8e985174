"""From a record system that nobody has mapped to a mapping that somebody has approved, by the commands alone."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from support.log_epj import LogEpj, write_files
from support.sources_epj import Epj

ON = dt.date(2026, 3, 2)


def ktt(*words, code=0):
    """The answer of a command, which must leave with this code."""
    command = [sys.executable, "-m", "ktt", *map(str, words)]
    env = os.environ | {"KTT_LANG": "nb"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def data(*words, code=0):
    command = [sys.executable, "-m", "ktt", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def epj(tmp_path_factory):
    made = LogEpj(tmp_path_factory.mktemp("epj"), persons=40)
    made.log(ON)
    return made


def personal_values(epj):
    """Every value of the columns that are about persons."""
    with closing(sqlite3.connect(epj.file)) as connection:
        rows = connection.execute('SELECT "FNR" FROM "KUNDE"').fetchall()
    return {value for (value,) in rows}


def test_a_scan_says_what_is_there_and_names_nobody(epj, tmp_path):
    scan = tmp_path / "scan.json"
    said = ktt("source", "scan", epj.url, "--out", scan)
    assert "FNR" in said
    assert "fødselsnummer" in said
    text = scan.read_text(encoding="utf-8")
    assert not [value for value in personal_values(epj) if value in text + said]
    tables = {one["name"]: one for one in json.loads(text)["tables"]}
    columns = {one["name"]: one for one in tables["TJENESTE"]["columns"]}
    assert columns["TYPE"]["shown"]["values"] == {"HJEMMESYKEPLEIE": 40, "MATOMBRINGING PÅ DØRA": 40}
    assert columns["TIL"]["open_ends"] == {"31.12.9999": 20, "99991231": 20}
    assert tables["VEDTAK_LOGG"]["key"] == ["VEDTAK_NR", "VERSJON"]


def test_files_are_scanned_as_they_are_written(epj, tmp_path):
    write_files(epj, tmp_path / "files", ON)
    found = data("source", "scan", f"files:///{tmp_path / 'files'}")
    table = next(one for one in found["tables"] if one["name"] == "TJENESTE")
    assert (table["file"], table["form"]["charset"], table["rows"]) == ("TJENESTE_%Y%m%d.csv", "windows-1252", 80)


def test_fewer_than_three_is_refused(epj):
    assert "KTT-SRC-63" in ktt("source", "scan", epj.url, "--at-least", 2, code=2)


def test_all_faults_of_a_mapping_are_told_at_once_with_their_lines(epj, tmp_path):
    wrong = epj.mapping.with_name("wrong.toml")
    text = epj.mapping.read_text(encoding="utf-8")
    text = text.replace('service_id      = "{KOMM}', 'servce_id = "{KOMM}').replace("[record.pause]", "[record.paus]")
    wrong.write_text(text.replace('from = "TEKNIKK"', 'from = "TEKNIK"'), encoding="utf-8")
    found = data("source", "check", wrong, code=11)
    lines = text.replace('from = "TEKNIKK"', 'from = "TEKNIK"').splitlines()
    said = {(one["code"], lines[one["line"] - 1].strip()[:12] if one["line"] else None) for one in found["faults"]}
    assert said == {
        ("KTT-MAP-06", "[record.care"),
        ("KTT-MAP-02", "servce_id = "),
        ("KTT-MAP-02", 'from = "TEKN'),
        ("KTT-MAP-02", "[record.paus"),
        ("KTT-MAP-05", None),
    }
    assert "service_id" in next(one["remedy"]["nb"] for one in found["faults"] if "servce" in one["says"]["nb"])


def test_what_to_do_is_said_once_for_faults_in_a_row_that_are_mended_alike(epj):
    file = next(epj.mapping.parent.rglob("*.csv"))
    text = file.read_bytes()
    try:
        file.write_bytes(text.rstrip() + b"\nLOKAL1;\nLOKAL2;\nLOKAL3;\n")
        said = ktt("source", "check", epj.mapping, code=11)
    finally:
        file.write_bytes(text)
    assert said.count("KTT-MAP-12") == 3
    assert said.count("gyldig fra") == 1


def test_columns_that_the_source_lacks_are_told_at_once(epj):
    wrong = epj.mapping.with_name("columns.toml")
    text = epj.mapping.read_text(encoding="utf-8").replace('"TIMER"', '"TIME"').replace('"KODE"', '"KODEN"')
    wrong.write_text(text, encoding="utf-8")
    found = data("source", "check", wrong, "--source", epj.url, code=11)
    assert [one["code"] for one in found["faults"]] == ["KTT-SRC-04", "KTT-SRC-04"]
    assert all(one["line"] for one in found["faults"])


def test_a_right_mapping_tells_what_became_of_each_row(epj):
    found = data("source", "check", epj.mapping, "--source", epj.url, "--on", ON)
    log = found["reading"]["tables"]["VEDTAK_LOGG"]
    assert log == {"read": 160, "left_out": {"among STATUS": 40, "latest": 80}, "kept": 40}
    assert found["records"]["care_service"] == 80 + 20
    assert found["complete"]
    assert found["absent"]["pause"] == "registreres ikke"
    assert found["doubts"] == []
    assert all(one["cause"] for one in found["findings"])


def test_a_sign_that_rows_are_lost_in_silence_stands_before_the_verdict(tmp_path):
    """All is read and proved, and a table's rows are left out only because its keys are written otherwise."""
    written = Epj(tmp_path).sql("UPDATE utforer SET tjeneste = 't1'")
    written.edit('SELECT * FROM utforer"', 'SELECT * FROM utforer"\nwith = { tjeneste = { id = "tjeneste" } }')
    said = ktt("source", "check", written.mapping, "--source", written.url, "--on", ON)
    assert said.index("\n! 1 av 1 rad i «utforer»") < said.index("men 1 tegn (merket «!»)")


def test_a_proof_that_does_not_hold_hides_nothing_else(epj):
    found = data("source", "check", epj.mapping, "--source", epj.url, "--on", "2026-03-03", code=10)
    assert [one["code"] for one in found["faults"]] == ["KTT-SRC-07"]
    assert found["records"]["diagnosis"] == 40


def test_unknown_local_codes_are_counted_and_rare_ones_hidden(epj):
    codes = epj.mapping.with_name("few.csv")
    codes.write_text("MATOMBRINGING PÅ DØRA;2\nTRYGGHETSALARM;11\n", encoding="utf-8")
    mapping = epj.mapping.with_name("few.toml")
    mapping.write_text(epj.mapping.read_text("utf-8").replace("koder/tjeneste.csv", "few.csv"), encoding="utf-8")
    found = data("source", "check", mapping, "--source", epj.url, "--on", ON, code=3)["unknown_codes"]
    assert {(one["record_type"], one["code"], one["rows"]) for one in found} == {
        ("decision_line", "HJEMMESYKEPLEIE", 40),
        ("care_service", "HJEMMESYKEPLEIE", 40),
    }
    rare = data("source", "check", mapping, "--source", epj.url, "--on", ON, "--at-least", 41, code=3)["unknown_codes"]
    assert {(one["code"], one["rows"]) for one in rare} == {(None, 40)}


def drafted(epj, tmp_path):
    mapping = tmp_path / "kobling" / "koblingsfil.toml"
    ktt("source", "draft", epj.url, "--out", mapping)
    return mapping


def test_a_draft_is_tried_read_and_approved(epj, tmp_path):
    """The whole road: what the draft leaves open is filled in, the page is written, and a change after the approval is told."""
    mapping = drafted(epj, tmp_path)
    assert "KONTROLLER" in mapping.read_text(encoding="utf-8")
    codes = mapping.parent / "koder" / "type.csv"
    assert "15  Helsetjenester i hjemmet" in (mapping.parent / "koder" / "kodeverk.txt").read_text(encoding="utf-8")
    faults = data("source", "check", mapping, code=11)["faults"]
    assert {one["code"] for one in faults} == {"KTT-MAP-12"}
    codes.write_text("HJEMMESYKEPLEIE;15\nMATOMBRINGING PÅ DØRA;5\n", encoding="utf-8")
    found = data("source", "check", mapping, "--source", epj.url, "--on", ON)
    assert (found["records"]["diagnosis"], found["complete"], found["unknown_codes"]) == (40, True, [])
    assert found["approval"] == "none"

    page, text = tmp_path / "kobling.html", tmp_path / "kobling.md"
    written = data("source", "doc", mapping, "--out", page, "--md", text)
    assert written["sha256"] in text.read_text(encoding="utf-8")
    html = page.read_text(encoding="utf-8")
    for said in ("MATOMBRINGING PÅ DØRA", "Matombringing", "Tabellen er en logg", "Ikke funnet i kilden."):
        assert said in html, said

    approved = data("source", "approve", mapping, "--by", "Kari Ansvarlig", "--reason", "Lest")
    assert approved["sha256"] == written["sha256"]
    assert data("source", "check", mapping)["approval"] == "approved"
    assert "Kari Ansvarlig" not in ktt("source", "check", mapping)
    codes.write_text("HJEMMESYKEPLEIE;15\nMATOMBRINGING PÅ DØRA;4\n", encoding="utf-8")
    assert data("source", "check", mapping)["approval"] == "changed"
    assert data("source", "doc", mapping, "--out", page)["approval"] == "changed"
    data("source", "approve", mapping, "--by", "Kari Ansvarlig", "--reason", "Lest igjen")
    kept = json.loads((mapping.parent / "koblingsfil.approval.json").read_text(encoding="utf-8"))
    assert [one["reason"] for one in kept["approvals"]] == ["Lest", "Lest igjen"]


def test_an_approval_that_cannot_be_read_is_told(epj, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        epj.mapping.read_text("utf-8").replace("koder/", f"{epj.mapping.parent}/koder/"), encoding="utf-8"
    )
    (tmp_path / "m.approval.json").write_text("[]", encoding="utf-8")
    assert "KTT-MAP-16" in ktt("source", "doc", mapping, "--out", tmp_path / "m.html", code=11)


@pytest.mark.parametrize("out", ["copy.sqlite", "copy"])
def test_an_invented_copy_has_the_form_and_no_person(epj, tmp_path, out):
    made = data("source", "dummy", epj.url, "--out", tmp_path / out)
    assert made["rows"]["TJENESTE"] == 80
    url = f"sqlite:///{tmp_path / out}" if out.endswith("sqlite") else f"files:///{tmp_path / out}"
    copy = {one["name"]: one for one in data("source", "scan", url)["tables"]}
    original = {one["name"]: one for one in data("source", "scan", epj.url)["tables"]}
    for name, table in original.items():
        kinds = {one["name"]: one["kind"] for one in table["columns"]}
        assert [one["name"] for one in copy[name]["columns"]] == list(kinds)
    persons = {one["name"]: one for one in copy["KUNDE"]["columns"]}
    assert persons["FNR"]["kind"] == "person_number"
    days = {one["name"]: one for one in copy["VEDTAK_LOGG"]["columns"]}
    assert set(days["FATTET"]["formats"]) == {"%d.%m.%Y", "%Y%m%d"}
    files = [tmp_path / out] if out.endswith("sqlite") else list((tmp_path / out).iterdir())
    content = b"".join(file.read_bytes() for file in files).decode("utf-8", "replace")
    assert not [value for value in personal_values(epj) if value in content]


def test_the_schema_is_written(tmp_path):
    ktt("source", "schema", "--out", tmp_path / "mapping.schema.json")
    assert json.loads((tmp_path / "mapping.schema.json").read_bytes())["title"] == "Koblingsfil (ktt/1)"
