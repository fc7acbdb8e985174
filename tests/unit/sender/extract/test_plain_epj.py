"""A third record system, read without SQL: its database and its files give the same, and as much as a count by hand says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ktt.sender.extract.documentation.page import mapping_page
from ktt.sender.extract.errors import CountMismatch, ProofMissing
from ktt.sender.extract.finding_kinds import DUPLICATE
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.sources.sql import open_source
from support.plain_epj import ON, PlainEpj, mapping
from support.sender_epj import UNIT

FILES = pytest.mark.parametrize("files", [False, True], ids=["database", "files"])


def read(epj, folder, *, files):
    address, mapping_file = epj.write(folder / ("files" if files else "database"), files=files)
    return open_source(address, mapping_file).read(UNIT, ON, "sandbox")


def counted(epj):
    """How many records of each type there are to send, a row at a time."""
    people = [one for one in epj.dicts("PASIENT") if one["AKTIV"] == "1"]
    decisions = {one["VEDTAK_ID"] for one in epj.dicts("VEDTAK_HODE") if one["OPPHEVET"] == "N"}
    stays = [one for one in epj.dicts("TJ_OPPHOLD") if not one["SLETTET"]]
    return {
        "recipient": len(people),
        "decision": len(decisions),
        "decision_line": sum(one["VEDTAK_ID"] in decisions for one in epj.dicts("VEDTAK_TJENESTE")),
        "appeal": len(epj.rows["KLAGE"]),
        "care_service": len(epj.rows["TJ_HJEMMESYKEPLEIE"]) + len(epj.rows["TJ_STOTTEKONTAKT"]) + len(stays),
        "provider_period": len(epj.rows["UTFORER"]),
        "circumstances": len(epj.rows["LIVSSITUASJON"]),
        "assessment": len({one["SKJEMA_ID"] for one in epj.dicts("IPLOS_SVAR")}),
        "score": sum(bool(one["SVAR"]) for one in epj.dicts("IPLOS_SVAR")),
        "diagnosis": len(epj.rows["DIAGNOSER"]),
    }


@FILES
def test_as_many_records_as_a_count_by_hand(tmp_path, files):
    epj = PlainEpj()
    extract = read(epj, tmp_path, files=files)
    assert extract.findings.is_empty()
    assert extract.complete
    expected = counted(epj)
    assert {name: extract.records[name].height for name in expected} == expected
    assert expected["decision_line"] == 6 * 4
    assert extract.reading.skipped == {
        "record.decision_line": {"skip vedtak.VEDTAK_ID": 4},
        "record.assessment": {"distinct": 17 * 7},
        "record.score": {"skip SVAR": 7},
    }


def test_files_say_what_the_database_says(tmp_path):
    one, other = (read(PlainEpj(), tmp_path, files=files) for files in (False, True))
    for name, frame in one.records.items():
        assert_frame_equal(frame, other.records[name], check_row_order=False)
    assert one.row_counts == other.row_counts


def test_what_the_words_of_the_mapping_make_of_the_values(tmp_path):
    records = read(PlainEpj(), tmp_path, files=True).records
    decision = records["decision"].filter(pl.col("decision_id") == "1").row(0, named=True)
    assert decision["applied_on"] == dt.date(2024, 1, 10)  # of the case
    assert decision["recorded_at"] == dt.datetime(2024, 1, 10, 9, 30, tzinfo=dt.UTC)  # milliseconds since 1970
    hours = records["decision_line"].filter(pl.col("decision_id") == "1").sort("service_id")["hours_per_week"].to_list()
    assert hours == [Decimal("7.75"), Decimal("0.33"), None, None]  # of minutes
    stay = records["care_service"].filter(pl.col("service_id") == "12")
    assert stay["service_type"].to_list() == ["8"]  # the line's id, by the decision and the kind
    assert set(records["provider_period"]["service_id"]) == {str(10 * (n + 1)) for n in range(8) if n not in {3, 6}}
    assert records["provider_period"]["provider"].unique().to_list() == ["974767880"]


def test_where_several_rows_may_belong_the_record_is_held(tmp_path):
    epj = PlainEpj()
    epj.add("VEDTAK_TJENESTE", "99", "1", "Korttidsopphold – avlastning", "AVSLÅTT", "", "0", "0")
    extract = read(epj, tmp_path, files=True)
    held = extract.findings.filter(pl.col("rule") == DUPLICATE.code)
    assert held.select("record_type").unique().to_series().to_list() == ["care_service"]
    assert held.height == 1
    assert extract.records["care_service"].height == counted(epj)["care_service"] - 1


def test_a_form_whose_rows_disagree_is_held(tmp_path):
    epj = PlainEpj()
    epj.rows["IPLOS_SVAR"][3][5] = "11.01.2024"
    extract = read(epj, tmp_path, files=False)
    assert extract.findings.filter(pl.col("rule") == DUPLICATE.code)["local_id"].unique().to_list() == ["I-0"]
    assert "I-0" in extract.held["assessment"]


def test_the_export_counts_prove_it(tmp_path):
    epj = PlainEpj()
    address, file = epj.write(tmp_path / "one", files=True)
    counts = tmp_path / "one" / "eksport" / "eksportstatus.csv"
    text = counts.read_text("cp1252")
    counts.write_text(text.replace("SAK;7", "SAK;8"), "cp1252", newline="")
    with pytest.raises(CountMismatch):
        open_source(address, file).read(UNIT, ON, "sandbox")
    counts.write_text(text.replace("2026-03-01", "2026-02-28"), "cp1252", newline="")
    with pytest.raises(ProofMissing):
        open_source(address, file).read(UNIT, ON, "sandbox")


def test_an_export_that_says_that_it_failed_proves_nothing(tmp_path):
    """The numbers may well be right: they are those of the rows that it came to write."""
    address, mapping_file = PlainEpj().write(tmp_path / "one", files=True)
    counts = tmp_path / "one" / "eksport" / "eksportstatus.csv"
    head, *rows = counts.read_text("cp1252").splitlines()
    text = mapping_file.read_text("utf-8")
    only = text.replace('day = "KJORT" }', 'day = "KJORT", where = { STATUS = ["OK"] } }')
    assert only != text
    mapping_file.write_text(only, "utf-8")

    def written(status):
        said = [
            f"{head};STATUS",
            *(f"{row};{status if row.partition(';')[2].startswith('SAK;') else 'OK'}" for row in rows),
        ]
        counts.write_text("\r\n".join(said) + "\r\n", "cp1252", newline="")
        for done in counts.parent.rglob("*.done"):
            done.touch()
        return open_source(address, mapping_file).read(UNIT, ON, "sandbox")

    assert written("OK").complete
    with pytest.raises(ProofMissing):
        written("FEIL")
    mapping_file.write_text(text, "utf-8")  # without the key, the numbers are believed
    assert written("FEIL").complete


def test_no_line_of_sql_but_for_the_owner_and_the_count():
    assert Counter(line.split()[0] for line in mapping(files=False).splitlines() if "SELECT" in line) == {
        "unit": 1,
        "count": 1,
    }
    assert "SELECT" not in mapping(files=True)


def test_the_page_says_it_in_words(tmp_path):
    _address, file = PlainEpj().write(tmp_path / "one", files=True)
    page = mapping_page(read_mapping(file)).as_markdown()
    for said in (
        "millisekunder siden 1970 (UTC)",
        "delt på 60",
        "Til hver rad hører raden i «sak» der «SAK_GUID» er lik «SAK_GUID» her.",
        "Rader som er like i alt som leses, er én opplysning.",
        "Filen «eksportstatus.csv» sier hvor mange rader hver tabell har",
    ):
        assert said in page
