"""Wide tables whose columns are rows, record types that come from several places, and rows that are no such record."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.core.errors import KttError
from ktt.sender.extract.finding_kinds import DUPLICATE, UNREADABLE
from ktt.sender.extract.mapping import errors
from ktt.sender.thresholds import DEFAULT_DROP_MAX

FORM = """
CREATE TABLE skjema (id TEXT, F01 TEXT, F02 TEXT, F03 TEXT, n TEXT);
INSERT INTO skjema VALUES ('F1', '2', NULL, '0', 'x'), ('F2', ' 2 ', '3', '', 'x'), ('F3', '4', ' ', NULL, 'x');
"""
WIDE = """
[record.score]
from    = "skjema"
columns = { pattern = "F{n}", n = "01..03", skip = ["", "0"] }

[record.score.fields]
assessment_id = "id"
variable = { column = "n", codes = "koder/variabel.csv" }
score    = "value"
"""
ALARM = """
[[record.care_service.also]]
from = "teknikk"
skip = { fra = [""] }

[record.care_service.also.fields]
service_id      = "AL-{kunde}"
local_person_id = "kunde"
decision_id     = { absent = "alarmen har ikke vedtak" }
service_type    = { constant = "HJ", codes = "koder/type.csv" }
starts_on       = { column = "fra", date = "%Y%m%d" }
ends_on         = { column = "til", date = "%Y%m%d" }
recorded_at     = { column = "fra", instant = "%Y%m%d %H:%M" }
"""


def wide(epj, old="", new=""):
    (epj.folder / "koder" / "variabel.csv").write_text("01;1\n02;2\n03;3\n", encoding="utf-8")
    text = epj.mapping.read_text(encoding="utf-8")
    start, end = text.index("[record.score]"), text.index("[record.diagnosis]")
    form = WIDE.replace(old, new)
    assert form != WIDE or not old
    text = text[:start] + form + text[end:]
    epj.mapping.write_text(text + '\n[table.skjema]\nname = "skjema"\nkey = ["id"]\n', encoding="utf-8")
    return epj


def with_form(epj):
    return epj.sql(FORM + f"INSERT INTO eksport_logg VALUES ('{dt.date(2026, 3, 2)}', 'skjema', 3);")


def with_alarms(epj, rows="('1', '20200101', '20201231'), ('2', '', ''), ('1', NULL, '')"):
    epj.sql(f"CREATE TABLE teknikk (kunde TEXT, fra TEXT, til TEXT); INSERT INTO teknikk VALUES {rows};")
    count = rows.count("(")
    epj.sql(f"INSERT INTO eksport_logg VALUES ('{dt.date(2026, 3, 2)}', 'teknikk', {count});")
    text = epj.mapping.read_text(encoding="utf-8")
    text += ALARM.replace('{ column = "fra", instant = "%Y%m%d %H:%M" }', '{ constant = "2026-01-01 12:00:00" }')
    epj.mapping.write_text(text + '\n[table.teknikk]\nname = "teknikk"\nkey = ["kunde", "fra"]\n', encoding="utf-8")
    return epj


def test_the_columns_of_a_wide_table_are_rows(epj):
    extract = wide(with_form(epj)).read()
    scores = set(extract.records["score"].select("assessment_id", "variable", "score").iter_rows())
    assert scores == {("F2", "1", "2"), ("F2", "2", "3"), ("F3", "1", "4")}  # F1 was over before 2017
    assert extract.reading.skipped["record.score"] == {"columns": 5}
    assert epj.source().mapping.columns_of("skjema") == ["F01", "F02", "F03", "id"]


def test_without_skip_an_empty_cell_is_a_score_that_lacks_its_value(epj):
    extract = wide(with_form(epj), ', skip = ["", "0"]').read()
    assert set(extract.held["assessment"]) >= {"F2", "F3"}


def test_the_same_form_twice_is_one_finding(epj):
    epj = wide(with_form(epj)).sql("DELETE FROM eksport_logg WHERE tabell = 'skjema'")
    epj.sql(
        "INSERT INTO skjema VALUES ('F3', '4', '1', '1', ''); INSERT INTO eksport_logg VALUES ('2026-03-02', 'skjema', 4)"
    )
    found = epj.read().findings
    twice = found.filter(found["rule"] == DUPLICATE.code)
    assert twice["local_id"].to_list() == ["F3"]


@pytest.mark.parametrize(
    ("n", "columns"),
    [('"1..3"', ["F1", "F2", "F3"]), ('"08..10"', ["F08", "F09", "F10"]), ('["SYN", "HOR"]', ["FHOR", "FSYN"])],
)
def test_which_columns_they_are(epj, n, columns):
    assert wide(epj, '"01..03"', n).source().mapping.columns_of("skjema") == [*columns, "id"]


def test_a_second_place_for_the_same_records(epj):
    before = epj.read()
    extract = with_alarms(epj).read()
    new = extract.records["care_service"].filter(~extract.records["care_service"]["service_id"].is_in(["T1", "T2"]))
    assert new.select("service_id", "local_person_id", "service_type", "starts_on", "ends_on").rows() == [
        ("AL-1", "1", "15", dt.date(2020, 1, 1), dt.date(2020, 12, 31))
    ]
    assert extract.records["care_service"].height == before.records["care_service"].height + 1
    assert extract.reading.skipped == {"record.care_service.also[1]": {"skip fra": 2}}
    assert extract.excluded == before.excluded


def test_the_same_id_in_two_places_is_a_finding(epj):
    with_alarms(epj).edit('"AL-{kunde}"', '"T{kunde}"')
    found = epj.read().findings
    assert found.filter(found["rule"] == DUPLICATE.code)["local_id"].to_list() == ["T1"]


def test_what_cannot_be_read_names_its_place(epj):
    rows = ", ".join(f"('{n}', '2020-01-{n}', '')" for n in range(10, 30))
    with_alarms(epj, rows)
    with pytest.raises(errors.ValuesUnreadable) as caught:
        epj.read()
    assert caught.value.facts["key"] == "record.care_service.also[1].fields.starts_on"
    assert caught.value.facts["place"] == "teknikk.fra"


def test_a_drop_and_a_history_are_those_of_the_narrowest_place(epj):
    with_alarms(epj)
    epj.edit("[table.teknikk]", '[table.teknikk]\nexpect = { drop_max = "5%" }\nsince = "2019-03-01"\nreason = "ny"')
    mapping = epj.source().mapping
    assert mapping.drop_max()["care_service"] == 0.05
    assert mapping.drop_max()["decision"] == DEFAULT_DROP_MAX
    assert mapping.since() == {"care_service": dt.date(2019, 3, 1)}


def test_rows_of_the_first_place_can_be_skipped_too(epj):
    epj.edit(
        '[record.care_service]\nfrom = "tjeneste"',
        '[record.care_service]\nfrom = "tjeneste"\nskip = { kode = ["DAG"] }',
    )
    extract = epj.read()
    assert set(extract.records["care_service"]["service_id"]) == {"T1"}
    assert extract.reading.skipped == {"record.care_service": {"skip kode": 1}}
    assert not (extract.findings["rule"] == UNREADABLE.code).any()


WRONG = {
    "a pattern without n": ('"F{n}"', '"F1"', errors.ValueWrong, "columns.pattern"),
    "no numbers": ('n = "01..03", ', "", errors.KeyMissing, "columns.n"),
    "a range that goes back": ('"01..03"', '"3..1"', errors.ValueWrong, "columns.n"),
    "a range without end": ('"01..03"', '"1.."', errors.ValueWrong, "columns.n"),
    "a number twice": ('"01..03"', '["1", "1"]', errors.ValueWrong, "columns.n"),
    "the value is not read": ('"value"', '"F01"', errors.ValueWrong, "columns"),
    "the number is not read": ('column = "n"', 'column = "F01"', errors.ValueWrong, "columns"),
    "an unknown word": ("pattern =", "monster =", errors.NameUnknown, "columns.monster"),
    "skipped without values": ("columns =", "skip = { id = [] }\ncolumns =", errors.ValueWrong, "skip.id"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_thing_wrong_with_a_wide_table(epj, name):
    old, new, error, key = WRONG[name]
    with pytest.raises(KttError) as caught:
        wide(epj, old, new).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, f"record.score.{key}")


@pytest.mark.parametrize(
    ("old", "new", "error", "key"),
    [
        ('from = "teknikk"', 'from = "teknik"', errors.NameUnknown, "record.care_service.also[1].from = teknik"),
        ('service_id      = "AL-{kunde}"\n', "", errors.FieldUnmapped, "record.care_service.also[1].fields.service_id"),
        ("skip = { fra", "where = { fra", errors.NameUnknown, "record.care_service.also[1].where"),
        ("[[record.care_service.also]]", "[[record.diagnosis.also]]", errors.RecordTangled, "record.diagnosis.absent"),
    ],
)
def test_one_thing_wrong_with_a_second_place(epj, old, new, error, key):
    with_alarms(epj).edit(old, new)
    if "diagnosis" in key:
        epj.edit("[record.care_service.also.fields]", "[record.diagnosis.also.fields]")
    with pytest.raises(KttError) as caught:
        epj.source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, key)
