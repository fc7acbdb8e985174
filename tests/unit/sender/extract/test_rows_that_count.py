"""Which rows of a table count: read by name, the last version of a log, without what is marked as deleted; all are counted."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.core.errors import KttError
from ktt.sender.extract import errors
from ktt.sender.extract.finding_kinds import NO_LATEST_VERSION, UNREADABLE
from ktt.sender.extract.mapping import errors as mapping_errors
from ktt.sender.extract.mapping.model import Latest, SourceMapping, Table
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.rows import row_filter
from support.sources_epj import Epj

COUNT = 'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }'
SERVICE_CODE = 'service_id = "id"\nlocal_person_id = "nr"\ndecision_id = "vedtak"\nservice_type = { column = "kode", codes = "koder/type.csv" }'
QUERY = 'query = "SELECT * FROM tjeneste"'


def by_name(epj, *lines):
    return epj.edit(QUERY, "\n".join(('name = "tjeneste"', *lines)))


def services(extract):
    return set(extract.records["care_service"]["service_id"])


def test_a_point_in_a_name_of_sqlite_is_part_of_the_name(epj):
    """An SQLite file has no schemas: whoever wrote it kept the schema's name in the table's."""
    expected = services(epj.read())
    epj.sql('ALTER TABLE tjeneste RENAME TO "omsorg.tjeneste"').edit(QUERY, 'name = "omsorg.tjeneste"')
    assert services(epj.read()) == expected
    epj.edit('name = "omsorg.tjeneste"', 'name = "main.omsorg.tjeneste"')
    with pytest.raises(errors.RelationMissing) as caught:
        epj.read()
    assert "omsorg.tjeneste" in caught.value.advises().nb


def test_a_table_with_a_point_in_its_name_is_looked_up_in(epj):
    """A draft calls a table what the record system calls it, and a column of another is `TABLE.COLUMN`."""
    another = '[table."fag.bruker"]\nname = "bruker"\nkey = ["nr"]\n\n[table.tjeneste]'
    epj.edit(COUNT, "self_count = true").edit("[table.tjeneste]", another)
    before = by_name(epj, 'lookup = { "fag.bruker" = { nr = "nr" } }').read().records["care_service"]
    skipped = '[record.care_service]\nskip = { "fag.bruker.nr" = ["1"] }'
    after = epj.edit("[record.care_service]", skipped).read().records["care_service"]
    assert after.equals(before.filter(pl.col("local_person_id") != "1"))
    assert 0 < after.height < before.height


CODES = """CREATE TABLE kode (id INTEGER, verk TEXT, volven TEXT);
INSERT INTO kode VALUES (71, 'T', '15'), (72, 'T', '07'), (81, 'V', '1'), (82, 'V', ''), (91, 'S', '1'), (92, 'S', '04');
ALTER TABLE vurdering ADD s01 INTEGER; ALTER TABLE vurdering ADD s02 INTEGER; ALTER TABLE vurdering ADD h INTEGER;
UPDATE vurdering SET s01 = 91, s02 = 92 WHERE id = 'F2'; UPDATE vurdering SET s01 = 82, s02 = 99 WHERE id = 'F3';
UPDATE tjeneste SET kode = 71; UPDATE tjeneste SET kode = 72 WHERE id = 'T2';"""
KODE = '[table.kode]\nname = "kode"\nkey = ["id"]\n\n[table.tjeneste]'
SCORES = """[record.score]
from    = "vurdering"
columns = { pattern = "S{n}.volven", n = "01..02", skip = [""] }
[record.score.fields]
assessment_id = "id"
variable      = "n"
score         = "value"

"""


def test_one_table_of_codes_is_looked_up_in_under_several_names(epj):
    """Codes are surrogate numbers, which are given anew when the base is moved, so no code file can have them."""
    epj.sql(CODES).edit(COUNT, "self_count = true").edit("[table.tjeneste]", KODE)
    by_name(epj, 'lookup = { type = { table = "kode", on = { id = "kode" } } }')
    surveys = 'name = "vurdering"\nlookup = { "S{n}" = { table = "kode", on = { id = "s{n}" }, n = "01..02" } }'
    epj.edit('query = "SELECT * FROM vurdering"', surveys)
    text = epj.mapping.read_text(encoding="utf-8")
    start, end = text.index("[record.score]"), text.index("[record.diagnosis]")
    text = text[:start] + SCORES + text[end:]
    head, mark, tail = text.partition("[record.care_service.fields]")
    tail = tail.replace('{ column = "kode", codes = "koder/type.csv" }', '"type.volven"', 1)
    epj.mapping.write_text(head + mark + tail, encoding="utf-8")
    extract = epj.read()
    types = dict(extract.records["care_service"].select("service_id", "service_type").iter_rows())
    assert types == {"T1": "15", "T2": "7"}
    assert extract.records["score"].sort("variable").rows() == [("F2", "1", "1"), ("F2", "2", "4")]


@pytest.mark.parametrize(
    ("line", "error", "key"),
    [
        ('lookup = { A = { table = "kod", on = { id = "kode" } } }', mapping_errors.NameUnknown, "lookup.A.table"),
        ('lookup = { A = { table = "kode", on = {} } }', mapping_errors.ValueWrong, "lookup.A.on"),
        ('lookup = { A = { table = "kode", on = { id = "kode" }, til = 1 } }', mapping_errors.NameUnknown, "lookup.A.til"),
        ('lookup = { A = { table = "kode", on = { id = "kode" }, n = "1..2" } }', mapping_errors.ValueWrong, "lookup.A.n"),
        ('lookup = { "A{n}" = { table = "kode", on = { id = "k{n}" } } }', mapping_errors.ValueWrong, "lookup.A{n}.n"),
        ('lookup = { "A{n}" = { table = "kode", on = { id = "kode" }, n = "1..2" }, A2 = { table = "kode", on = { id = "kode" } } }', mapping_errors.ValueWrong, "lookup.A2"),
        ('with = { A = { table = "kode", on = { id = "kode" } } }', mapping_errors.NameUnknown, "with.A"),
    ],
)  # fmt: skip
def test_a_lookup_that_is_not_clear(epj, line, error, key):
    epj.edit("[table.tjeneste]", KODE)
    with pytest.raises(KttError) as caught:
        by_name(epj, line).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, f"table.tjeneste.{key}")


def test_a_table_is_read_by_its_name(epj):
    before = epj.read()
    assert by_name(epj).read().records["care_service"].equals(before.records["care_service"])


@pytest.mark.postgres
def test_a_table_is_read_by_its_name_and_schema(tmp_path, postgres_url):
    epj = Epj(tmp_path, postgres_url)
    epj.sql('CREATE SCHEMA "Omsorg"; CREATE VIEW "Omsorg"."Tjeneste ""ny""" AS SELECT * FROM tjeneste')
    before = epj.read()
    epj.edit(QUERY, """name = 'Omsorg.Tjeneste "ny"'""")
    assert epj.read().records["care_service"].equals(before.records["care_service"])
    epj.edit("Omsorg.", "omsorg.")
    with pytest.raises(errors.RelationMissing) as caught:
        epj.read()
    assert '«Omsorg.Tjeneste "ny"»' in caught.value.advises().nb


@pytest.mark.parametrize("name", ["tjenste", "TJENSTE", "tjeneste; --", "tjeneste --"])
def test_a_table_that_is_not_there_and_the_nearest(epj, name):
    epj.edit(QUERY, f'name = "{name}"')
    with pytest.raises(errors.RelationMissing) as caught:
        epj.read()
    assert "«tjeneste»" in caught.value.advises().nb


def test_a_column_of_another_case_is_suggested(epj):
    by_name(epj, 'where = { ENDRET = [""] }')
    with pytest.raises(errors.ColumnMissing) as caught:
        epj.read()
    assert "«endret»" in caught.value.advises().nb


def test_a_row_that_is_marked_as_deleted_does_not_count(epj):
    epj.sql("ALTER TABLE tjeneste ADD slettet TEXT; UPDATE tjeneste SET slettet = ' N ' WHERE id = 'T1'")
    epj.sql("UPDATE tjeneste SET slettet = 'J' WHERE id = 'T2'", log=True)
    extract = by_name(epj, 'where = { slettet = ["", "N"] }').read()
    assert services(extract) == {"T1"}
    assert extract.reading.tables["tjeneste"].as_data() == {"read": 4, "left_out": {"where slettet": 1}, "kept": 3}
    assert extract.row_counts["tjeneste"] == 3
    assert extract.proves_absence("care_service")


def test_letters_of_a_value_are_compared_as_they_are_read(epj):
    epj.sql(f"UPDATE tjeneste SET vedtak = '{unicodedata.normalize('NFD', 'PÅ NYTT')}' WHERE id = 'T4'")
    extract = by_name(epj, f'where = {{ vedtak = ["{unicodedata.normalize("NFC", "PÅ NYTT")}"] }}').read()
    assert extract.row_counts["tjeneste"] == 1


LOG = """
ALTER TABLE tjeneste ADD versjon TEXT;
ALTER TABLE tjeneste ADD slettet TEXT;
UPDATE tjeneste SET versjon = '9';
INSERT INTO tjeneste SELECT id, nr, vedtak, kode, fra, '31.12.2020', endret, '10', slettet FROM tjeneste WHERE id = 'T1';
INSERT INTO tjeneste SELECT id, nr, vedtak, kode, fra, til, endret, '10', 'J' FROM tjeneste WHERE id = 'T2';
"""
LATEST = 'latest = { of = ["id"], by = "versjon" }'


def test_of_a_log_the_last_version_counts_and_a_deleted_thing_does_not_rise_again(epj):
    epj.sql(LOG, log=True)
    extract = by_name(epj, LATEST, 'where = { slettet = ["", "N"] }').read()
    assert services(extract) == {"T1"}
    assert str(extract.records["care_service"]["ends_on"].item()) == "2020-12-31"
    assert extract.reading.tables["tjeneste"].left_out == {"latest": 2, "where slettet": 1}


GONE = """
CREATE TABLE borte (tabell TEXT, rad TEXT);
INSERT INTO borte VALUES ('tjeneste', 'T1|10'), ('tjeneste', 'T2|10'), ('tjeneste', 'T2|9'), ('annen', 'T1|9');
"""
DECIDES = """[table.borte]
name  = "borte"
key   = ["rad"]
where = { tabell = ["tjeneste"] }

[table.tjeneste]"""
WITHOUT = 'without = { borte = { rad = "{id}|{versjon}" } }'


def test_a_row_that_another_table_says_is_gone_goes_before_the_last_version_is_found(epj):
    epj.sql(LOG + GONE, log=True).edit("[table.tjeneste]", DECIDES)
    epj.edit(COUNT, "self_count = true")
    extract = by_name(epj, LATEST, WITHOUT).read()
    assert services(extract) == {"T1"}
    assert extract.records["care_service"]["ends_on"].item() != dt.date(2020, 12, 31)
    assert extract.reading.tables["tjeneste"].left_out == {"without borte": 3}


def test_only_rows_with_a_row_in_another_table_count_also_through_several(epj):
    epj.sql("CREATE TABLE eier (nr TEXT); CREATE TABLE sak (id TEXT, eier TEXT); INSERT INTO eier VALUES ('1'), ('2')")
    epj.sql("INSERT INTO sak VALUES ('T1', ' 1 '), ('T2', '3'), ('T4', '2'), ('', '1')")
    owners = '[table.sak]\nname = "sak"\nkey = ["id"]\nwith = { eier = { nr = "eier" } }\n'
    tables = f'{owners}[table.eier]\nname = "eier"\nkey = ["nr"]\nwhere = {{ nr = ["1"] }}\n[table.tjeneste]'
    epj.edit("[table.tjeneste]", tables).edit(COUNT, "self_count = true")
    extract = by_name(epj, 'with = { sak = { id = "id" } }').read()
    assert services(extract) == {"T1"}
    kept = {name: extract.row_counts[name] for name in ("eier", "sak", "tjeneste")}
    assert kept == {"eier": 1, "sak": 2, "tjeneste": 1}


def test_a_person_who_is_merged_in_several_steps_is_the_last_one(epj):
    epj.sql("CREATE TABLE slaatt (gammel TEXT, ny TEXT); UPDATE tjeneste SET nr = '8' WHERE id = 'T1'")
    epj.sql("UPDATE tjeneste SET nr = '9' WHERE id = 'T2'; INSERT INTO slaatt VALUES ('8', '9'), ('9', '1')", log=True)
    step = '[table.{}]\nname = "slaatt"\nkey = ["gammel"]\n'
    epj.edit("[table.tjeneste]", step.format("en") + step.format("to") + "[table.tjeneste]")
    epj.edit(COUNT, "self_count = true")
    epj.edit(
        'service_id = "id"\nlocal_person_id = "nr"\n',
        'service_id = "id"\n' + 'local_person_id = { column = "to.ny", or = ["en.ny", "nr"] }\n',
    )
    extract = by_name(epj, 'lookup = { en = { gammel = "nr" }, to = { gammel = "en.ny" } }').read()
    persons = dict(extract.records["care_service"].select("service_id", "local_person_id").iter_rows())
    assert (persons["T1"], persons["T2"]) == ("1", "1")


def test_a_column_that_says_the_same_as_another_has_no_value(epj):
    before = epj.read().records["decision"]
    epj.edit('original_decision_id = "forste"\n', 'original_decision_id = { column = "id", empty = ["{id}"] }\n')
    assert epj.read().records["decision"]["original_decision_id"].null_count() == before.height


@pytest.mark.parametrize(
    ("minutes", "visits", "hours"),
    [("25", " 7 ", "2.92"), ("0,5", "1.5", "0.01"), ("25", "", None), ("25", "ti", None)],
)
def test_a_number_may_be_multiplied_by_another_column(epj, minutes, visits, hours):
    epj.sql("ALTER TABLE linje ADD besok TEXT")
    epj.sql(f"UPDATE linje SET timer = '{minutes}', besok = '{visits}' WHERE vedtak = 'V1'", log=True)
    epj.edit(
        '{ column = "timer", decimal = "," }', '{ column = "timer", multiply = "besok", divide = 60, decimal = "," }'
    )
    extract = epj.read()
    lines = extract.records["decision_line"].filter(pl.col("decision_id") == "V1")
    found = {None if one is None else str(one) for one in lines["hours_per_week"]}
    assert found == {hours} or visits == "ti"
    assert (UNREADABLE.code in set(extract.findings["rule"])) == (visits == "ti")


def test_columns_of_a_table_may_be_read_with_capitals_before_it_is_asked_which_rows_count(epj):
    epj.sql("ALTER TABLE tjeneste ADD slag TEXT; UPDATE tjeneste SET slag = 'søkn '; UPDATE tjeneste SET kode = 'hj'")
    epj.sql("UPDATE tjeneste SET slag = 'Tlf' WHERE id = 'T2'", log=True)
    extract = by_name(epj, 'upper = ["slag", "kode"]', 'where = { slag = ["SØKN"] }').read()
    assert services(extract) == {"T1"}
    assert extract.reading.tables["tjeneste"].left_out == {"where slag": 1}
    epj.edit('upper = ["slag", "kode"]', 'upper = ["slagg"]')
    with pytest.raises(errors.ColumnMissing):
        epj.read()


@pytest.mark.parametrize(
    ("value", "kept"), [("ZZ*", {"T1"}), ("ZZTEST", set()), ("*", set()), ("ZZ.EST*", set()), ("ZZTEST Å*", {"T1"})]
)
def test_a_value_may_be_how_a_text_begins(epj, value, kept):
    epj.sql("ALTER TABLE tjeneste ADD navn TEXT; UPDATE tjeneste SET navn = 'Lie ZZ*'")
    epj.sql("UPDATE tjeneste SET navn = 'ZZTEST Ås' WHERE id = 'T1'", log=True)
    assert services(by_name(epj, f'where = {{ navn = ["{value}"] }}').read()) == kept


def test_small_letters_may_be_read_as_capitals(epj):
    before = epj.read().records["care_service"]
    epj.sql("UPDATE tjeneste SET kode = lower(kode) WHERE id IN ('T1', 'T2')", log=True)
    epj.edit(SERVICE_CODE, SERVICE_CODE.replace(", codes", ", upper = true, codes"))
    assert epj.read().records["care_service"].equals(before)


@pytest.mark.parametrize("versjon", ["10", "", "ti"])
def test_where_it_cannot_be_told_which_is_the_last_the_record_is_held(epj, versjon):
    epj.sql(LOG)
    epj.sql(
        f"INSERT INTO tjeneste SELECT id, nr, vedtak, kode, fra, til, endret, '{versjon}', '' FROM tjeneste WHERE id = 'T1' AND versjon = '9'",
        log=True,
    )
    extract = by_name(epj, LATEST).read()
    found = extract.findings.filter(pl.col("rule") == NO_LATEST_VERSION.code)
    assert set(found["local_id"]) == {"T1"}
    assert "T1" in set(extract.held["care_service"])
    assert "T1" not in services(extract)


def test_versions_that_nearly_none_can_be_read(epj):
    epj.sql(
        "".join(f"INSERT INTO tjeneste VALUES ('X{n}', 1, NULL, 'HJ', '01.01.2020', '', 'i går');" for n in range(60)),
        log=True,
    )
    by_name(epj, 'latest = { of = ["id"], by = "endret", instant = "%Y-%m-%d %H:%M:%S" }')
    with pytest.raises(mapping_errors.ValuesUnreadable) as caught:
        epj.read()
    assert caught.value.facts["key"] == "table.tjeneste.latest"


WRONG = {
    "two ways to read": (['query = "SELECT 1"'], mapping_errors.RecordTangled, "table.tjeneste"),
    "trim is not needed": (["trim = true"], mapping_errors.NameUnknown, "table.tjeneste.trim"),
    "no values": (["where = { slettet = [] }"], mapping_errors.ValueWrong, "table.tjeneste.where.slettet"),
    "a number as value": (["where = { slettet = [0] }"], mapping_errors.ValueWrong, "table.tjeneste.where.slettet"),
    "capitals of nothing": (["upper = []"], mapping_errors.ValueWrong, "table.tjeneste.upper"),
    "decided by itself": (['with = { tjeneste = { id = "id" } }'], mapping_errors.RecordTangled, "table.tjeneste"),
    "a brace too few": (
        ['without = { vedtak = { id = "{id" } }'],
        mapping_errors.ValueWrong,
        "table.tjeneste.without.vedtak.id",
    ),
    "looks up by what comes after": (
        ['lookup = { vedtak = { id = "klage.vedtak" }, klage = { vedtak = "vedtak" } }'],
        mapping_errors.ValueWrong,
        "table.tjeneste.lookup.vedtak",
    ),
    "latest of nothing": (['latest = { by = "versjon" }'], mapping_errors.ValueWrong, "table.tjeneste.latest.of"),
    "latest by nothing": (['latest = { of = ["id"] }'], mapping_errors.KeyMissing, "table.tjeneste.latest.by"),
    "latest by two": (
        ['latest = { of = ["id"], by = "endret", date = "%Y-%m-%d", instant = "%Y-%m-%d %H:%M" }'],
        mapping_errors.RecordTangled,
        "table.tjeneste.latest",
    ),
    "an unknown word": (['latest = { off = ["id"], by = "x" }'], mapping_errors.NameUnknown, "table.tjeneste.latest.off"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_one_thing_wrong_one_error(epj, name):
    lines, error, key = WRONG[name]
    with pytest.raises(KttError) as caught:
        by_name(epj, *lines).source()
    assert (type(caught.value), caught.value.facts["key"]) == (error, key)


def test_a_name_with_an_empty_part(epj):
    epj.edit(QUERY, 'name = "omsorg."')
    with pytest.raises(mapping_errors.ValueWrong):
        epj.source()


COLUMNS = ("id", "v", "godkjent", "slettet")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "b ", " b", "c", "", None]),
            "v": st.sampled_from(["1", "2 ", "03", "10", "x", "", None]),
            "godkjent": st.sampled_from(["J", "N"]),
            "slettet": st.sampled_from(["", None, "N", "J"]),
        }
    ),
    max_size=25,
)


def naive(rows):
    """The rows that count, each with whether it is the last for certain, and what is left out; one row at a time."""
    left, versions = Counter(), {}
    for place, row in enumerate(rows):
        if row["godkjent"] != "J":
            left["among godkjent"] += 1
            continue
        thing = (row["id"] or "").strip() or place
        versions.setdefault(thing, []).append(row)
    kept = []
    for of_one in versions.values():
        numbers = [int(row["v"]) for row in of_one if (row["v"] or "").strip().isdigit()]
        last = [
            row for row in of_one if not (row["v"] or "").strip().isdigit() or int(row["v"]) == max(numbers, default=0)
        ]
        left["latest"] += len(of_one) - len(last)
        for row in last:
            if (row["slettet"] or "") in {"", "N"}:
                kept.append((*(row[column] for column in COLUMNS), len(last) > 1))
            else:
                left["where slettet"] += 1
    return Counter(kept), {reason: count for reason, count in left.items() if count}


@given(rows=ROWS, cuts=st.lists(st.integers(0, 25), max_size=5), limit=st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_in_blocks_of_any_size_as_one_row_at_a_time(rows, cuts, limit):
    log = Latest(("id",), "v", among={"godkjent": ("J",)})
    table = Table("t", "", ("id",), where={"slettet": ("", "N")}, latest=log)
    mapping = SourceMapping(Path("m.toml"), "m", ZoneInfo("Europe/Oslo"), Completeness(), None, {"t": table}, {})
    whole = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_filter, "_FEWEST", limit)
        keeping = row_filter.RowFilter(mapping, "t", digest=True)
    places = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    keeping.add(whole.clear())
    for start, end in pairwise(places):
        keeping.add(whole.slice(start, end - start))
    kept = keeping.kept()
    expected, left = naive(rows)
    assert Counter(kept.frame.iter_rows()) == expected
    assert kept.counts.left_out == left
    assert (kept.counts.read, kept.counts.kept) == (len(rows), kept.frame.height)
    assert kept.digest.equals(whole.hash_rows().sort())
