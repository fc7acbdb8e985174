"""A draft of a record system of events, answers, logs and several units says what its rows mean, and can be read as it is."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tomllib

import polars as pl
import pytest

from ktt.domain.identifiers import compose_synthetic
from ktt.sender.extract.drafting.draft import draft_mapping
from ktt.sender.extract.drafting.tables.events import event_of
from ktt.sender.extract.drafting.toml_text import value
from ktt.sender.extract.drafting.written import write_draft
from ktt.sender.extract.mapping.file import examined
from ktt.sender.extract.profiling.scan import scan_source
from ktt.sender.extract.sources.sql import open_source
from support.event_epj import ON, EventEpj
from support.sender_epj import UNIT

PERSONS = 48


def national(number):
    born = dt.date(1940, 1, 1) + dt.timedelta(days=31 * number)
    return next(filter(None, (compose_synthetic(born, individual) for individual in range(100, 400))))


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


SPELLED = {
    "braces": (lambda key: f"{{{key.lower()}}}", {"strip": {"NR": "{}"}, "upper": ["NR"]}),
    "small letters": (str.lower, {"upper": ["NR"]}),
    "lost noughts": (lambda key: key.removeprefix("A-").lstrip("0"), {"pad": {"NR": 6}}),
}


@pytest.mark.parametrize("name", SPELLED)
def test_keys_that_are_written_in_two_ways_are_read_alike(tmp_path, name):
    write, expected = SPELLED[name]
    keys = [f"{number:06}" if name == "lost noughts" else f"A-{number:06}F" for number in range(90, 130)]
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE bruker (NR TEXT, FNR TEXT)")
        connection.execute("CREATE TABLE tjeneste (ID TEXT, BRUKER_NR TEXT, TJENESTETYPE TEXT, START TEXT, SLUTT TEXT)")
        for number, key in enumerate(keys):
            connection.execute("INSERT INTO bruker VALUES (?, ?)", (key, national(number)))
            row = (f"T{number}", write(key), "Dagopphold", "2020-01-01", "2020-02-01")
            connection.execute("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    said = tomllib.loads(draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text)
    tables = said["table"]
    for table, column in (("bruker", "NR"), ("tjeneste", "BRUKER_NR")):
        got = {key: tables[table][key] for key in ("strip", "upper", "pad") if key in tables[table]}
        assert got == {
            key: {column: next(iter(one.values()))} if isinstance(one, dict) else [column]
            for key, one in expected.items()
        }
    assert said["record"]["care_service"]["fields"]["local_person_id"] == "BRUKER_NR"


REFERRED = """
CREATE TABLE klient (klient_nr TEXT, fnr TEXT);
CREATE TABLE hendelse (id TEXT, klient_nr TEXT, type TEXT, dato TEXT, gjelder TEXT, endret TEXT);
"""


def test_events_that_refer_to_one_another_without_a_case(tmp_path):
    """A decision refers to its application, an appeal to the decision and an answer to the appeal."""
    kinds = ("SØKNAD", "VEDTAK", "KLAGE", "KLAGESVAR")
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.executescript(REFERRED)
        for person in range(20):
            connection.execute("INSERT INTO klient VALUES (?, ?)", (f"{7000 + person}", national(person)))
            for place, kind in enumerate(kinds):
                number = 10_000 + 10 * person + place
                before = str(number - 1) if place else ""
                row = (str(number), f"{7000 + person}", kind, f"2024-01-{place + 1:02}", before, "2025-01-01 10:00:00")
                connection.execute("INSERT INTO hendelse VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.close()
    said = tomllib.loads(draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text)
    decision, appeal = said["record"]["decision"], said["record"]["appeal"]
    assert decision["from"] == "hendelse_vedtak"
    assert said["table"]["hendelse_vedtak"]["lookup"] == {"hendelse_soknad": {"id": "gjelder"}}
    fields = {name: decision["fields"][name] for name in ("decision_id", "applied_on", "decided_on", "local_person_id")}
    assert fields == {
        "decision_id": "id",
        "applied_on": "hendelse_soknad.dato",
        "decided_on": "dato",
        "local_person_id": "klient_nr",
    }
    assert appeal["fields"]["decision_id"] == "gjelder"
    assert said["table"]["hendelse_klage"]["lookup"] == {"hendelse_svar": {"gjelder": "id"}}


def test_a_status_of_cases_is_no_table_of_events(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE sak (sak_nr TEXT, status TEXT, mottatt TEXT, fattet TEXT)")
        rows = [(f"S{n}", ("SØKNAD", "VEDTAK")[n % 2], "2024-01-01", "2024-02-01") for n in range(40)]
        connection.executemany("INSERT INTO sak VALUES (?, ?, ?, ?)", rows)
    connection.close()
    said = tomllib.loads(draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text)
    assert not [name for name in said["table"] if "vedtak" in name]


def test_numbers_and_yes_are_written_as_the_reader_wants_them():
    assert value({"divide": 60, "upper": True, "n": ["1"]}) == '{ divide = 60, upper = true, n = ["1"] }'


def test_rows_that_may_be_none_are_told_and_not_left_out(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE pasient (nr TEXT, fnr TEXT)")
        connection.execute(
            "CREATE TABLE diagnose (id TEXT, pasient_nr TEXT, kode TEXT, fra TEXT, endret TEXT, grunn TEXT, signert TEXT)"
        )
        for number in range(40):
            connection.execute("INSERT INTO pasient VALUES (?, ?)", (f"{9000 + number}", national(number)))
            reason, signed = ("FEILREG" if number % 4 == 0 else "VANLIG"), ("0" if number % 5 == 0 else "-1")
            row = (f"D{number}", f"{9000 + number}", "F001", "2020-01-01", "2020-01-01 10:00:00", reason, signed)
            connection.execute("INSERT INTO diagnose VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()
    text = draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text
    assert '# skip = { grunn = ["FEILREG"] }' in text
    assert '# skip = { signert = ["0"] }' in text
    assert "skip" not in tomllib.loads(text)["record"]["diagnosis"]


def test_a_number_in_two_columns_is_found_and_read(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE pasient (nr TEXT, fodselsdato INTEGER, personnr INTEGER, dodsdato TEXT)")
        for number in range(40):
            whole = national(number)
            row = (f"P{number}", int(whole[:6]), int(whole[6:]), "2024-01-01" if number % 5 == 0 else "")
            connection.execute("INSERT INTO pasient VALUES (?, ?, ?, ?)", row)
    connection.close()
    said = tomllib.loads(draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text)
    assert said["record"]["recipient"]["fields"]["person_number"] == "{fodselsdato}{personnr}"
    assert said["table"]["pasient"]["pad"] == {"fodselsdato": 6, "personnr": 5}


def test_a_code_that_is_a_number_of_a_table_of_codes_is_looked_up(tmp_path):
    """The texts of codes that many rows have are codes too, so the code file has them, with the official code."""
    types = (("700", "Dagopphold"), ("701", "Støttekontakt"), ("702", "Sjelden tjeneste"))
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE bruker (nr TEXT, fnr TEXT)")
        connection.execute("CREATE TABLE tjenestetype (tjenestetype_id TEXT, tekst TEXT)")
        connection.execute(
            "CREATE TABLE tjeneste (id TEXT, bruker_nr TEXT, tjenestetype_id TEXT, start TEXT, slutt TEXT)"
        )
        connection.executemany("INSERT INTO tjenestetype VALUES (?, ?)", types)
        for number in range(40):
            connection.execute("INSERT INTO bruker VALUES (?, ?)", (f"A{number}", national(number)))
            kind = types[2 if number == 7 else number % 2][0]
            row = (f"T{number}", f"A{number}", kind, "2020-01-01", "2020-02-01")
            connection.execute("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    draft = draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast")
    said = tomllib.loads(draft.text)
    assert said["table"]["tjeneste"]["lookup"] == {"tjenestetype": {"tjenestetype_id": "tjenestetype_id"}}
    field = said["record"]["care_service"]["fields"]["service_type"]
    assert field == {"column": "tjenestetype.tekst", "codes": "koder/tekst.csv"}
    lines = draft.files["koder/tekst.csv"].splitlines()[1:]
    assert [line.split(";")[:2] for line in lines] == [["Dagopphold", "17"], ["Støttekontakt", "9"]]


def test_rows_for_each_change_are_told(tmp_path):
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE bruker (nr TEXT, fnr TEXT)")
        connection.execute(
            "CREATE TABLE tjeneste (tjeneste_nr TEXT, fra TEXT, til TEXT, bruker_nr TEXT, tjenestetype TEXT)"
        )
        for number in range(40):
            connection.execute("INSERT INTO bruker VALUES (?, ?)", (f"A{number}", national(number)))
            for month in (1, 2):
                row = (f"T{number}", f"2020-0{month}-01", f"2020-0{month}-28", f"A{number}", "Dagopphold")
                connection.execute("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?)", row)
    connection.close()
    text = draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 3), "utkast").text
    assert '# periods = { of = ["tjeneste_nr"], starts_on = "fra", ends_on = "til" }' in text


def test_circumstances_in_rows_of_questions_are_looked_up_by_the_form(tmp_path):
    questions = {"HUSSTAND": "ALENE", "OMSORG_BARN": "J", "EGNET_BOLIG": "N", "PRIVAT_HJELP": "NEI", "HØYDE": "170"}
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute("CREATE TABLE klient (klient_nr TEXT, fnr TEXT)")
        connection.execute(
            "CREATE TABLE kartlegging (kart_id TEXT, klient_nr TEXT, gjelder_fra TEXT, gjelder_til TEXT, endret TEXT)"
        )
        connection.execute("CREATE TABLE observasjon (obs_id TEXT, kart_id TEXT, attributt TEXT, verdi TEXT)")
        for number in range(20):
            connection.execute("INSERT INTO klient VALUES (?, ?)", (f"A{number}", national(number)))
            row = (f"{5000 + number}", f"A{number}", "2024-01-01", "2024-12-31", "2024-01-01 10:00:00")
            connection.execute("INSERT INTO kartlegging VALUES (?, ?, ?, ?, ?)", row)
            for place, (question, answer) in enumerate(questions.items()):
                values = (f"{80_000 + 10 * number + place}", row[0], question, answer)
                connection.execute("INSERT INTO observasjon VALUES (?, ?, ?, ?)", values)
    connection.close()
    said = tomllib.loads(draft_mapping(scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5), "utkast").text)
    circumstances = said["record"]["circumstances"]
    assert circumstances["from"] == "kartlegging"
    fields = circumstances["fields"]
    assert fields["household"]["column"] == "observasjon_HUSSTAND.verdi"
    assert fields["cares_for_children"]["column"] == "observasjon_OMSORG_BARN.verdi"
    assert fields["local_person_id"] == "klient_nr"
    assert said["table"]["observasjon_HUSSTAND"]["where"] == {"attributt": ["HUSSTAND"]}
    assert said["table"]["kartlegging"]["lookup"]["observasjon_HUSSTAND"] == {"kart_id": "kart_id"}
    assert not [name for name in said["table"] if "HØYDE" in name]
