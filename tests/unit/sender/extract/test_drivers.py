"""SQL Server and Oracle: what is asked of their drivers, in which order, and what becomes of what they give.

No such server has been asked: see docs/how-to/kilder.md.
"""

from __future__ import annotations

import datetime as dt
import socket
import sys
import uuid
from decimal import Decimal

import pytest
from sqlalchemy.engine import make_url

from ktt.core.errors import EXIT_SOURCE
from ktt.sender.extract import errors as source_errors
from ktt.sender.extract.sources.database_words import of_mssql, of_oracle
from ktt.sender.extract.sources.drivers import errors, mssql, oracle
from ktt.sender.extract.sources.drivers.values import NotOneValue, texts
from ktt.sender.extract.sources.sql import open_source
from support.recorded_drivers import Recorder
from support.sources_epj import ADA, DAY, UNIT

URL = {"mssql": "mssql://leser:hem;me}lig@vert/epj", "oracle": "oracle://leser:hemmelig@vert/EPJ?protocol=tcps"}
MODULE = {"mssql": "mssql_python", "oracle": "oracledb"}


@pytest.fixture(params=sorted(URL))
def kind(request):
    return request.param


@pytest.fixture
def recorder(epj, monkeypatch, kind):
    return Recorder(epj.folder / "epj.sqlite").install(monkeypatch, MODULE[kind])


def test_a_whole_extract_is_read_through_the_driver(epj, recorder, kind):
    found = open_source(URL[kind], epj.mapping).read(UNIT, DAY, "sandbox")
    of_database = epj.read()
    assert found.complete
    assert found.row_counts == of_database.row_counts
    assert found.findings.equals(of_database.findings)
    assert all(frame.equals(of_database.records[name]) for name, frame in found.records.items())
    assert recorder.closed == 1


def test_our_own_count_is_asked_in_words_that_every_database_knows(epj, recorder, kind):
    epj.edit(
        'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }', "self_count = true"
    )
    assert open_source(URL[kind], epj.mapping).read(UNIT, DAY, "sandbox").proofs == ("self_count",)
    assert any('count(*) AS "n" FROM (\nSELECT * FROM bruker\n) counted' in one for one in recorder.statements)


def test_sql_server_is_read_in_one_snapshot_by_a_user_who_may_not_write(epj, monkeypatch):
    recorder = Recorder(epj.folder / "epj.sqlite").install(monkeypatch, "mssql_python")
    open_source(URL["mssql"], epj.mapping).read(UNIT, DAY, "sandbox")
    begun = 2 + len(mssql.SESSION)
    assert recorder.statements[:begun] == [mssql.SNAPSHOT, mssql.MAY_WRITE, *mssql.SESSION]
    assert recorder.statements[begun - 2 : begun] == ["SET TRANSACTION ISOLATION LEVEL SNAPSHOT", "BEGIN TRANSACTION"]
    assert recorder.statements[-1] == "ROLLBACK TRANSACTION"
    between = recorder.statements[begun:-1]
    assert all(one.startswith("SELECT ") for one in between)
    assert any("dato = '2026-03-02'" in one for one in between)
    assert recorder.options[0] == {"enabled": False}
    assert recorder.connected[0][1]["autocommit"] is True  # the transaction is begun by a statement of ours


def test_sql_servers_address_is_written_so_that_no_value_ends_another():
    url = make_url("mssql://leser:hem;me}lig@vert:1444/epj?HostNameInCertificate=epj.example&annet=1")
    assert mssql.connection_text(url) == (
        "Server={tcp:vert,1444};Database={epj};UID={leser};PWD={hem;me}}lig};Encrypt={yes};ApplicationIntent={ReadOnly}"
        ";HostNameInCertificate={epj.example}"
    )
    assert "Trusted_Connection={yes}" in mssql.connection_text(make_url("mssql://vert/epj"))


# what SQL Server answers | the error
REFUSED = [(mssql.SNAPSHOT, 0, errors.SnapshotForbidden), (mssql.MAY_WRITE, 1, errors.UserMayWrite)]


@pytest.mark.parametrize(("asked", "answer", "error"), REFUSED)
def test_sql_server_without_snapshots_or_with_a_user_who_may_write_is_not_read(epj, monkeypatch, asked, answer, error):
    recorder = Recorder(epj.folder / "epj.sqlite").install(monkeypatch, "mssql_python")
    recorder.answers[asked] = [(answer,)]
    with pytest.raises(error) as caught:
        open_source(URL["mssql"], epj.mapping).read(UNIT, DAY, "sandbox")
    assert "hem" not in caught.value.says().nb
    assert caught.value.exit_code == EXIT_SOURCE
    assert not any("bruker" in one for one in recorder.statements)
    assert recorder.closed == 1


def test_oracle_is_read_in_one_read_only_transaction_whatever_the_machine_is_set_to(epj, monkeypatch):
    recorder = Recorder(epj.folder / "epj.sqlite").install(monkeypatch, "oracledb")
    open_source(URL["oracle"], epj.mapping).read(UNIT, DAY, "sandbox")
    zone = "ALTER SESSION SET TIME_ZONE = 'Europe/Oslo'"
    assert recorder.statements[:3] == [oracle.SESSION, zone, oracle.READ_ONLY]
    assert all(one.startswith("SELECT ") for one in recorder.statements[3:])
    assert recorder.connected[0][1]["protocol"] == "tcps"
    assert recorder.connected[0][1]["service_name"] == "EPJ"
    assert {"fetch_decimals": True, "fetch_lobs": False} in recorder.options


def test_oracle_writes_instants_with_a_zone_itself(epj, monkeypatch):
    recorder = Recorder(epj.folder / "epj.sqlite").install(monkeypatch, "oracledb")
    recorder.types["endret"] = "timestamp tz"
    with pytest.raises(source_errors.ReadBroken):  # SQLite has no TO_CHAR
        open_source(URL["oracle"], epj.mapping).read(UNIT, DAY, "sandbox")
    assert 'TO_CHAR("endret", \'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM\') AS "endret"' in recorder.statements[-1]


OSLO = dt.timezone(dt.timedelta(hours=1))
# what a driver gives | the text that is read
VALUES = [
    ("T 1", "T 1"), (None, None), (7, "7"), (True, "1"), (False, "0"), (3.1, "3.1"),
    (Decimal("3.50"), "3.50"), (Decimal("1E+3"), "1000"), (Decimal("0.00000001"), "0.00000001"),
    (dt.date(2026, 3, 2), "2026-03-02"), (dt.datetime.fromisoformat("2026-03-02T01:30"), "2026-03-02 01:30:00"),
    (dt.datetime(2026, 3, 2, 1, 30, 0, 3000, OSLO), "2026-03-02 01:30:00.003000+01:00"), (dt.time(1, 30), "01:30:00"),
    (b"\x00\xff", "00ff"), (uuid.UUID(int=171), "00000000-0000-0000-0000-0000000000AB"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_values_become_text(value, text):
    assert texts((value, None)) == (text, None)


def test_what_is_no_single_value_is_told_by_its_type_alone(epj, recorder, kind):
    with pytest.raises(NotOneValue, match=r"^list$"):
        texts(([ADA],))
    source = open_source(URL[kind], epj.mapping)
    with source.address.open(source.mapping, DAY) as reader:
        asked = 'SELECT "ident" AS "ident" FROM (\nSELECT * FROM bruker\n) source'
        recorder.answers[asked] = [([ADA],)]
        with pytest.raises(source_errors.ReadBroken) as caught:
            list(reader.blocks("bruker", "SELECT * FROM bruker", ["ident"]))
    assert caught.value.facts["reason"] == "list"


def test_a_query_that_is_refused_and_a_reading_that_breaks_off(epj, recorder, kind):
    epj.edit("SELECT * FROM bruker", "SELECT * FROM borte")
    with pytest.raises(source_errors.QueryRefused):
        open_source(URL[kind], epj.mapping).read(UNIT, DAY, "sandbox")
    assert recorder.closed == 1


def test_a_driver_that_is_not_installed_is_named(epj, monkeypatch, kind):
    monkeypatch.setitem(sys.modules, MODULE[kind], None)
    with pytest.raises(errors.DriverMissing) as caught:
        open_source(URL[kind], epj.mapping).read(UNIT, DAY, "sandbox")
    assert f"ktt[{kind}]" in caught.value.advises().nb


def test_a_host_that_is_not_known(epj, monkeypatch):
    recorder = Recorder(epj.folder / "epj.sqlite")

    def connect(**_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(recorder, "connect", connect)
    recorder.install(monkeypatch, "oracledb")
    with pytest.raises(source_errors.SourceUnavailable) as caught:
        open_source(URL["oracle"], epj.mapping).read(UNIT, DAY, "sandbox")
    assert "maskinen er ikke kjent" in caught.value.says().nb
    assert "hemmelig" not in caught.value.says().nb


# what a database says, from the makers' own lists of faults | a word of ours that must be there
SAYS = [
    (of_mssql, "Driver Error: x; DDBC Error: [Microsoft][SQL Server]Invalid object name 'dbo.bruker'.", "«dbo.bruker» finnes ikke"),
    (of_mssql, "[SQL Server]Invalid column name 'nr'.", "«nr» finnes ikke"),
    (of_mssql, "[SQL Server]Login failed for user 'leser'.", "passordet er feil"),
    (of_mssql, "[SQL Server]The SELECT permission was denied on the object 'bruker', database 'epj', schema 'dbo'.", "mangler tilgang til «bruker»"),
    (of_mssql, "SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate]", "sertifikat"),
    (of_mssql, "Failed to load the driver. Please read the documentation", "biblioteker"),
    (of_oracle, "ORA-00942: table or view does not exist", "tabellen finnes ikke"),
    (of_oracle, 'ORA-00904: "NR": invalid identifier', "NR"),
    (of_oracle, "ORA-01017: invalid username/password; logon denied", "passordet er feil"),
    (of_oracle, "DPY-6005: cannot connect to database. [Errno 111] Connection refused", "ingen svarer"),
    (of_oracle, "ORA-12514: Cannot connect to database. Service EPJ is not registered", "tjenesten"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "says", "nb"), SAYS)
def test_what_a_database_says_is_told_in_words_of_ours(words, says, nb):
    assert nb in words(says).nb
