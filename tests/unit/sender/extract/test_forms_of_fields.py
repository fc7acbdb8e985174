"""What a field's place can say: several forms of a day, signs that are taken out, ids that are put together, constant codes."""

from __future__ import annotations

import datetime as dt
import unicodedata

import polars as pl
import pytest

from ktt.core.errors import KttError
from ktt.sender.extract.errors import ColumnMissing
from ktt.sender.extract.finding_kinds import AMBIGUOUS_IN_AUTUMN, UNREADABLE
from ktt.sender.extract.mapping import errors

FROM = 'starts_on = { column = "fra", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }'
STAMP = 'recorded_at = { column = "endret", instant = "%Y-%m-%d %H:%M:%S" }'
CODE = 'service_type = { column = "kode", codes = "koder/type.csv" }'


def in_services(epj, old, new):
    """Change a field of the services, and of nothing else."""
    head, mark, tail = epj.mapping.read_text(encoding="utf-8").partition("[record.care_service.fields]")
    assert old in tail
    epj.mapping.write_text(head + mark + tail.replace(old, new, 1), encoding="utf-8")
    return epj


def service(extract, local_id, *columns):
    return extract.records["care_service"].filter(pl.col("service_id") == local_id).select(columns).row(0)


def test_a_day_in_several_forms_tried_in_order_and_counted(epj):
    in_services(epj, FROM, 'starts_on = { column = "fra", date = ["%d.%m.%Y", "%Y%m%d", "%d%m%Y"] }')
    epj.sql(
        "UPDATE tjeneste SET fra = '20160110' WHERE id = 'T2'; UPDATE tjeneste SET fra = '01021985' WHERE id = 'T4'"
    )
    extract = epj.read()
    assert service(extract, "T2", "starts_on") == (dt.date(2016, 1, 10),)
    forms = {"%d.%m.%Y": 1, "%Y%m%d": 1, "%d%m%Y": 1}
    assert extract.reading.forms == {"record.care_service.fields.starts_on": forms}


# how it is written | the form | the day of it, and the instant
NUMBERS = {
    "milliseconds": ("1704101400000", "unix_ms", dt.datetime(2024, 1, 1, 9, 30, tzinfo=dt.UTC)),
    "seconds": ("1704063600", "unix_s", dt.datetime(2023, 12, 31, 23, tzinfo=dt.UTC)),
    "microseconds": ("1704101400000000", "unix_us", dt.datetime(2024, 1, 1, 9, 30, tzinfo=dt.UTC)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_instants_as_numbers_since_1970(epj, name):
    written, form, instant = NUMBERS[name]
    in_services(epj, FROM, f'starts_on = {{ column = "fra", date = "{form}" }}')
    in_services(epj, STAMP, f'recorded_at = {{ column = "endret", instant = "{form}" }}')
    extract = epj.sql(f"UPDATE tjeneste SET fra = '{written}', endret = '{written}'").read()
    # 23:00 UTC on New Year's Eve is the new year in Oslo
    assert service(extract, "T1", "starts_on", "recorded_at") == (dt.date(2024, 1, 1), instant)


def test_a_text_is_no_number_since_1970(epj):
    in_services(epj, STAMP, 'recorded_at = { column = "endret", instant = "unix_ms" }')
    epj.sql("UPDATE tjeneste SET endret = '1704101400000'; UPDATE tjeneste SET endret = '17041e9' WHERE id = 'T2'")
    extract = epj.read()
    assert extract.findings.filter(pl.col("rule") == UNREADABLE.code)["local_id"].to_list() == ["T2"]


def test_years_of_two_digits(epj):
    in_services(epj, FROM, 'starts_on = { column = "fra", date = "%d.%m.%y" }')
    epj.sql(
        "UPDATE tjeneste SET fra = '10.01.68' WHERE id = 'T2'; UPDATE tjeneste SET fra = '10.01.99' WHERE id = 'T1'"
    )
    extract = epj.sql("UPDATE tjeneste SET fra = '01.02.24', til = '' WHERE id = 'T4'").read()
    assert service(extract, "T1", "starts_on") == (dt.date(1999, 1, 10),)
    assert service(extract, "T4", "starts_on") == (dt.date(2024, 2, 1),)


@pytest.mark.parametrize(
    ("written", "form", "hours"),
    [
        ("465", "divide = 60", "7.75"),
        ("20", "divide = 60", "0.33"),
        ("1,5", 'decimal = ",", multiply = 7', "10.5"),
        ("1 050", 'strip = " ", divide = 60', "17.5"),
        ("0,3", 'decimal = ",", multiply = 7, divide = 7', "0.3"),
        ("3:30", 'decimal = ":"', "3.5"),
        ("00:20", 'decimal = ":"', "0.33"),
        ("1:15", 'decimal = ":", multiply = 7', "8.75"),
        ("0:45", 'decimal = ":", multiply = "lopenr"', "2.25"),
    ],
)
def test_a_number_of_hours_in_another_measure(epj, written, form, hours):
    epj.edit('decimal = ","', form)
    epj.sql("ALTER TABLE linje ADD lopenr TEXT; UPDATE linje SET lopenr = '3'")
    extract = epj.sql(f"UPDATE linje SET timer = '{written}' WHERE vedtak = 'V1'").read()
    lines = extract.records["decision_line"].filter(pl.col("decision_id") == "V1")
    assert str(lines["hours_per_week"][0].normalize()) == hours


@pytest.mark.parametrize("written", ["3,5", "3", "3:60", "3:3", "-1:00", "1:00:00", ":30", "3:30 t"])
@pytest.mark.parametrize("form", ['decimal = ":"', 'decimal = ":", multiply = "timer"'])
def test_what_is_no_time_is_no_number_of_hours(epj, written, form):
    epj.edit('decimal = ","', form)
    extract = epj.sql(f"UPDATE linje SET timer = '{written}' WHERE vedtak = 'V1'").read()
    assert UNREADABLE.code in extract.findings.filter(pl.col("local_id") == "V1")["rule"].to_list()


TIL = 'ends_on = { column = "til", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }'


def test_an_end_that_is_the_first_day_after(epj):
    in_services(epj, TIL, TIL.replace('date = "', 'days = -1, date = "'))
    extract = epj.sql("UPDATE tjeneste SET til = '01.03.2020' WHERE id = 'T2'").read()
    assert service(extract, "T2", "ends_on") == (dt.date(2020, 2, 29),)
    assert service(extract, "T1", "ends_on") == (None,)


# what stands in `fra` and in `annen` of T1 | the latest of them, and the earliest; None: it cannot be told
CHOSEN = {
    "both": ("02.01.2018", "01.02.2018", (2, 1), (1, 2)),
    "the same": ("02.01.2018", "02.01.2018", (1, 2), (1, 2)),
    "the first alone": ("02.01.2018", "", (1, 2), (1, 2)),
    "the other alone": ("00.00.0000", "01.02.2018", (2, 1), (2, 1)),
    "one that is no day": ("31.02.2018", "01.02.2018", None, None),
    "the other no day": ("01.02.2018", "i mars", None, None),
    "bad signs": ("01.02.2018", "01.03.2018\ufffd", None, None),
}


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("which", ["latest_of", "earliest_of"])
def test_of_several_days_the_latest_or_the_earliest(epj, name, which):
    fra, annen, latest, earliest = CHOSEN[name]
    in_services(epj, FROM, FROM.replace('column = "fra"', f'{which} = ["fra", "annen"]'))
    extract = epj.sql(
        f"ALTER TABLE tjeneste ADD annen TEXT; UPDATE tjeneste SET fra = '{fra}', annen = '{annen}' WHERE id = 'T1'"
    ).read()
    expected = latest if which == "latest_of" else earliest
    if expected is None:
        assert "T1" in set(extract.held["care_service"])
    else:
        month, day = expected
        assert service(extract, "T1", "starts_on") == (dt.date(2018, month, day),)


def test_the_latest_of_several_instants_in_several_forms(epj):
    forms = '["%Y-%m-%d %H:%M:%S", "unix_ms"]'
    in_services(epj, STAMP, f'recorded_at = {{ latest_of = ["endret", "laget"], instant = {forms} }}')
    extract = epj.sql("ALTER TABLE tjeneste ADD laget TEXT; UPDATE tjeneste SET laget = '1704101400000'").read()
    assert service(extract, "T1", "recorded_at") == (NUMBERS["milliseconds"][2],)
    assert extract.reading.forms["record.care_service.fields.recorded_at"]["unix_ms"] > 0


# what a field says | the fault
WRONG_FORMS = {
    "no days": (TIL, TIL.replace('date = "', 'days = 0, date = "'), errors.ValueWrong),
    "days as text": (TIL, TIL.replace('date = "', 'days = "-1", date = "'), errors.ValueWrong),
    "days of an instant": (STAMP, STAMP.replace("instant =", "days = -1, instant ="), errors.FormWrong),
    "one column to choose from": (FROM, FROM.replace('column = "fra"', 'latest_of = ["fra"]'), errors.ValueWrong),
    "the same twice": (FROM, FROM.replace('column = "fra"', 'latest_of = ["fra", "fra"]'), errors.ValueWrong),
    "beside a column": (
        FROM,
        FROM.replace('column = "fra"', 'column = "fra", latest_of = ["fra", "til"]'),
        errors.NameUnknown,
    ),
    "the latest id": ('service_id = "id"', 'service_id = { latest_of = ["id", "nr"] }', errors.FormWrong),
}


@pytest.mark.parametrize("name", WRONG_FORMS)
def test_what_a_field_cannot_say(epj, name):
    old, new, error = WRONG_FORMS[name]
    with pytest.raises(KttError) as caught:
        in_services(epj, old, new).source()
    assert type(caught.value) is error


def test_what_fits_no_form_is_a_finding(epj):
    in_services(epj, FROM, 'starts_on = { column = "fra", date = ["%d.%m.%Y", "%Y%m%d"] }')
    extract = epj.sql("UPDATE tjeneste SET fra = '2016-01-10' WHERE id = 'T2'").read()
    assert extract.findings.filter(pl.col("rule") == UNREADABLE.code)["local_id"].to_list() == ["T2"]


def test_an_instant_in_several_forms_with_and_without_zone(epj):
    in_services(epj, STAMP, 'recorded_at = { column = "endret", instant = ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M"] }')
    epj.sql("UPDATE tjeneste SET endret = '2025-10-26T02:30:00+01:00' WHERE id = 'T1'")
    epj.sql("UPDATE tjeneste SET endret = '26.10.2025 02:30' WHERE id = 'T2'")
    epj.sql("UPDATE tjeneste SET endret = '26.07.2025 02:30' WHERE id IN ('T3', 'T4')")
    extract = epj.read()
    assert service(extract, "T1", "recorded_at") == (dt.datetime(2025, 10, 26, 1, 30, tzinfo=dt.UTC),)
    assert service(extract, "T2", "recorded_at") == (dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC),)
    twice = extract.findings.filter(pl.col("rule") == AMBIGUOUS_IN_AUTUMN.code)
    assert twice["local_id"].to_list() == ["T2"]
    assert extract.reading.forms["record.care_service.fields.recorded_at"] == {
        "%Y-%m-%dT%H:%M:%S%z": 1,
        "%d.%m.%Y %H:%M": 3,
    }


def test_signs_are_taken_out(epj):
    in_services(epj, CODE, 'service_type = { column = "kode", codes = "koder/type.csv", strip = ".-" }')
    extract = epj.sql("UPDATE tjeneste SET kode = ' H.J-' WHERE kode = 'HJ'").read()
    assert service(extract, "T1", "service_type") == ("15",)


def test_an_id_of_several_columns(epj):
    in_services(epj, 'service_id = "id"', 'service_id = "AL-{nr}-{ id }"'.replace("{ id }", "{id}"))
    epj.sql("UPDATE tjeneste SET id = ' T1 ' WHERE id = 'T1'; UPDATE tjeneste SET id = '' WHERE id = 'T2'")
    extract = epj.read()
    assert "AL-1-T1" in set(extract.records["care_service"]["service_id"])
    assert not [one for one in extract.records["care_service"]["service_id"] if one.startswith("AL-2")]
    assert extract.unproved("care_service") == "no id"  # half an id is none


def test_a_constant_that_is_a_local_code(epj):
    in_services(epj, CODE, 'service_type = { constant = "DAG", codes = "koder/type.csv" }')
    extract = epj.read()
    assert service(extract, "T1", "service_type") == ("7",)  # valid to the end of 2019
    assert service(extract, "T2", "service_type") == ("7",)
    epj.sql("UPDATE tjeneste SET fra = '10.01.2021', til = '' WHERE id = 'T1'")
    assert service(epj.read(), "T1", "service_type") == ("18",)


def test_norwegian_letters_in_codes_whether_of_one_sign_or_two(epj):
    (epj.folder / "koder" / "type.csv").write_text("PÅFØLGENDE;15\nHJ;16\nDAG;7\n", encoding="utf-8")
    epj.sql(f"UPDATE tjeneste SET kode = '{unicodedata.normalize('NFD', 'PÅFØLGENDE')}' WHERE kode = 'HJ'")
    assert service(epj.read(), "T1", "service_type") == ("15",)


WRONG = {
    "no form at all": (FROM, 'starts_on = { column = "fra", date = [] }', errors.ValueWrong, "starts_on.date"),
    "a form twice": (FROM, 'starts_on = { column = "fra", date = ["%d.%m.%Y", "%d.%m.%Y"] }', errors.ValueWrong, "starts_on.date"),
    "a wrong form in the list": (FROM, 'starts_on = { column = "fra", date = ["%d.%m.%Y", "%d.%m"] }', errors.FormatWrong, "starts_on"),
    "no signs to take out": (FROM, 'starts_on = { column = "fra", strip = "" }', errors.ValueWrong, "starts_on.strip"),
    "a factor for a day": (FROM, 'starts_on = { column = "fra", divide = 60 }', errors.FormWrong, "starts_on"),
    "years in both forms": (FROM, 'starts_on = { column = "fra", date = "%d.%m.%y%Y" }', errors.FormatWrong, "starts_on"),
    "half a brace": ('service_id = "id"', 'service_id = "AL-{id"', errors.ValueWrong, "service_id"),
    "nothing in braces": ('service_id = "id"', 'service_id = { column = "AL-{ }" }', errors.ValueWrong, "service_id.column"),
    "a constant that is no local code": (CODE, 'service_type = { constant = "HJJ", codes = "koder/type.csv" }', errors.NameUnknown, "service_type.constant = HJJ"),
    "codes of a constant day": (FROM, 'starts_on = { constant = "2020-01-01", codes = "koder/type.csv" }', errors.NameUnknown, "starts_on.codes"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_one_thing_wrong_one_error(epj, name):
    old, new, error, key = WRONG[name]
    with pytest.raises(KttError) as caught:
        in_services(epj, old, new).source()
    assert type(caught.value) is error
    assert caught.value.facts["key"] == f"record.care_service.fields.{key}"


LINE = 'starts_on = { column = "fra", date'
ONLY = 'starts_on = { column = "fra", where = { utfall = ["I"] }, date'


def line_part(epj):
    """The mapping from the lines' place on, where the first `fra` is theirs."""
    text = epj.mapping.read_text(encoding="utf-8")
    return text.index("[record.decision_line]")


def with_line(epj, old, new):
    text, start = epj.mapping.read_text(encoding="utf-8"), line_part(epj)
    assert old in text[start:]
    epj.mapping.write_text(text[:start] + text[start:].replace(old, new, 1), encoding="utf-8")
    return epj


def test_a_field_has_a_value_only_where_another_column_says_so(epj):
    """A refused service has its dates in the record system, and none in the report."""
    epj.sql("INSERT INTO linje VALUES ('V1', 'T9', 'HJ', 'A', '2,0', '10.01.2018', '')", log=True)
    before = epj.read().records["decision_line"]
    extract = with_line(epj, LINE, ONLY).read()
    lines = extract.records["decision_line"]
    assert lines.drop("starts_on").equals(before.drop("starts_on"))
    assert lines.filter(pl.col("service_id") == "T9")["starts_on"].to_list() == [None]
    kept = pl.col("service_id") != "T9"
    assert lines.filter(kept).equals(before.filter(kept))
    assert extract.reading.skipped["record.decision_line.fields.starts_on"] == {"where utfall": 1}


def test_a_required_field_that_is_left_out_holds_the_record_back(epj):
    text = epj.mapping.read_text(encoding="utf-8")
    epj.mapping.write_text(
        text.replace('service_id = "id"', 'service_id = { column = "id", where = { nr = ["9"] } }'), encoding="utf-8"
    )
    extract = epj.read()
    assert extract.records["care_service"].is_empty()
    assert extract.unproved("care_service") == "no id"


@pytest.mark.parametrize(("added", "expected"), [(1, 2), (-1, 0), (1000, 1001)])
def test_a_number_that_is_counted_from_another(epj, added, expected):
    extract = epj.edit('decision_number = "lopenr"', f'decision_number = {{ column = "lopenr", add = {added} }}').read()
    assert set(extract.records["decision"]["decision_number"]) == {expected}


@pytest.mark.parametrize(
    ("old", "new", "error", "key"),
    [
        ('"lopenr"', '{ column = "lopenr", add = 0 }', errors.ValueWrong, "record.decision.fields.decision_number.add"),
        (
            '"lopenr"',
            '{ column = "lopenr", add = 1.5 }',
            errors.ValueWrong,
            "record.decision.fields.decision_number.add",
        ),
        (
            '"lopenr"',
            '{ column = "lopenr", add = 1001 }',
            errors.ValueWrong,
            "record.decision.fields.decision_number.add",
        ),
        (
            '"lopenr"',
            '{ column = "lopenr", where = { nr = [] } }',
            errors.ValueWrong,
            "record.decision.fields.decision_number.where.nr",
        ),
        ('"ident"', '{ column = "ident", add = 1 }', errors.FormWrong, "record.recipient.fields.person_number"),
        (
            '"ident"',
            '{ absent = "nei", where = { nr = ["1"] } }',
            errors.NameUnknown,
            "record.recipient.fields.person_number.where",
        ),
    ],
)
def test_what_where_and_add_cannot_say(epj, old, new, error, key):
    with pytest.raises(KttError) as caught:
        epj.edit(old, new).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, key)


def test_a_column_that_decides_must_be_there(epj):
    with pytest.raises(ColumnMissing) as caught:
        with_line(epj, LINE, ONLY.replace("utfall", "resultat")).read()
    assert caught.value.facts["column"] == "resultat"
