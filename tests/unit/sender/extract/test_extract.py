"""What the small record system says, in canonical words."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.held_records import holding
from support.sources_epj import ADA, BO, Epj


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    return Epj(tmp_path_factory.mktemp("epj")).read()


def rows(extract, record_type, *columns):
    return set(extract.records[record_type].select(columns).iter_rows())


def test_every_frame_has_the_declared_schema(extract):
    records = extract.records
    assert {name: frame.schema for name, frame in records.items()} == {
        name: pl.Schema(kind.schema) for name, kind in ALL_TYPES.items()
    }


def test_numbers_are_text_with_their_zeros(extract):
    assert rows(extract, "recipient", "local_person_id", "person_number", "person_number_kind", "died_on") == {
        ("1", ADA, "national", None),
        ("2", BO, "national", dt.date(2026, 2, 1)),
        ("3", None, None, None),
    }
    assert rows(extract, "residence", "municipality", "district") == {("0301", None), ("1103", "03")}
    assert rows(extract, "provider_period", "provider") == {("312000113",)}


def test_days_months_hours_and_open_ends(extract):
    assert rows(extract, "care_service", "service_id", "starts_on", "ends_on") == {
        ("T1", dt.date(2018, 1, 10), None),
        ("T2", dt.date(2016, 1, 10), dt.date(2019, 12, 31)),
    }
    assert rows(extract, "circumstances", "doctor_assessed_in", "household", "private_help") == {("2017-11", "1", "2")}
    assert rows(extract, "decision_line", "service_id", "hours_per_week") == {
        ("T1", Decimal("3.50")),
        ("T2", None),
        ("T3", None),
    }


def test_instants_are_utc(extract):
    recorded = extract.records["circumstances"]["recorded_at"].to_list()
    assert recorded == [dt.datetime(2018, 1, 9, 14, 20, tzinfo=dt.UTC)]


def test_the_home_is_the_one_of_the_records_own_date(extract):
    assert rows(extract, "care_service", "service_id", "home_municipality", "home_district") == {
        ("T1", None, None),
        ("T2", "1103", "03"),
    }


def test_what_is_not_sent_is_counted_and_no_fault(extract):
    assert extract.excluded == {
        "care_service": {"ended before 2017": 1, "no start date": 1},
        "assessment": {"ended before 2017": 1},
    }
    assert rows(extract, "assessment", "assessment_id") == {("F2",), ("F3",)}
    assert rows(extract, "score", "assessment_id", "variable") == {("F2", "1"), ("F2", "2"), ("F3", "1")}
    assert holding(extract.findings).is_empty()
    assert {len(ids) for ids in extract.held.values()} == {0}


def test_a_type_that_is_absent_is_empty(extract):
    assert extract.records["diagnosis"].is_empty()


def test_counts_and_proof_go_along(extract):
    assert extract.complete
    assert extract.row_counts["tjeneste"] == 4
    assert extract.proves_absence("care_service")


@pytest.mark.postgres
def test_postgresql_says_the_same_as_sqlite(extract, tmp_path, postgres_url):
    other = Epj(tmp_path, postgres_url).read()
    for name, frame in extract.records.items():
        assert_frame_equal(frame, other.records[name], check_row_order=False)
    assert_frame_equal(extract.findings, other.findings)
    assert (other.excluded, other.row_counts, other.complete) == (extract.excluded, extract.row_counts, True)


def test_a_decision_is_in_force_while_a_service_rests_on_it(epj):
    epj.sql("UPDATE tjeneste SET til = '31.12.2016' WHERE id = 'T2'", log=True)
    extract = epj.read()
    assert extract.excluded["decision"] == {"ended before 2017": 1}
    assert ("V2",) not in rows(extract, "decision", "decision_id")
    assert ("V2",) not in rows(extract, "decision_line", "decision_id")
    assert ("2",) not in rows(extract, "recipient", "local_person_id")


def test_an_assessment_on_the_opening_day_ends_the_one_before(epj):
    epj.sql("UPDATE vurdering SET dato = '01.01.2017' WHERE id = 'F3'", log=True)
    assert rows(epj.read(), "assessment", "assessment_id") == {("F3",)}


def test_history_that_begins_late_is_told(epj):
    epj.edit("[table.tjeneste]\n", '[table.tjeneste]\nsince = "2019-03-01"\nreason = "nytt EPJ"\n')
    assert epj.read().since == {"care_service": dt.date(2019, 3, 1)}


def test_only_mapped_columns_leave_the_record_system(epj):
    assert "dod" in epj.source().mapping.columns_of("bruker")
    epj.edit(
        'died_on = { column = "dod", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }',
        'died_on = { absent = "nei" }',
    )
    assert epj.source().mapping.columns_of("bruker") == ["ident", "nr"]


@pytest.mark.parametrize(
    ("unit", "municipality", "district", "told"),
    [
        ("0301", "0301", None, (None, None)),
        ("0301", "0301", "12", (None, "12")),
        ("0301/12", "0301", "12", (None, None)),
        ("0301/12", "0301", "03", (None, "03")),
        ("0301", "1103", "03", ("1103", "03")),
        ("0301", "1601", None, ("1601", None)),
    ],
)
def test_home_is_told_only_where_it_differs(unit, municipality, district, told):
    from ktt.domain.records import DIAGNOSIS, RESIDENCE
    from ktt.domain.unit import ReportingUnit
    from ktt.sender.extract.residence import with_home

    number, _, part = unit.partition("/")
    diagnoses = DIAGNOSIS.conform(pl.DataFrame({"local_person_id": ["1"], "starts_on": [dt.date(2020, 1, 1)]}))
    lived = RESIDENCE.conform(
        pl.DataFrame(
            {
                "local_person_id": ["1"],
                "starts_on": [dt.date(2019, 1, 1)],
                "municipality": [municipality],
                "district": [district],
            }
        )
    )
    found = with_home(DIAGNOSIS, diagnoses, lived, ReportingUnit("312000008", number, part or None))
    assert found.select("home_municipality", "home_district").row(0) == told
