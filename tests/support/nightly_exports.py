"""A record system that exports in the night: to text files that it writes over, or to messages with the day in their names."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import ClassVar

from ktt.core.clock import OSLO
from ktt.messages.register import BUILT_IN, register_of
from ktt.sender.extract.sources.sql import open_source
from support.log_epj import TABLES, LogEpj, write_files
from support.sender_epj import UNIT
from support.sources_messages import MAPPING


class FileExport:
    """Text files of one name, and a file of counts that is written last."""

    scheme: ClassVar = "files"

    def __init__(self, epj: LogEpj, folder: Path, day: dt.date) -> None:
        self.epj, self.folder = epj, folder
        folder.mkdir()
        self.mapping = epj.mapping.with_name("export.toml")  # beside its code lists
        text = write_files(epj, folder.with_name("dated"), day).read_text("utf-8")
        self.mapping.write_text(text.replace("_%Y%m%d.csv", ".csv"), "utf-8")

    def write(self, on: dt.date) -> None:
        """All of a night's export."""
        self.begin(on)
        self.finish(on)

    def begin(self, on: dt.date) -> None:
        """All but the file that says that it is finished."""
        for table in TABLES:
            self._write(on, f"{table}.csv", self._lines(table).encode("windows-1252"))

    def finish(self, on: dt.date) -> None:
        """The file that says that it is finished."""
        counts = "".join(f"{table};{len(list(self.epj._rows(table)))}\n" for table in self._counted())
        self._write(on, f"{on:%Y%m%d}.done", counts.encode(), minutes=30)

    def cut(self, on: dt.date) -> None:
        """One of the files is not whole: its writer is at it, or died."""
        whole = (self.folder / "DIAGNOSE.csv").read_bytes()
        self._write(on, "DIAGNOSE.csv", whole[: len(whole) // 2])

    def leave_one_of_yesterday(self, on: dt.date) -> None:
        """All is new, but for one file that could not be written over."""
        kept = (self.folder / "DIAGNOSE.csv").read_bytes()
        self.write(on)
        self._write(on - dt.timedelta(days=1), "DIAGNOSE.csv", kept)

    def _lines(self, table: str) -> str:
        rows = [TABLES[table].split(), *(row.values() for row in self.epj._rows(table))]
        return "".join(";".join(row) + "\r\n" for row in rows)

    def _counted(self) -> list[str]:
        return re.findall(r'^file *= "([A-Z_]+)\.csv"', self.mapping.read_text("utf-8"), flags=re.MULTILINE)

    def _write(self, on: dt.date, name: str, content: bytes, minutes: int = 0) -> None:
        write_at(self.folder / name, content, on, minutes)


class MessageExport:
    """A message of each type, and a file that is written last; yesterday's stay where they are."""

    scheme: ClassVar = "messages"

    def __init__(self, epj: LogEpj, folder: Path, day: dt.date) -> None:
        self.epj, self.folder, self.mapping = epj, folder, epj.mapping.with_name("export.toml")
        folder.mkdir()
        self.mapping.write_text(MAPPING, encoding="utf-8")
        self.versions = register_of((BUILT_IN,)).to_send(day).mapped_versions()

    def write(self, on: dt.date) -> None:
        """All of a night's export."""
        self.begin(on)
        self.finish(on)

    def begin(self, on: dt.date) -> None:
        """All but the file that says that it is finished."""
        records = open_source(self.epj.url, self.epj.mapping).read(UNIT, on, "sandbox").records
        for version in self.versions:
            if encoded := version.encode(UNIT, records):
                payload = version.assemble(UNIT, {}, encoded, extracted_on=on)
                write_at(self._file(on, version.message_type), payload, on)

    def finish(self, on: dt.date) -> None:
        """The file that says that it is finished."""
        write_at(self.folder / f"{on:%Y%m%d}.done", b"", on, minutes=30)

    def cut(self, on: dt.date) -> None:
        """One of the messages is not whole: its writer is at it, or died."""
        file = self._diagnoses(on)
        whole = file.read_bytes()
        write_at(file, whole[: len(whole) // 2], on)

    def leave_one_of_yesterday(self, on: dt.date) -> None:
        """All is new, but for one message that was not written; yesterday's is there."""
        self.write(on)
        self._diagnoses(on).unlink()

    def _diagnoses(self, on: dt.date) -> Path:
        (found,) = self.folder.glob(f"{on:%Y%m%d}_*iagnose*.json")
        return found

    def _file(self, on: dt.date, message_type: str) -> Path:
        return self.folder / f"{on:%Y%m%d}_{message_type}.json"


def write_at(file: Path, content: bytes, on: dt.date, minutes: int = 0) -> None:
    """Written in the night of the day, so many minutes past three."""
    file.write_bytes(content)
    at = dt.datetime.combine(on, dt.time(3, minutes), OSLO).timestamp()
    os.utime(file, (at, at))
