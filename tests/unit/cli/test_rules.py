"""`ktt rules list|show`: in the reader's language, with fields as messages call them, and filters that take those words."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import run


@pytest.fixture
def rules(capsys, monkeypatch):
    def told(*words, code=0, language="nb"):
        monkeypatch.setenv("KTT_LANG", language)
        assert run(["rules", *words]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return told


def ids(text):
    return {one["id"] for one in json.loads(text)}


@pytest.mark.parametrize(
    ("norwegian", "english"),
    [
        (["--field", "soknadDato"], ["--field", "decision.applied_on"]),
        (["--field", "søknadsdato"], ["--field", "applied_on"]),
        (["--record-type", "vedtak"], ["--record-type", "decision"]),
        (["--record-type", "midlertidig stopp"], ["--record-type", "pause"]),
        (["--theme", "vedtak"], ["--theme", "decision"]),
        (["--theme", "dod"], ["--theme", "death"]),
        (["--consequence", "avvis"], ["--consequence", "reject"]),
        (["--consequence", "tøm"], ["--consequence", "clear"]),
        (["--cause", "kodekobling"], ["--cause", "code-mapping"]),
        (
            ["--field", "sluttDato", "--consequence", "utelat", "--record-type", "tjeneste"],
            ["--field", "care_service.ends_on", "--consequence", "drop"],
        ),
    ],
)
def test_filters_take_the_words_of_either_language(rules, norwegian, english):
    found = ids(rules("list", *norwegian, "--json"))
    assert found
    assert found == ids(rules("list", *english, "--json"))


@pytest.mark.parametrize(
    ("option", "word", "trait"),
    [
        ("--theme", "decision", "theme"),
        ("--record-type", "decision", "record_type"),
        ("--record-type", "vedtak", "record_type"),
    ],
)
def test_a_filter_is_for_one_trait_only(rules, option, word, trait):
    every = json.loads(rules("list", "--json"))
    chosen = {one["id"] for one in every if one[trait] == "decision"}
    assert chosen
    assert ids(rules("list", option, word, "--json")) == chosen


def test_a_word_of_another_trait_gets_help(rules):
    assert "KTT-VAL-18" in rules("list", "--theme", "avvis", code=2)


def test_the_list_speaks_the_readers_language(rules):
    nb, en = rules("list", "--field", "soknadDato"), rules("list", "--field", "soknadDato", language="en")
    for words in ("vedtak", "soknadDato", "utelat", "registrering", "Søknadsdatoen"):
        assert words in nb
    for words in ("decision", "soknadDato", "drop", "registration", "The application date"):
        assert words in en
    assert "decision" not in nb


def test_data_names_both(rules):
    (row,) = [one for one in json.loads(rules("list", "--json")) if one["id"] == "KTT-DATO-01"]
    assert (row["record_type"], row["fields"], row["message_fields"]) == ("decision", ["applied_on"], ["soknadDato"])
    page = json.loads(rules("show", "KTT-DATO-01", "--json"))
    assert page["message_fields"] == {"applied_on": ["vedtak[].soknadDato"]}


def test_a_page_names_both(rules):
    page = rules("show", "KTT-DATO-01")
    assert "Felter: vedtak: soknadDato (decision: applied_on)" in page
    assert "  vedtakId     soknadDato\n  decision_id  applied_on\n" in page


def test_a_field_that_is_spelled_wrong_gets_help(rules):
    said = rules("list", "--field", "soknadDatoo", code=2)
    assert "KTT-VAL-25" in said
    assert "soknadDato" in said


def test_nothing_that_fits_is_said(rules):
    assert "Ingen regel passer." in rules("list", "--theme", "death", "--record-type", "skår")
    assert json.loads(rules("list", "--theme", "death", "--record-type", "score", "--json")) == []


def test_a_pack_that_is_no_pack(rules):
    assert "KTT-MSG-02" in rules("list", "--pack", "nowhere", code=2)
