"""The small record system of `sources_epj` as a folder of files, and its mapping as a vendor writes it for files."""

from __future__ import annotations

import csv
import datetime as dt
import os
import sqlite3
from pathlib import Path

import polars as pl

from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import MappedSource, open_source
from support.sources_epj import DAY, UNIT, Epj

SQL_SOURCE = """kind      = "sql"
read_only = true
unit      = { query = "SELECT orgnr, kommunenr FROM installasjon" }"""
COUNT = 'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }'
DONE = 'done_file = { path = "%Y%m%d.done", counts = true }'


class FilesEpj:
    """`epj` written to `folder` by an export that ends with a file of counts."""

    def __init__(self, epj: Epj, form: str = "", *, parquet: bool = False) -> None:
        self.epj, self.folder = epj, epj.folder / "eksport"
        self.folder.mkdir()
        self.ending = "parquet" if parquet else "csv"
        source = f'kind = "files"\nread_only = true\nunit = {{ file = "installasjon_%Y%m%d.{self.ending}" }}\n{form}'
        epj.edit(SQL_SOURCE, source).edit(COUNT, DONE)
        text = epj.mapping.read_text(encoding="utf-8")
        for table in self.tables():
            text = text.replace(f'query = "SELECT * FROM {table}"', f'file = "{table}_%Y%m%d.{self.ending}"')
        epj.mapping.write_text(text, encoding="utf-8")

    def tables(self) -> list[str]:
        with sqlite3.connect(self.epj.folder / "epj.sqlite") as lite:
            found = [name for (name,) in lite.execute("SELECT name FROM sqlite_master") if name != "eksport_logg"]
        lite.close()
        return found

    def export(self, charset: str = "utf-8", separator: str = ";", newline: str = "\r\n") -> FilesEpj:
        """Write every table, and then the file of counts."""
        counts = []
        with sqlite3.connect(self.epj.folder / "epj.sqlite") as lite:
            for table in self.tables():
                cursor = lite.execute(f"SELECT * FROM {table}")
                header = [column[0] for column in cursor.description]
                rows = cursor.fetchall()
                counts.append(f"{table};{len(rows)}\n")
                if self.ending == "parquet":
                    pl.DataFrame(rows, schema=header, orient="row", infer_schema_length=None).write_parquet(
                        self.file(table)
                    )
                else:
                    with self.file(table).open("w", encoding=charset, newline="") as file:
                        csv.writer(file, delimiter=separator, lineterminator=newline).writerows([header, *rows])
        lite.close()
        return self.finish("".join(counts))

    def file(self, table: str) -> Path:
        return self.folder / f"{table}_{DAY:%Y%m%d}.{self.ending}"

    @property
    def done(self) -> Path:
        return self.folder / f"{DAY:%Y%m%d}.done"

    def finish(self, counts: str) -> FilesEpj:
        self.done.write_text(counts, encoding="utf-8")
        return self.date()

    def date(self) -> FilesEpj:
        """Give all files times of the extraction day, the file of counts the last one."""
        at = dt.datetime.fromisoformat(f"{DAY}T03:00:00+01:00").timestamp()
        for file in self.folder.iterdir():
            os.utime(file, (at, at + (60 if file == self.done else 0)))
        return self

    def change(self, table: str, old: bytes, new: bytes) -> FilesEpj:
        """Change a file in one place, which must be there, before the export was finished."""
        content = self.file(table).read_bytes()
        assert old in content
        self.file(table).write_bytes(content.replace(old, new, 1))
        return self.date()

    def source(self) -> MappedSource:
        return open_source(f"files:///{self.folder}", self.epj.mapping)

    def read(self) -> Extract:
        return self.source().read(UNIT, DAY, "sandbox")
