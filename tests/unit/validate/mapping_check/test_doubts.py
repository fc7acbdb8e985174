"""Signs that a mapping without faults reads something other than is meant: each is seen where it is, and nowhere else."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.validate.mapping_check.check import check_mapping
from ktt.validate.report.doubt_words import doubt_words
from ktt.validate.rule_selection import validation_request
from support.sources_epj import DAY, UNIT, Epj

GUID = "3F2A9C1E-0B4D-4E6F-8A7B-112233445566"
COUNT = 'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }'


@pytest.fixture
def epj(tmp_path):
    return Epj(tmp_path).edit(COUNT, "self_count = true")


def doubts(epj):
    found = check_mapping(epj.mapping, epj.url, UNIT, validation_request(DAY, production=False))
    assert not found.faults
    for language in ("nb", "en"):
        assert not [said for said in doubt_words(found.doubts(), language) if set("{}") & set(said)]
    return [(one.kind, one.place, one.of, one.rows, one.among) for one in found.doubts()]


def table(epj, name, *lines):
    query = f'query = "SELECT * FROM {name}"'
    return epj.edit(query, "\n".join((query, *lines)))


def test_a_mapping_that_reads_what_is_meant_has_none(epj):
    table(epj, "utforer", 'with = { tjeneste = { id = "tjeneste" } }')
    assert doubts(epj) == []


# how the service's id is written by its own table | by the performer's | whether that is nearly the same
SPELLINGS = {
    "small letters": ("T1", "t1", True),
    "braces": ("T1", "{T1}", True),
    "blanks inside": ("T1", "T 1", True),
    "noughts in front": ("12", "0012", True),
    "a GUID without dashes": (GUID, "{" + GUID.lower().replace("-", "") + "}", True),
    "another": ("T1", "T9", False),
    "a dash that parts two numbers": ("1-12", "11-2", False),
    "a nought inside": ("T1", "T01", False),
    "none": ("T1", "", False),
}


@pytest.mark.parametrize("case", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("way", ["with", "without", "lookup"])
def test_rows_that_nearly_find_one_another(epj, case, way):
    own, other, near = case
    epj.sql(f"UPDATE tjeneste SET id = '{own}' WHERE id = 'T1'; UPDATE utforer SET tjeneste = '{other}'")
    table(epj, "utforer", f'{way} = {{ tjeneste = {{ id = "tjeneste" }} }}')
    if way == "lookup":
        epj.edit("[record.provider_period]", '[record.provider_period]\nskip = { "tjeneste.kode" = ["X"] }')
    expected = [("near miss", "utforer", f"{way} tjeneste", 1, 1)] if near else []
    assert doubts(epj) == expected


def test_a_daily_run_does_not_look_so_closely(epj):
    """It takes longer, and the drop in numbers is asked about there."""
    epj.sql("UPDATE utforer SET tjeneste = 't1'")
    extract = table(epj, "utforer", 'with = { tjeneste = { id = "tjeneste" } }').read()
    assert not extract.reading.near_misses
    assert extract.reading.tables["utforer"].left_out == {"with tjeneste": 1}


# ends of the performers, each of whom starts where the one before ends, or a day later | the sign
ENDS = {
    "half-open": ("01.02.2018", "01.03.2018", "01.04.2018", (3, 3)),
    "whole days": ("31.01.2018", "28.02.2018", "31.03.2018", None),
    "one of them by chance": ("31.01.2018", "28.02.2018", "01.04.2018", None),
    "too few to tell": ("01.02.2018", "01.03.2018", "15.03.2018", None),
}


@pytest.mark.parametrize("case", ENDS.values(), ids=ENDS)
def test_periods_that_end_on_the_day_that_the_next_one_starts(epj, case):
    *ends, sign = case
    starts = ("10.01.2018", "01.02.2018", "01.03.2018", "01.04.2018")
    rows = ", ".join(
        f"('T1', '312 000 113', '{start}', '{end}')" for start, end in zip(starts, (*ends, ""), strict=True)
    )
    epj.sql(f"DELETE FROM utforer; INSERT INTO utforer VALUES {rows}")
    assert doubts(epj) == ([("ends when the next starts", "provider_period", "ends_on", *sign)] if sign else [])


@pytest.mark.parametrize(("days", "sign"), [(0, []), (1, [3]), (-1, [3]), (2, [])])
def test_lines_that_end_a_day_apart_from_their_services(epj, days, sign):
    """Where no period follows, what was granted and what was given tell of one another."""
    given = "31.0{n}.2018"
    numbers = (1, 3, 5, 7)
    services = ", ".join(
        f"('S{n}', 1, 'V1', 'HJ', '10.01.2017', '{given.format(n=n)}', '2018-01-10 08:00:00')" for n in numbers
    )
    ends = {n: dt.date(2018, n, 31) + dt.timedelta(days=days if n < 7 else 0) for n in numbers}
    lines = ", ".join(f"('V1', 'S{n}', 'HJ', 'I', '3,5', '10.01.2017', '{end:%d.%m.%Y}')" for n, end in ends.items())
    epj.sql(f"INSERT INTO tjeneste VALUES {services}; INSERT INTO linje VALUES {lines}")
    expected = [("ends a day apart", "decision_line", "care_service", rows, 4) for rows in sign]
    assert doubts(epj) == expected


def test_a_column_of_the_same_name_that_is_read_otherwise(epj):
    """Whoever has seen that the last day is the first after, in one table, is reminded of the others."""
    epj.edit('ends_on = { column = "til", date', 'ends_on = { column = "til", days = -1, date')  # of the residence
    places = ("decision_line", "care_service", "provider_period", "pause", "circumstances")
    assert doubts(epj) == [("days differ", f"record.{name}.fields.ends_on", "til", 1, 6) for name in places]


CHANGES = 'periods = { of = ["tjeneste"], starts_on = { column = "fra", date = "%d.%m.%Y" }, ends_on = { column = "til", date = "%d.%m.%Y", empty = ["31.12.9999"] } }'


@pytest.mark.parametrize(
    ("first", "of", "expected"),
    [
        ("312 000 113", '["tjeneste"]', []),
        ("312 000 008", '["tjeneste"]', [("unlike together", "utforer", "orgnr", 1, 2)]),
        ("312 000 008", '["tjeneste", "orgnr"]', []),
    ],
)
def test_rows_that_are_put_together_though_they_say_different_things(epj, first, of, expected):
    """The last performer would be said to have been there from the beginning."""
    rows = f"('T1', '{first}', '10.01.2018', '31.01.2018'), ('T1', '312 000 113', '01.02.2018', '31.12.9999'), ('T2', '312 000 113', '10.01.2018', '')"
    epj.sql(f"DELETE FROM utforer; INSERT INTO utforer VALUES {rows}")
    assert doubts(table(epj, "utforer", CHANGES.replace('["tjeneste"]', of))) == expected


def test_when_a_row_was_recorded_may_differ(epj):
    """It is another instant in each of them, and is not compared."""
    script = "UPDATE tjeneste SET til = '31.01.2018', endret = '2018-01-10 08:00:00' WHERE id = 'T1';INSERT INTO tjeneste VALUES ('T1', 1, 'V1', 'HJ', '01.02.2018', '', '2018-02-01 08:00:00')"
    epj.sql(script)
    own = CHANGES.replace('["tjeneste"]', '["id"]')
    assert doubts(table(epj, "tjeneste", own)) == []
    epj.sql("UPDATE tjeneste SET kode = 'DAG' WHERE endret = '2018-02-01 08:00:00'")
    assert [doubt[2] for doubt in doubts(epj)] == ["kode"]


WIDE = """[record.score]
from    = "vurdering"
columns = { %s, skip = ["", "0"] }
[record.score.fields]
assessment_id = "id"
variable      = "n"
score         = "value"

"""


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ('pattern = "s{n}", n = "2..3"', []),
        ('pattern = "s{n}", n = "2..2"', ["s3"]),
        ('pattern = "s{n}", n = "3..3"', ["s2"]),
        ('pattern = "s{n}", n = ["3", "2"]', []),
        ('pattern = "o0{n}", n = "8..9"', []),
        ('pattern = "o{n}", n = "08..09"', ["o10"]),
        ('column = "s2", n = "1..1"', []),
    ],
)
def test_one_more_column_side_by_side_than_is_read(epj, columns, expected):
    """A record system gets room for one more answer, and nothing says that it is not read."""
    names = ("s2", "s3", "o08", "o09", "o10")
    epj.sql(";".join(f"ALTER TABLE vurdering ADD {name} TEXT" for name in names))
    text = epj.mapping.read_text(encoding="utf-8")
    start, end = text.index("[record.score]"), text.index("[record.diagnosis]")
    epj.mapping.write_text(text[:start] + WIDE % columns + text[end:], encoding="utf-8")
    found = [(kind, place, of) for kind, place, of, *_ in doubts(epj)]
    assert found == [("beyond the range", "record.score", name) for name in expected]


def test_a_column_that_is_read_both_ways_is_meant_so(epj):
    """The last row of a stay ends on its last day, and those before it on the day of the move."""
    moved = 'query = "SELECT * FROM utforer"\nperiods = { of = ["tjeneste"], starts_on = { column = "fra", date = "%d.%m.%Y" }, ends_on = { column = "til", date = "%d.%m.%Y", empty = ["31.12.9999"], days = -1 } }'
    epj.edit('query = "SELECT * FROM utforer"', moved)
    assert "record.provider_period.fields.ends_on" not in {place for _, place, *_ in doubts(epj)}


def test_two_places_that_read_the_same_rows_otherwise_are_not_meant_so(epj):
    """Where a row gives two records, the second is easily forgotten."""
    again = '[[record.pause.also]]\nfrom = "stopp"\n[record.pause.also.fields]\nservice_id = "tjeneste"\npause_id = "{id}-2"\nstarts_on = "fra"\n'
    ends = 'ends_on = { column = "til", date = "%d.%m.%Y", days = -1 }\n\n[record.circumstances]\n'
    starts = again.replace('"fra"', '{ column = "fra", date = "%d.%m.%Y" }')
    epj.edit("[record.circumstances]\n", starts + ends)
    assert "record.pause.fields.ends_on" in {place for _, place, *_ in doubts(epj)}


def test_an_extension_of_an_extension_has_not_the_first_decision(epj):
    rows = "('V4', 1, 2, 'V1', '', '01.02.2019', '2019-02-01 12:00:00'), ('V5', 1, 3, '{}', '', '01.02.2020', '2020-02-01 12:00:00')"
    epj.sql(f"INSERT INTO vedtak VALUES {rows.format('V1')}")
    assert doubts(epj) == []
    epj.sql("UPDATE vedtak SET forste = 'V4' WHERE id = 'V5'")
    assert doubts(epj) == [("extends an extension", "decision", "original_decision_id", 1, 2)]
