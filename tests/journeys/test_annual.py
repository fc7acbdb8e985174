"""The annual message as a person meets it: made, validated, explained, with no service running."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pytest

from ktt.cli.app import run


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
def faulty(desk, tmp_path):
    file = tmp_path / "iplos.xml"
    code, out, _ = desk("synth", "iplos", "--out", file, "--persons", 3, "--faults", "--json")
    assert code == 0
    return file, json.loads(out)


def test_a_faultless_year(desk, tmp_path):
    file = tmp_path / "iplos.xml"
    assert desk("synth", "iplos", "--out", file, "--persons", 3)[0] == 0
    code, out, err = desk("validate", file)
    assert (code, err) == (0, "")
    assert "Kontrollert mot regelversjon IPLOS 3.7" in out
    assert "iplos.xml · IPLOS 3.7 · 2025 · 1114" in out
    assert "Ingen avvik." in out


def test_everything_at_once_by_who_must_act_and_the_totals_reconcile(desk, faulty):
    file, key = faulty
    code, out, _ = desk("validate", file, "--json")
    report = json.loads(out)
    assert code == report["exit_code"] == 3
    totals = report["totals"]
    assert totals["findings"] == len(key) == sum(cause["findings"] for cause in report["causes"])
    assert totals["read"] == totals["dropped"] + totals["kept"]
    assert [cause["cause"] for cause in report["causes"]] == ["registration", "extraction", "code mapping"]
    lines = file.read_text(encoding="utf-8").split("\n")
    for cause in report["causes"]:
        for rule in cause["rules"]:
            for finding in rule["findings"]:
                assert finding["pointer"].startswith("/IPLOS/PERSON[")
                assert lines[finding["line"] - 1].strip().startswith("<")


@pytest.mark.parametrize("form", ["text", "html", "csv"])
def test_every_form_of_answer(desk, faulty, form):
    code, out, _ = desk("validate", faulty[0], "--format", form)
    assert code == 3
    assert "IPLOS-TJVEDTAK-KODE" in out
    assert "vedtak/avgjørelse" in out


def test_only_some_rules_and_one_explained(desk, faulty):
    code, out, _ = desk("validate", faulty[0], "--only", "IPLOS-TJVEDTAK-KODE")
    assert code == 3
    assert "Avvik: 1" in out
    code, out, _ = desk("validate", faulty[0], "--explain", "iplos-tjvedtdato-rekke")
    assert out.index("tjSoknadDato ≤ tjVedtDato") < out.index("Avvik: 1")
    code, out, _ = desk("validate", faulty[0], "--only", "KTT-TJENESTE-01")
    assert (code, "Avvik: 0" in out) == (0, True)


def test_from_standard_input(desk, faulty, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(faulty[0].read_bytes())))
    assert desk("validate", "-")[0] == 3


def test_a_file_that_cannot_be_read_is_one_clear_sentence(desk, faulty, tmp_path):
    half = tmp_path / "half.xml"
    half.write_bytes(faulty[0].read_bytes()[:5000])
    code, _, err = desk("validate", half)
    assert code == 12
    assert "KTT-XML-02" in err
    assert "slutter midt i meldingen" in err
    assert "Traceback" not in err


def test_in_a_folder_beside_others(desk, faulty, tmp_path):
    (tmp_path / "other.xml").write_bytes(b"<Melding/>")
    code, out, _ = desk("validate", tmp_path)
    assert code == 12
    assert "KTT-XML-10" in out
    assert "IPLOS-TJVEDTAK-KODE" in out


def test_the_rules_are_there_and_kept_apart(desk):
    _, daily, _ = desk("rules", "list", "--json")
    _, annual, _ = desk("rules", "list", "--iplos", "--json")
    assert not any(rule["id"].startswith("IPLOS") for rule in json.loads(daily))
    assert all(rule["id"].startswith("IPLOS") for rule in json.loads(annual))
    code, out, _ = desk("rules", "show", "IPLOS-SKJEMA-02", "--both")
    assert code == 0
    assert "rekkefølgen" in out
    assert "the order" in out
