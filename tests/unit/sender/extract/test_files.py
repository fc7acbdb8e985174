"""A folder of files is read as the database it came from; a file that is not whole stops, and its line is told."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import polars as pl
import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.sender.extract import errors as source_errors
from ktt.sender.extract.completeness import errors as proofs
from ktt.sender.extract.mapping import errors as mapping_errors
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.mapping.file_form import PLAIN, FileForm
from ktt.sender.extract.sources import csv_file, errors
from ktt.sender.extract.sources.csv_file import CsvFile
from ktt.sender.extract.sources.parquet_file import ParquetFile
from ktt.sender.extract.sources.sql import open_source
from support.sources_epj import ADA, DAY, UNIT
from support.sources_files import FilesEpj

NAMES = "UPDATE opplysning SET id = 'Ås-1'; UPDATE tjeneste SET vedtak = NULL WHERE id = 'T2';"
# how the files are written | what the mapping says of it
WRITTEN = {
    "plain": ({}, ""),
    "the mark of UTF-8": ({"charset": "utf-8-sig"}, ""),
    "Windows and a comma": ({"charset": "cp1252", "separator": ","}, 'charset = "windows-1252"\nseparator = ","'),
    "tabs and short line ends": ({"separator": "\t", "newline": "\n"}, 'separator = "tab"'),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_files_give_what_their_database_gives(epj, name):
    written, form = WRITTEN[name]
    same(epj, FilesEpj, form, written)


def test_parquet_gives_what_its_database_gives(epj):
    same(epj, lambda one, _form: FilesEpj(one, parquet=True), "", {})


def same(epj, files, form, written):
    of_database = epj.sql(NAMES, log=True).read()
    of_files = files(epj, form).export(**written).read()
    assert of_files.proofs == ("done_file",)
    assert of_files.owned
    assert of_files.row_counts == of_database.row_counts
    assert of_files.findings.equals(of_database.findings)
    assert all(frame.equals(of_database.records[name]) for name, frame in of_files.records.items())
    assert "Ås-1" in of_files.records["circumstances"]["circumstances_id"].to_list()


# what happened to the file of services | the error | what it names
HEADER = b"id;nr;vedtak;kode;fra;til;endret"
BROKEN = {
    "a field too few": (b";HJ;10.01.2018;", b";10.01.2018;", errors.RowWidthWrong, {"line": 2, "fields": 6, "columns": 7}),
    "a field too many": (b"T2;2;", b"T2;2;;", errors.RowWidthWrong, {"line": 3, "fields": 8}),
    "a separator in a value": (b"T4;1;", b"T4;b;1;", errors.RowWidthWrong, {"line": 5}),
    "a quotation mark that is not closed": (b"T3;3;V3", b'T3;3;"V3', errors.RowBroken, {"line": 4}),
    "a blank line": (b"\r\nT2;", b"\r\n\r\nT2;", errors.RowBroken, {"line": 3}),
    "bytes of another character set": (b"T3;3;V3", b"T3;3;V\xe53", errors.WrongCharset, {"line": 4, "charset": "utf-8"}),
    "cut off in the last value": (b"2017-01-01 08:00:00\r\n", b"2017-01-01 08", errors.TableFileUnended, {}),
    "cut off in a row": (b";31.12.2016;2017-01-01 08:00:00\r\n", b"\r\n", errors.RowWidthWrong, {"line": 5}),
    "another separator": (HEADER, HEADER.replace(b";", b"\t"), errors.SeparatorWrong, {"separator": ";", "seems": "tab"}),
    "a column gone": (b"id;nr;vedtak;kode", b"id;nr;vedtak;kodex", source_errors.ColumnMissing, {"column": "kode"}),
    "a column twice": (b"id;nr;vedtak;kode", b"id;nr;kode;kode", source_errors.ColumnTwice, {"column": "kode"}),
    "a row gone": (b"T2;2;V2;DAG;10.01.2016;31.12.2019;2020-01-02 08:00:00\r\n", b"", source_errors.CountMismatch, {"table": "«tjeneste»"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_stops_and_its_line_is_told(epj, name):
    old, new, error, facts = BROKEN[name]
    files = FilesEpj(epj).export().change("tjeneste", old, new)
    with pytest.raises(error) as caught:
        files.read()
    assert {fact: caught.value.facts[fact] for fact in facts} == facts
    assert caught.value.exit_code == EXIT_SOURCE
    if "file" in caught.value.facts:
        assert caught.value.facts["file"] == files.file("tjeneste")
    assert caught.value.__cause__ is None  # Python's own words may hold a value
    assert ADA not in caught.value.says().nb


def test_a_fault_far_into_a_file_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_ROWS", 7)
    rows = [f'{n};"a\nb"\n' for n in range(100)]
    rows[60] = "60;a;b\n"
    (tmp_path / "t.csv").write_text("n;t\n" + "".join(rows), encoding="utf-8")
    with pytest.raises(errors.RowWidthWrong) as caught:
        list(CsvFile(tmp_path / "t.csv", PLAIN).blocks(["n"]))
    assert caught.value.facts["line"] == 122


def test_a_value_may_have_line_breaks_quotation_marks_and_separators(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'n;t\r\n1;"a\r\nb;""c"""\r\n2;5" r\xc3\xb8r\r\n\r\n\r\n')
    found = pl.concat(CsvFile(tmp_path / "t.csv", PLAIN).blocks(["t", "n"]))
    assert found.rows() == [('a\r\nb;"c"', "1"), ('5" rør', "2")]


def test_utf_8_that_is_called_windows_1252_is_not_read_as_such(tmp_path):
    (tmp_path / "t.csv").write_text("n;t\n1;a\n2;Bjørg\n", encoding="utf-8")
    with pytest.raises(errors.WrongCharset) as caught:
        list(CsvFile(tmp_path / "t.csv", FileForm("windows-1252")).blocks(["t"]))
    assert caught.value.facts["line"] == 3


def test_a_table_may_be_empty_and_a_file_may_not(tmp_path):
    (tmp_path / "t.csv").write_text("n;t\n", encoding="utf-8")
    assert pl.concat(CsvFile(tmp_path / "t.csv", PLAIN).blocks(["n"])).shape == (0, 1)
    (tmp_path / "t.csv").write_text("", encoding="utf-8")
    with pytest.raises(errors.TableFileEmpty):
        CsvFile(tmp_path / "t.csv", PLAIN).columns()


def test_a_file_that_always_lacks_its_last_line_break_can_be_said_to(epj):
    files = FilesEpj(epj, "unended = true").export()
    files.change("tjeneste", b"2017-01-01 08:00:00\r\n", b"2017-01-01 08:00:00")
    assert files.read().row_counts["tjeneste"] == 4


def test_a_file_that_is_not_there_stops(epj):
    files = FilesEpj(epj).export()
    files.file("klage").unlink()
    with pytest.raises(errors.TableFileUnreadable) as caught:
        files.read()
    assert caught.value.facts["file"] == files.file("klage")


def test_an_export_that_is_not_finished_stops(epj):
    files = FilesEpj(epj).export()
    files.done.unlink()
    with pytest.raises(proofs.DoneFileMissing):
        files.read()


def test_a_file_that_is_written_after_the_export_was_finished_stops(epj):
    files = FilesEpj(epj).export()
    late = dt.datetime.fromisoformat(f"{DAY}T04:00:00+01:00").timestamp()
    os.utime(files.file("klage"), (late, late))
    with pytest.raises(errors.TableFileNewer) as caught:
        files.read()
    assert caught.value.facts["file"] == files.file("klage")


def test_a_file_that_is_written_while_others_are_read_stops(epj, monkeypatch):
    files = FilesEpj(epj).export()
    plain = CsvFile.blocks

    def meanwhile(self, columns):
        if self.path == files.file("skaar"):  # the last one; the file of persons was read long ago
            files.file("bruker").write_bytes(files.file("bruker").read_bytes() + b"4;;\r\n")
        yield from plain(self, columns)

    monkeypatch.setattr(CsvFile, "blocks", meanwhile)
    with pytest.raises(errors.TableFileChanged) as caught:
        files.read()
    assert caught.value.facts["file"] == files.file("bruker")


def test_two_equal_readings_prove_files_too(epj):
    files = FilesEpj(epj).export()
    epj.edit('done_file = { path = "%Y%m%d.done", counts = true }', "equal_reads = { pause_seconds = 5 }")
    source = files.source()
    source._sleep = lambda _seconds: None
    assert source.read(UNIT, DAY, "sandbox").proofs == ("equal_reads",)
    source._sleep = lambda _seconds: files.change("tjeneste", b"T2;2;V2", b"T2;2;V1")
    with pytest.raises(proofs.ReadsDiffer):
        source.read(UNIT, DAY, "sandbox")


def test_parquet_values_become_the_text_that_a_database_gives(tmp_path):
    at = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {"day": [DAY], "at": [at], "local": [at.replace(tzinfo=None)], "hours": [3.5], "n": [7], "on": [True]}
    ).with_columns(pl.col("at").dt.convert_time_zone("Europe/Oslo"), pl.col("hours").cast(pl.Decimal(6, 2)))
    frame.write_parquet(tmp_path / "t.parquet")
    found = pl.concat(ParquetFile(tmp_path / "t.parquet").blocks(frame.columns)).row(0)
    assert found == ("2026-03-02", "2026-03-02 01:30:00+00:00", "2026-03-02 01:30:00", "3.50", "7", "true")


_MEMORY = """
import resource, sys
from pathlib import Path
from ktt.sender.extract.sources.parquet_file import ParquetFile

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
file = ParquetFile(Path(sys.argv[1]))
next(file.blocks(["text"]))  # what the reader itself takes
before, rows = peak(), sum(block.height for block in file.blocks(["text"]))
print(rows, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is counted in other units elsewhere")
def test_a_large_parquet_file_is_read_some_rows_at_a_time_in_order(tmp_path):
    """155 MB of text, of which only some rows are held at a time."""
    rows, file = 1_250_000, tmp_path / "t.parquet"
    numbers = pl.select(pl.int_range(rows).alias("n"))
    numbers.with_columns(text=pl.col("n").cast(pl.String).str.zfill(124)).write_parquet(file, row_group_size=50_000)
    said = subprocess.run([sys.executable, "-c", _MEMORY, str(file)], check=True, capture_output=True, text=True).stdout
    read, megabytes = map(int, said.split())
    assert read == rows
    assert megabytes < 60
    blocks = list(ParquetFile(file).blocks(["n"]))
    assert len(blocks) == 25
    assert pl.concat(blocks)["n"].cast(pl.Int64).equals(numbers["n"])


def test_a_parquet_file_without_rows_has_its_columns(tmp_path):
    pl.DataFrame(schema={"n": pl.Int64}).write_parquet(tmp_path / "t.parquet")
    (block,) = ParquetFile(tmp_path / "t.parquet").blocks(["n"])
    assert (block.schema, block.height) == ({"n": pl.String}, 0)


def test_a_parquet_file_that_is_cut_off_or_has_lists_stops(tmp_path):
    file = tmp_path / "t.parquet"
    pl.DataFrame({"n": [[1, 2]]}).write_parquet(file)
    with pytest.raises(errors.ParquetColumnWrong):
        list(ParquetFile(file).blocks(["n"]))
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(errors.ParquetBroken):
        ParquetFile(file).columns()


def test_an_address_and_its_mapping_are_of_one_kind(epj):
    with pytest.raises(errors.SourceKindDiffers) as caught:
        open_source(f"files:///{epj.folder}", epj.mapping)
    assert caught.value.facts["mapped"] == "sql"
    with pytest.raises(source_errors.SourceKindUnknown):
        open_source("files:///", epj.mapping)


def test_a_folder_that_is_not_there_stops(epj):
    files = FilesEpj(epj)
    with pytest.raises(proofs.DoneFileMissing):
        files.read()
    with pytest.raises(errors.SourceFolderMissing):
        list(open_source(f"files:///{epj.folder}/borte", epj.mapping).address.open(files.source().mapping, DAY).gen)


# what is written instead | the error | the key it names
WRONG = [
    ('file = "tjeneste_%Y%m%d.csv"', 'file = "/var/tjeneste.csv"', mapping_errors.ValueWrong, "table.tjeneste.file"),
    ('file = "tjeneste_%Y%m%d.csv"', 'file = "../tjeneste.csv"', mapping_errors.ValueWrong, "table.tjeneste.file"),
    ('file = "tjeneste_%Y%m%d.csv"', 'file = "C:tjeneste.csv"', mapping_errors.ValueWrong, "table.tjeneste.file"),
    ('file = "tjeneste_%Y%m%d.csv"', 'file = "tjeneste_%H.csv"', mapping_errors.ValueWrong, "table.tjeneste.file"),
    ('file = "tjeneste_%Y%m%d.csv"', 'query = "SELECT 1"', mapping_errors.NameUnknown, "table.tjeneste.query"),
    ('kind = "files"', 'kind = "files"\ncharset = "latin-1"', mapping_errors.ValueWrong, "source.charset"),
    ('kind = "files"', 'kind = "files"\nseparator = "|"', mapping_errors.ValueWrong, "source.separator"),
    ('kind = "files"', 'kind = "files"\nunended = false', mapping_errors.ValueWrong, "source.unended"),
    ("[complete]", "[complete]\nself_count = true", mapping_errors.NameUnknown, "complete.self_count"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "error", "key"), WRONG)
def test_what_a_mapping_cannot_say_of_files_is_refused(epj, old, new, error, key):
    FilesEpj(epj)
    epj.edit(old, new)
    with pytest.raises(error) as caught:
        read_mapping(epj.mapping)
    assert caught.value.facts["key"] == key


def test_one_table_may_be_written_otherwise(epj):
    files = FilesEpj(epj).export()
    table = 'file = "klage_%Y%m%d.csv"'
    epj.edit(table, f'{table}\nseparator = ","\ncharset = "windows-1252"')
    files.file("klage").write_bytes(files.file("klage").read_bytes().replace(b";", b","))
    assert files.date().read().row_counts["klage"] == 1


def test_a_word_for_no_value_is_none_in_every_column(epj):
    of_database = epj.sql("UPDATE tjeneste SET vedtak = NULL WHERE id = 'T2'", log=True).read()
    files = FilesEpj(epj, 'null = ["NULL"]').export()
    table = files.file("tjeneste")
    rows = [row.split(";") for row in table.read_text(encoding="utf-8").splitlines()]
    written = "".join(";".join(value or " NULL " for value in row) + "\n" for row in rows)
    table.write_text(written, encoding="utf-8")
    extract = files.date().read()
    assert extract.records["care_service"].equals(of_database.records["care_service"])
    assert extract.findings.equals(of_database.findings)


def test_the_owner_is_one_row_of_several(epj):
    files = FilesEpj(epj).export()
    owner = files.file("installasjon")
    header, row = owner.read_text(encoding="utf-8").splitlines()
    owner.write_text(f"{header};base\n{row.replace('312', '999', 1)};2\n{row};1\n", encoding="utf-8")
    place = 'file = "installasjon_%Y%m%d.csv"'
    epj.edit(place, f'{place}, columns = ["orgnr", "kommunenr"], where = {{ base = ["1"] }}')
    assert files.date().read().owned
    both = f'where = {{ kommunenr = ["{row.split(";")[1]}"], base = ["1"] }}'  # a column that is shown and chosen by
    assert files.read().owned
    epj.edit('where = { base = ["1"] }', both)
    assert files.read().owned
    epj.edit(f", {both}", "")
    with pytest.raises(source_errors.OwnerUnclear):
        files.read()
