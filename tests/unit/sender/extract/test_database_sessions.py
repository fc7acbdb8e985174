"""What a database, a role or the environment says of a session does not change what is read from PostgreSQL."""

import datetime as dt

import polars as pl
import psycopg
import pytest
from sqlalchemy.engine import make_url

from ktt.sender.extract.errors import QueryRefused
from ktt.sender.extract.sources.postgresql import open_postgresql
from support.sources_epj import Epj

pytestmark = pytest.mark.postgres

STAMPED = """
ALTER TABLE opplysning ALTER endret TYPE timestamptz USING endret::timestamp AT TIME ZONE 'Europe/Oslo';
ALTER TABLE vedtak ALTER endret TYPE timestamptz USING endret::timestamp AT TIME ZONE 'Europe/Oslo';
ALTER TABLE linje ALTER fra TYPE timestamptz USING to_date(nullif(fra, ''), 'DD.MM.YYYY')::timestamp AT TIME ZONE 'Europe/Oslo';
"""

SETTINGS = {
    "time zone": "TimeZone TO 'America/New_York'",
    "date style": "DateStyle TO 'SQL, MDY'",
    "client encoding": "client_encoding TO 'LATIN1'",
    "sql ascii": "client_encoding TO 'SQL_ASCII'",
    "interval style": "IntervalStyle TO 'sql_standard'",
    "bytea": "bytea_output TO 'escape'",
    "float digits": "extra_float_digits TO '-15'",
    "backslashes": "standard_conforming_strings TO 'off'",
    "nulls": "transform_null_equals TO 'on'",
    "patience": "statement_timeout TO '500ms'",
}
ENVIRONMENT = {
    "PGTZ": "Asia/Tokyo",
    "PGDATESTYLE": "German",
    "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c extra_float_digits=-9",
}
LINE_FROM = """starts_on = { column = "fra", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }
ends_on = { column = "til", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }

[record.appeal]"""
LINE_FROM_ISO = LINE_FROM.replace(
    '{ column = "fra", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }', '"fra"', 1
)
ODD = """
CREATE TABLE rart (nr int, d date, ts timestamptz, b bytea, f float8, i interval);
INSERT INTO rart VALUES (1, '2018-02-03', '2018-02-03 00:30+01', '\\x00ff41', 0.1::float8 + 0.2::float8, '1 day 02:00');
"""


@pytest.fixture
def pg(tmp_path, postgres_url):
    return Epj(tmp_path, postgres_url)


def rows(epj):
    return {kind: frame.rows() for kind, frame in epj.read().records.items()}


def odd_values(epj, seconds=0.0):
    query = "SELECT rart.*, ts::date AS day, NULL = NULL AS n, 'a\\b' AS back FROM rart"
    query += f", (SELECT pg_sleep({seconds})) AS waited" if seconds else ""
    with open_postgresql(make_url(epj.url), {}, "Europe/Oslo") as reader:
        return pl.concat(list(reader.blocks("rart", query, reader.columns("rart", query)[:9]))).rows()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_of_the_role_or_database_changes_nothing(pg, name):
    pg.sql(STAMPED).sql(ODD)
    pg.edit(LINE_FROM, LINE_FROM_ISO)
    before, odd = rows(pg), odd_values(pg)
    with psycopg.connect(pg.url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {SETTINGS[name]}".encode())
    assert rows(pg) == before
    assert odd_values(pg, seconds=0.6 if name == "patience" else 0) == odd
    records = pg.read().records
    assert records["circumstances"]["recorded_at"].item() == dt.datetime(2018, 1, 9, 14, 20, tzinfo=dt.UTC)
    assert dt.date(2018, 1, 10) in records["decision_line"]["starts_on"].to_list()  # midnight in Norway


def test_a_value_is_written_as_it_always_was(pg):
    assert odd_values(pg.sql(ODD)) == [
        ("1", "2018-02-03", "2018-02-03 00:30:00+01", r"\x00ff41", "0.30000000000000004", "1 day 02:00:00", "2018-02-03", None, r"a\b")
    ]  # fmt: skip


def test_the_environment_changes_nothing(pg, monkeypatch):
    before = rows(pg.sql(STAMPED))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert rows(pg) == before


@pytest.fixture(params=["LATIN1", "LATIN9", "WIN1252", "SQL_ASCII", "UTF8"])
def encoded(request, tmp_path, postgres_url):
    name = f"tegn_{request.param.lower()}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} ENCODING '{request.param}' LOCALE 'C' TEMPLATE template0")
        yield Epj(tmp_path, postgres_url.replace(connection.info.dbname, name)), request.param
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_may_have_another_character_set(encoded):
    epj, _ = encoded
    with psycopg.connect(epj.url, client_encoding="UTF8") as connection:
        connection.execute('ALTER TABLE opplysning RENAME husstand TO "hushåld"')
        connection.execute("""UPDATE opplysning SET "hushåld" = 'Ø'""")
    epj.edit('column = "husstand"', 'column = "hushåld"')
    epj.edit('query = "SELECT * FROM opplysning"', """query = "SELECT * FROM opplysning WHERE hushåld <> 'å'" """)
    (epj.folder / "koder" / "husstand.csv").write_text("Ø;1;;;\n", encoding="utf-8")
    assert epj.read().records["circumstances"]["household"].item() == "1"


def test_a_query_that_the_character_set_cannot_hold_is_refused_by_name(encoded):
    epj, encoding = encoded
    epj.edit('query = "SELECT * FROM stopp"', "query = \"SELECT * FROM stopp WHERE fra <> '→'\"")
    if encoding in {"UTF8", "SQL_ASCII"}:
        assert epj.read().complete
        return
    with pytest.raises(QueryRefused, match="character set lacks") as caught:
        epj.read()
    assert "tegnsett" in caught.value.says().nb


@pytest.mark.parametrize("encoded", ["SQL_ASCII"], indirect=True)
def test_one_bad_byte_holds_one_record(encoded):
    epj, _ = encoded
    epj.sql("UPDATE opplysning SET husstand = E'\\345' WHERE id = 'O1'")
    extract = epj.read()
    bad = extract.findings.filter(rule="KTT-SRC-F21").select("record_type", "local_id", "fields", "detail").rows()
    assert bad == [("circumstances", "O1", ["household"], "opplysning.husstand")]
    assert extract.held["circumstances"].to_list() == ["O1"]
    assert extract.records["care_service"].height == 2
