"""A draft of a record system of events, answers, logs and several units says what its rows mean, and can be read as it is."""

from __future__ import annotations

import datetime as dt
import tomllib

import polars as pl
import pytest

from ktt.sender.extract.drafting.draft import draft_mapping
from ktt.sender.extract.drafting.tables.events import event_of
from ktt.sender.extract.drafting.written import write_draft
from ktt.sender.extract.mapping.file import examined
from ktt.sender.extract.profiling.scan import scan_source
from ktt.sender.extract.sources.sql import open_source
from support.event_epj import ON, EventEpj
from support.sender_epj import UNIT

PERSONS = 48


@pytest.fixture(scope="module", params=[False, True], ids=["database", "files"])
def drafted(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    epj = EventEpj(PERSONS)
    address = epj.write(folder / "epj", files=request.param)
    draft = draft_mapping(scan_source(address, ON, 5), "utkast")
    write_draft(draft, folder / "utkast.toml")
    return epj, address, folder / "utkast.toml", tomllib.loads(draft.text)


def test_the_draft_can_be_read_and_gives_the_records(drafted):
    """What a person adds here is nothing: every code is plain, and each proposal is right."""
    epj, address, file, _said = drafted
    assert examined(file)[1] == []
    extract = open_source(address, file).read(UNIT, ON, "test")
    assert {name: extract.records[name].height for name in epj.counts} == epj.counts
    decision = extract.records["decision"].filter(pl.col("decision_id") == "S-2001").row(0, named=True)
    assert (decision["applied_on"], decision["decided_on"]) == (dt.date(2024, 1, 2), dt.date(2024, 1, 11))
    assert decision["recorded_at"] == dt.datetime(2025, 6, 1, 8, tzinfo=dt.UTC)
    assert set(extract.records["decision_line"]["hours_per_week"].cast(pl.String)) == {"3.50"}
    assert set(extract.records["provider_period"]["provider"]) == {UNIT.organisation, "312000113"}
    assert extract.complete


def test_it_says_why(drafted):
    *_, file, _said = drafted
    text = file.read_text(encoding="utf-8")
    for said in (
        "én type hendelser i «HENDELSE»",
        "ikke med: TLF (48)",
        "rader som står i «SLETTET_RAD», er borte",
        "de samme kodene er skrevet med store og små bokstaver",
        "flere enheter i basen",
        "bare rader som hører til deres enhet",
        "gjettet av nummeret; sammenlign hvert spørsmål",
        "tabellen ser ut som en logg",
    ):
        lines = [line for line in text.splitlines() if said.casefold() in line.casefold()]
        assert lines, said
        assert all("KONTROLLER" in line for line in lines)


def test_each_shape_is_proposed(drafted):
    *_, said = drafted
    tables = {one.get("name", one.get("file", "").removesuffix(".csv")): one for one in said["table"].values()}
    line = said["table"]["TJENESTE_LINJE"]
    assert line["without"] == {"SLETTET_RAD_TJENESTE_LINJE": {"RAD": "{SAK_NR}|{LINJE_NR}"}}
    assert line["upper"] == ["TJENESTE_TYPE"]
    assert line["with"] == {"SAK": {"SAK_NR": "SAK_NR"}}
    assert said["table"]["SAK"]["where"] == {"VIRKSOMHET_NR": ["1"]}
    assert said["table"]["TJENESTE_VERSJON"]["latest"] == {"of": ["SAK_NR", "LINJE_NR"], "by": "VERSJON"}
    assert said["table"]["HENDELSE_KLAGE"]["lookup"] == {"HENDELSE_SVAR": {"GJELDER": "HENDELSE_ID"}}
    assert said["record"]["appeal"]["fields"]["answered_on"] == "HENDELSE_SVAR.DATO"
    assert said["record"]["provider_period"]["fields"]["provider"]["or"] == ["AVDELING_OVERORDNET.ORGNR"]
    assert "SVAR" in tables


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("SØKN", "application"),
        ("Søknad mottatt", "application"),
        ("VEDT", "decision"),
        ("Vedtak fattet", "decision"),
        ("KLAG", "appeal"),
        ("Klage", "appeal"),
        ("KLSV", "answer"),
        ("Klagesvar", "answer"),
        ("TLF", None),
        ("Hjemmebesøk", None),
    ],
)
def test_what_an_event_is(value, kind):
    assert event_of(value) == kind
