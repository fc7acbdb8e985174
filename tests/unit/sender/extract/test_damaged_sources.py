"""A cell, a file or a query that is not as it should be: each is told for what it is, and holds no more than it must."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.sender.extract.mapping.errors import ValueWrong
from ktt.sender.extract.sources import errors
from ktt.sender.extract.sources import sqlite as sqlite_source
from ktt.sender.extract.sources.sql import open_source
from support.sources_epj import ADA, DAY, UNIT

LATIN = "CAST(X'C5E5' AS TEXT)"  # “Åå” as Latin-1 writes it
# what is written | type, id, field, table and column | what is held
CELLS = {
    "a code": (f"UPDATE opplysning SET husstand = {LATIN}", ("circumstances", "O1", "household", "opplysning.husstand"), {"circumstances": {"O1"}}),
    "a day": (f"UPDATE tjeneste SET til = {LATIN} WHERE id = 'T1'", ("care_service", "T1", "ends_on", "tjeneste.til"), {"care_service": {"T1"}}),
    "in a part": (f"UPDATE linje SET timer = {LATIN} WHERE vedtak = 'V1'", ("decision_line", "V1", "hours_per_week", "linje.timer"), {"decision": {"V1"}, "care_service": {"T1"}}),
    "a person's number": (f"UPDATE bruker SET ident = '{ADA}' || {LATIN} WHERE nr = 1", ("recipient", "1", "person_number", "bruker.ident"), {"recipient": {"1"}, "decision": {"V1"}, "care_service": {"T1"}, "circumstances": {"O1"}, "assessment": {"F2", "F3"}}),
    "a blob": ("UPDATE opplysning SET husstand = X'00FFFE41'", ("circumstances", "O1", "household", "opplysning.husstand"), {"circumstances": {"O1"}}),
    "a text of two-byte characters": ("UPDATE opplysning SET endret = X'32003000'", ("circumstances", "O1", "recorded_at", "opplysning.endret"), {"circumstances": {"O1"}}),
    "a reference": (f"UPDATE opplysning SET nr = {LATIN}", ("circumstances", "O1", "local_person_id", "opplysning.nr"), {"circumstances": {"O1"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_one_bad_cell_holds_one_record(epj, name):
    change, place, held = CELLS[name]
    extract = epj.sql(change, log=True).read()
    found = extract.findings.filter(rule="KTT-SRC-F21")
    assert [(r["record_type"], r["local_id"], r["fields"][0], r["detail"]) for r in found.to_dicts()] == [place]
    assert {root: set(ids) for root, ids in extract.held.items() if len(ids)} == held
    others = set(extract.findings["rule"]) - {"KTT-SRC-F15", "KTT-SRC-F21", "KTT-SRC-F11", "KTT-SRC-F12"}
    assert not others  # told once
    assert extract.proves_absence("assessment")


def test_an_id_that_is_half_read_is_nobodys(epj):
    extract = epj.sql(f"UPDATE vurdering SET id = 'F3' || {LATIN} WHERE id = 'F3'", log=True).read()
    found = extract.findings.filter(rule="KTT-SRC-F21").row(0, named=True)
    assert (found["local_id"], found["detail"]) == (None, "vurdering.id")
    assert not extract.proves_absence("assessment")
    assert extract.proves_absence("care_service")
    assert "F3" not in extract.records["assessment"]["assessment_id"]


def test_bytes_that_are_text_are_read(epj):
    text = "".join(f"{byte:02X}" for byte in b"A")
    extract = epj.sql(f"UPDATE opplysning SET husstand = X'{text}'", log=True).read()
    assert extract.records["circumstances"]["household"].item() == "1"


def cut(file):
    with file.open("r+b") as handle:
        handle.truncate(file.stat().st_size // 2)


def empty(file):
    file.write_bytes(b"")


def without_tables(file):
    file.unlink()
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE t (a); DROP TABLE t;")
    connection.close()


def overwritten(file):
    content = bytearray(file.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    file.write_bytes(content)


def folder(file):
    file.unlink()
    file.mkdir()


FILES = {
    "missing": (lambda file: file.unlink(), errors.SourceFileMissing),
    "in no folder": (lambda file: file.rename(file.parent / "annet"), errors.SourceFileMissing),
    "empty": (empty, errors.SourceEmpty),
    "without tables": (without_tables, errors.SourceEmpty),
    "a folder": (folder, errors.SourceFileFolder),
    "text": (lambda file: file.write_text("nr;ident\n" * 200), errors.SourceNoDatabase),
    "short text": (lambda file: file.write_text("hei"), errors.SourceNoDatabase),
    "cut off": (cut, errors.SourceCorrupt),
    "overwritten": (overwritten, errors.SourceCorrupt),
}


@pytest.mark.parametrize("name", FILES)
def test_each_fault_of_a_file_has_its_own_error(epj, name):
    change, error = FILES[name]
    change(epj.folder / "epj.sqlite")
    with pytest.raises(error) as caught:
        epj.read()
    assert caught.value.exit_code == EXIT_SOURCE
    assert "epj.sqlite" in caught.value.says().nb


def test_a_part_of_the_path_may_be_a_file(epj):
    with pytest.raises(errors.SourceFileMissing):
        open_source(f"sqlite:///{epj.mapping}/epj.sqlite", epj.mapping).read(UNIT, DAY, "sandbox")


def test_access_may_be_missing(epj, monkeypatch):
    def refuse(*_args, **_named):
        raise PermissionError(13, "Permission denied")

    opened = epj.source()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(errors.SourceFileForbidden) as caught:
        opened.read(UNIT, DAY, "sandbox")
    assert "tilgang mangler" in caught.value.says().nb
    assert "Permission" not in caught.value.says().nb


def test_a_lock_is_told(epj, monkeypatch):
    monkeypatch.setattr("ktt.sender.extract.sources.sqlite.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(epj.folder / "epj.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(errors.SourceBusy):
        epj.read()
    other.close()


ENDINGS = [
    " -- en merknad",
    ";",
    " ;\n-- en merknad; og mer",
    "\n/* en merknad -- */ ; ",
    " WHERE tjeneste <> 'a -- b;'",
    " WHERE tjeneste <> 'it''s -- b' -- slutt",
    " WHERE \"tjeneste\" <> '/*' -- */",
    " -- it's\n WHERE 1 = 1 -- it's",
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_query_may_end_in_a_comment(epj, request, tmp_path, kind, ending):
    if kind == "postgresql":
        (tmp_path / "pg").mkdir()
        epj = type(epj)(tmp_path / "pg", request.getfixturevalue("postgres_url"))
    epj.edit('query = "SELECT * FROM stopp"', f"query = '''SELECT * FROM stopp{ending}'''")
    epj.edit("FROM installasjon", "FROM installasjon; -- eieren")
    extract = epj.read()
    assert extract.complete
    assert extract.row_counts["stopp"] == 1


def test_a_query_of_comments_is_none(epj):
    epj.edit('query = "SELECT * FROM stopp"', 'query = "-- kommer; senere"')
    with pytest.raises(ValueWrong):
        epj.read()


@pytest.mark.parametrize("bad", range(7))
def test_a_bad_byte_in_a_later_block_doubles_and_loses_no_row(tmp_path, monkeypatch, bad):
    monkeypatch.setattr(sqlite_source, "_ROWS", 2)
    monkeypatch.setattr(sqlite_source, "_FETCHES", 1)
    file = tmp_path / "epj.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (id INTEGER, text TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, f"navn {n}") for n in range(7)))
        connection.execute("UPDATE t SET text = CAST(x'ff' AS TEXT) WHERE id = ?", (bad,))
    with sqlite_source.open_sqlite(file, {}) as reader:
        read = pl.concat(list(reader.blocks("t", "SELECT * FROM t", ["id", "text"])))
    assert read["id"].to_list() == [str(n) for n in range(7)]
    assert read["text"].to_list() == ["\ufffd" if n == bad else f"navn {n}" for n in range(7)]
