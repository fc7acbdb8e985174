"""How a table says that its columns are read, and what shape its rows have: noughts that are lost, signs that are no part of
an id, cells side by side or in one text, and a row for each change. Whatever has not the shape it must is held back."""

from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.core.errors import KttError
from ktt.sender.extract.convert import cleaned, converted
from ktt.sender.extract.finding_kinds import DUPLICATE, NOT_OF_FORM, NUMBER_MALFORMED, PERIODS_UNCLEAR
from ktt.sender.extract.mapping import errors
from ktt.sender.extract.mapping.model import FieldSource, Periods
from ktt.sender.extract.rows.periods import UNCLEAR, put_together
from support.sources_epj import ADA

COUNT = 'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }'
SERVICES = 'query = "SELECT * FROM tjeneste"'
PEOPLE = 'query = "SELECT * FROM bruker"'


def uncounted(epj, script=""):
    return epj.sql(script).edit(COUNT, "self_count = true")


def services(epj, *lines):
    return epj.edit(SERVICES, "\n".join(('name = "tjeneste"', *lines)))


def ids(extract, kind):
    return set(extract.findings.filter(pl.col("rule") == kind.code)["local_id"])


def test_a_number_in_two_columns_that_have_lost_their_noughts(epj):
    """The birthday of the eighth and the number's own part, as whole numbers."""
    script = f"ALTER TABLE bruker ADD fodt INTEGER; ALTER TABLE bruker ADD pnr INTEGER; UPDATE bruker SET fodt = {int(ADA[:6])}, pnr = {int(ADA[6:])} WHERE nr = 1"
    uncounted(epj, script).edit(PEOPLE, 'name = "bruker"\npad = { fodt = 6, pnr = 5 }')
    extract = epj.edit('person_number = "ident"', 'person_number = "{fodt}{pnr}"').read()
    numbers = dict(extract.records["recipient"].select("local_person_id", "person_number").iter_rows())
    assert numbers["1"] == ADA


def test_a_number_put_together_that_lacks_a_digit_gets_none_in_front(epj):
    """The nought may be lost inside; in front, it would sometimes make the number of somebody else."""
    script = f"ALTER TABLE bruker ADD fodt TEXT; UPDATE bruker SET fodt = '{ADA[:6]}', ident = '4300' WHERE nr = 1"
    extract = uncounted(epj, script).edit('person_number = "ident"', 'person_number = "{fodt}{ident}"').read()
    assert "1" in ids(extract, NUMBER_MALFORMED)
    alone, together = (FieldSource(column=one) for one in ("one", "{two}{three}"))
    texts = pl.DataFrame({"one": ["1104474300"], "two": ["110447"], "three": ["4300"]})
    read = [converted("person_number", one, "UTC", cleaned("person_number", one, "UTC")) for one in (alone, together)]
    assert [texts.select(one).item() for one in read] == ["01104474300", "1104474300"]


@pytest.mark.parametrize("wrong", ["1234567", "12a4", "-1234", "1234.0"])
def test_what_has_more_digits_or_other_signs_is_held_back(epj, wrong):
    script = f"ALTER TABLE bruker ADD fodt TEXT; UPDATE bruker SET fodt = '{ADA[:6]}', ident = '{ADA[6:]}' WHERE nr = 1;UPDATE bruker SET fodt = '{wrong}' WHERE nr = 2"
    uncounted(epj, script).edit(PEOPLE, 'name = "bruker"\npad = { fodt = 6 }')
    extract = epj.edit('person_number = "ident"', 'person_number = "{fodt}{ident}"').read()
    assert ids(extract, NOT_OF_FORM) == {"2"}
    found = extract.findings.filter(pl.col("rule") == NOT_OF_FORM.code)
    assert found["detail"].to_list() == ["bruker.{fodt}{ident}"]
    assert wrong not in str(found.to_dicts())


def test_nearly_all_of_another_width_is_one_fault_of_the_mapping(epj):
    rows = ", ".join(f"('X{n}', 1, NULL, 'HJ', '01.01.2018', '', '2018-01-10 08:00:00')" for n in range(40))
    uncounted(epj, f"INSERT INTO tjeneste VALUES {rows}")
    services(epj, "pad = { kode = 3 }")
    with pytest.raises(errors.ValuesUnreadable) as caught:
        epj.read()
    assert caught.value.facts["form"].startswith("AA")


def test_ids_that_are_written_in_different_ways_are_the_same(epj):
    """Braces around a key in one table and small letters in another: rows find each other."""
    script = "UPDATE tjeneste SET id = '{t1-Aa}' WHERE id = 'T1'; UPDATE stopp SET tjeneste = 'T1-AA'"
    uncounted(epj, script)
    services(epj, 'upper = ["id"]', 'strip = { id = "{}" }')
    extract = epj.edit('query = "SELECT * FROM utforer"', 'name = "utforer"\nwhere = { tjeneste = ["x"] }').read()
    assert "T1-AA" in set(extract.records["care_service"]["service_id"])
    assert extract.records["pause"]["service_id"].to_list() == ["T1-AA"]


def test_two_keys_that_are_the_same_as_they_are_read_are_held_back(epj):
    script = "INSERT INTO tjeneste SELECT '{t1}', nr, vedtak, kode, fra, til, endret FROM tjeneste WHERE id = 'T1'"
    uncounted(epj, script)
    extract = services(epj, 'upper = ["id"]', 'strip = { id = "{}" }').read()
    assert ids(extract, DUPLICATE) == {"T1"}


# what stands in a table or a field | the fault | the key
WRONG = {
    "no width": ("pad = { id = 0 }", errors.ValueWrong, "table.tjeneste.pad.id"),
    "width as text": ('pad = { id = "6" }', errors.ValueWrong, "table.tjeneste.pad.id"),
    "signs as list": ('strip = { id = ["-"] }', errors.ValueWrong, "table.tjeneste.strip.id"),
    "no signs": ('strip = { id = "" }', errors.ValueWrong, "table.tjeneste.strip.id"),
    "periods of nothing": ('periods = { of = [], starts_on = "fra" }', errors.ValueWrong, "table.tjeneste.periods.of"),
    "periods without a start": ('periods = { of = ["id"] }', errors.KeyMissing, "table.tjeneste.periods.starts_on"),
    "periods from a constant": (
        'periods = { of = ["id"], starts_on = { constant = "2020-01-01" } }',
        errors.ValueWrong,
        "table.tjeneste.periods.starts_on",
    ),
    "periods of another word": (
        'periods = { of = ["id"], starts_on = "fra", gap = 2 }',
        errors.NameUnknown,
        "table.tjeneste.periods.gap",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_table_cannot_say(epj, name):
    line, error, key = WRONG[name]
    with pytest.raises(KttError) as caught:
        services(epj, line).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, key)


POSITIONS = """[record.score]
from    = "vurdering"
columns = { column = "svar", n = "1..4", skip = ["", "0"] }

[record.score.fields]
assessment_id = "id"
variable = "n"
score    = "value"

"""


def scored(epj, answers, part=POSITIONS):
    script = "ALTER TABLE vurdering ADD svar TEXT;" + ";".join(
        f"UPDATE vurdering SET svar = '{text}' WHERE id = '{form}'" for form, text in answers.items()
    )
    uncounted(epj, script)
    text = epj.mapping.read_text(encoding="utf-8")
    start, end = text.index("[record.score]"), text.index("[record.diagnosis]")
    epj.mapping.write_text(text[:start] + part + text[end:], encoding="utf-8")
    return epj


def test_a_text_with_one_variable_a_position(epj):
    extract = scored(epj, {"F2": "1205", "F3": " 2  ", "F1": ""}).read()
    scores = extract.records["score"].sort("assessment_id", "variable").rows()
    assert scores == [("F2", "1", "1"), ("F2", "2", "2"), ("F2", "4", "5"), ("F3", "2", "2")]


@pytest.mark.parametrize("wrong", ["205", "12050", "1205x"])
def test_a_text_of_another_length_is_held_back_whole(epj, wrong):
    """A lost nought would move every answer to the question before."""
    extract = scored(epj, {"F2": "1205", "F3": wrong}).read()
    assert set(extract.records["score"]["assessment_id"]) == {"F2"}
    assert "F3" in ids(extract, NOT_OF_FORM)
    assert "F3" in set(extract.held["assessment"])


def test_a_lost_nought_is_put_back_where_the_table_says_so(epj):
    scored(epj, {"F2": "1205", "F3": "205"}).edit(
        'query = "SELECT * FROM vurdering"', 'name = "vurdering"\npad = { svar = 4 }'
    )
    scores = epj.read().records["score"].filter(pl.col("assessment_id") == "F3")
    assert scores.select("variable", "score").rows() == [("2", "2"), ("4", "5")]


def test_a_position_without_a_name_is_passed_over(epj):
    """A variable that has gone out of use still has its place, and what stands there is no answer."""
    part = POSITIONS.replace('"1..4"', '["1", "", "2", ""]')
    extract = scored(epj, {"F2": "1905", "F3": " 92 ", "F1": ""}, part).read()
    scores = extract.records["score"].sort("assessment_id", "variable").rows()
    assert scores == [("F2", "1", "1"), ("F3", "2", "2")]


@pytest.mark.parametrize("names", ['["", ""]', '["1", "1", ""]', '["1", " "]'])
def test_names_of_positions_that_say_nothing(epj, names):
    scored(epj, {}, POSITIONS.replace('"1..4"', names))
    with pytest.raises(errors.ValueWrong):
        epj.source()


def test_two_signs_a_position(epj):
    part = POSITIONS.replace('"1..4"', '"1..2", width = 2')
    assert scored(epj, {"F2": "2  5"}, part).read().records["score"].sort("variable")["score"].to_list() == ["2", "5"]


GROUPS = """[record.diagnosis]
from    = "opplysning"
columns = { each = { kode = "diag{n}", dag = "diag{n}_fra" }, n = ["1", "2"], skip = { kode = [""] } }

[record.diagnosis.fields]
diagnosis_id = "{id}-{n}"
local_person_id = "nr"
code_system = { constant = "ICD-10" }
code = "kode"
starts_on = "dag"
ends_on = { absent = "registreres ikke" }
recorded_at = "endret"

"""


def diagnosed(epj, part=GROUPS):
    columns = "".join(
        f"ALTER TABLE opplysning ADD {name} TEXT;" for name in ("diag1", "diag1_fra", "diag2", "diag2_fra")
    )
    uncounted(
        epj,
        columns
        + "UPDATE opplysning SET diag1 = 'F00', diag1_fra = '2018-01-01', diag2 = 'I10', diag2_fra = '2019-01-01'",
    )
    text = epj.mapping.read_text(encoding="utf-8")
    head, _, tail = text.partition("[record.diagnosis]")
    epj.mapping.write_text(head + part + "".join(tail.partition("\n[")[1:]), encoding="utf-8")
    return epj


def test_groups_of_columns_are_a_row_each(epj):
    diagnoses = diagnosed(epj).read().records["diagnosis"].sort("diagnosis_id")
    assert diagnoses.select("diagnosis_id", "code", "starts_on").rows() == [
        ("O1-1", "F00", dt.date(2018, 1, 1)),
        ("O1-2", "I10", dt.date(2019, 1, 1)),
    ]


def test_a_group_without_a_value_is_no_row_and_counted(epj):
    extract = diagnosed(epj).sql("UPDATE opplysning SET diag2 = ' '").read()
    assert extract.records["diagnosis"]["code"].to_list() == ["F00"]
    assert extract.reading.skipped["record.diagnosis"] == {"columns": 1}


def test_groups_without_an_id_of_their_own_are_held_back(epj):
    extract = diagnosed(epj, GROUPS.replace("{id}-{n}", "{id}")).read()
    assert ids(extract, DUPLICATE) == {"O1"}


WRONG_GROUPS = {
    "a name that nobody reads": ('dag = "diag{n}_fra"', 'dager = "diag{n}_fra"', errors.ValueWrong, "columns"),
    "no number in a column": ('"diag{n}_fra"', '"diag_fra"', errors.ValueWrong, "columns.each.dag"),
    "the number as a name": ('kode = "diag{n}"', 'n = "diag{n}"', errors.ValueWrong, "columns.each"),
    "a name with a point": ('kode = "diag{n}"', '"a.b" = "diag{n}"', errors.ValueWrong, "columns.each"),
    "skips what is no name": ("skip = { kode", "skip = { kod", errors.NameUnknown, "columns.skip.kod"),
    "two ways": ("n = [", 'pattern = "diag{n}", n = [', errors.RecordTangled, "columns.each"),
    "a width of columns": ("n = [", "width = 1, n = [", errors.NameUnknown, "columns.width"),
}


@pytest.mark.parametrize("name", WRONG_GROUPS)
def test_one_thing_wrong_with_groups(epj, name):
    old, new, error, key = WRONG_GROUPS[name]
    with pytest.raises(KttError) as caught:
        diagnosed(epj, GROUPS.replace(old, new, 1)).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, f"record.diagnosis.{key}")


CHANGES = 'periods = { of = ["id"], starts_on = { column = "fra", date = "%d.%m.%Y" }, ends_on = { column = "til", date = "%d.%m.%Y", empty = ["31.12.9999"] } }'
HALF_OPEN = CHANGES.replace('["31.12.9999"]', '["31.12.9999"], days = -1')


def changing(epj, rows, periods=CHANGES):
    values = ", ".join(f"('R', 1, NULL, '{kode}', '{fra}', '{til}', '2018-01-10 08:00:00')" for kode, fra, til in rows)
    uncounted(epj, f"INSERT INTO tjeneste VALUES {values}")
    text = services(epj, periods).mapping.read_text(encoding="utf-8")
    head, mark, tail = text.partition("[table.tjeneste]")
    assert 'key = ["id"]' in tail
    epj.mapping.write_text(head + mark + tail.replace('key = ["id"]', 'key = ["id", "fra"]', 1), encoding="utf-8")
    return epj


def of_r(extract):
    found = extract.records["care_service"].filter(pl.col("service_id") == "R")
    return [tuple(map(str, row)) for row in found.select("starts_on", "ends_on").rows()]


# the rows, in any order | what is made of them; None: held back
PERIODS = {
    "follow": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "01.02.2018", "31.12.9999")], ("2018-01-01", "None")),
    "three": (
        [("HJ", "01.01.2018", "31.01.2018"), ("HJ", "01.02.2018", "28.02.2018"), ("HJ", "01.03.2018", "05.03.2018")],
        ("2018-01-01", "2018-03-05"),
    ),
    "a gap": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "02.02.2018", "31.12.9999")], None),
    "overlap": ([("HJ", "01.01.2018", "01.02.2018"), ("HJ", "01.02.2018", "31.12.9999")], None),
    "the first never ended": ([("HJ", "01.01.2018", ""), ("HJ", "01.02.2018", "31.12.9999")], None),
    "the same start": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "01.01.2018", "31.12.9999")], None),
    "a start that is no day": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "31.02.2018", "31.12.9999")], None),
    "an end that is no day": ([("HJ", "01.01.2018", "31.02.2018"), ("HJ", "01.02.2018", "31.12.9999")], None),
    "a start that is not there": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "", "31.12.9999")], None),
    "an end before the start": ([("HJ", "01.01.2018", "31.01.2018"), ("HJ", "01.02.2018", "30.01.2018")], None),
}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", PERIODS)
def test_rows_for_each_change_are_one_service(epj, name, reverse):
    rows, made = PERIODS[name]
    extract = changing(epj, rows[::-1] if reverse else rows).read()
    assert of_r(extract) == ([made] if made else [])
    assert ("R" in set(extract.held["care_service"])) == (made is None)
    if made:
        assert extract.reading.tables["tjeneste"].left_out == {"periods": len(rows) - 1}


def test_with_a_gap_each_run_is_a_service_of_its_own(epj):
    rows, _ = PERIODS["a gap"]
    extract = changing(epj, rows).edit('service_id = "id"\nlocal', 'service_id = "{id}-{fra}"\nlocal').read()
    assert {"R-01.01.2018", "R-02.02.2018"} <= set(extract.records["care_service"]["service_id"])


def test_a_row_that_holds_for_no_day_is_none_where_the_end_is_the_day_after(epj):
    rows = [("HJ", "01.01.2018", "01.02.2018"), ("HJ", "01.02.2018", "01.02.2018"), ("HJ", "01.02.2018", "31.12.9999")]
    assert of_r(changing(epj, rows, HALF_OPEN).read()) == [("2018-01-01", "None")]


# without an end, a row holds until the next one starts: the rows | what is made of them; None: held back
UNENDED = {
    "follow": ([("HJ", "01.01.2018", ""), ("HJ", "05.03.2018", "31.12.2018")], ("2018-01-01", "2018-12-31")),
    "the same start": ([("HJ", "01.01.2018", ""), ("HJ", "01.01.2018", "31.12.2018")], None),
}


@pytest.mark.parametrize("name", UNENDED)
def test_rows_without_an_end_hold_until_the_next(epj, name):
    rows, made = UNENDED[name]
    extract = changing(epj, rows, CHANGES.partition(", ends_on")[0] + " }").read()
    assert of_r(extract) == ([made] if made else [])
    assert ids(extract, PERIODS_UNCLEAR) == (set() if made else {"R"})


def test_an_end_of_the_last_row_that_is_no_day_makes_all_of_them_unclear(epj):
    rows = [("HJ", "01.01.2018", "31.01.2018"), ("HJ", "01.02.2018", "31.02.2018")]
    assert ids(changing(epj, rows).read(), PERIODS_UNCLEAR) == {"R"}


def test_unclear_rows_say_why(epj):
    extract = changing(epj, PERIODS["overlap"][0]).read()
    assert ids(extract, PERIODS_UNCLEAR) == {"R"}


ON_DAYS = Periods(("id",), FieldSource("fra", formats=("%Y-%m-%d",)), FieldSource("til", formats=("%Y-%m-%d",)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.integers(0, 6)), max_size=7))
def test_days_that_are_told_are_the_days_of_the_rows(rows):
    """Whatever the rows are, those that are put together hold on the same days; all others are told to be unclear."""
    day = dt.date(2020, 1, 1)
    frame = pl.DataFrame(
        [(one, str(day + dt.timedelta(start)), str(day + dt.timedelta(start + length))) for one, start, length in rows],
        schema={"id": pl.String, "fra": pl.String, "til": pl.String},
        orient="row",
    )
    found = put_together(frame, ON_DAYS, "Europe/Oslo")
    for one in "ab":
        its = [(start, start + length) for name, start, length in rows if name == one]
        days = list(itertools.chain.from_iterable(range(start, end + 1) for start, end in its))
        mine = found.filter(pl.col("id") == one)
        assert mine[UNCLEAR].any() == (len(set(days)) < len(days))
        if not mine[UNCLEAR].any():
            told = [
                (dt.date.fromisoformat(start) - day).days + n
                for start, end in mine.select("fra", "til").rows()
                for n in range((dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days + 1)
            ]
            assert sorted(told) == sorted(days)
            assert mine.height <= max(1, len(its))
