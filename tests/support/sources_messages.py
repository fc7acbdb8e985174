"""The small record system of `sources_epj` as messages that it has written itself."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from ktt.messages.register import BUILT_IN, register_of
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.messages import MessageSource
from ktt.sender.extract.sources.sql import open_source
from support.sources_epj import DAY, UNIT, Epj

MAPPING = """
mapping  = "ktt/1"
name     = "meldings-epj"
timezone = "Europe/Oslo"

[source]
kind      = "messages"
read_only = true
file      = "%Y%m%d_*.json"
packs     = ["ktt_v1"]

[complete]
done_file = { path = "%Y%m%d.done" }
"""


class MessagesEpj:
    """All that can be sent of `epj`, in a message of each type."""

    def __init__(self, epj: Epj) -> None:
        self.epj, self.extract = epj, epj.read()
        self.folder = epj.folder / "meldinger"
        self.folder.mkdir()
        self.mapping = epj.folder / "meldinger.toml"
        self.mapping.write_text(MAPPING, encoding="utf-8")
        self.files: list[Path] = []
        known = register_of((BUILT_IN,)).to_send(DAY).mapped_versions()
        self.versions = [version for version in known if version.encode(UNIT, self.extract.records)]
        for version in self.versions:
            self.write(version, {})
        self.done = self.folder / f"{DAY:%Y%m%d}.done"
        self.finish()

    def write(self, version, deletions, unit=UNIT) -> Path:
        encoded = version.encode(unit, self.extract.records)
        file = self.folder / f"{DAY:%Y%m%d}_{len(self.files)}.json"
        file.write_bytes(version.assemble(unit, deletions, encoded, extracted_on=DAY))
        self.files.append(file)
        return file

    def finish(self, counts: str = "") -> MessagesEpj:
        self.done.write_text(counts, encoding="utf-8")
        at = dt.datetime.fromisoformat(f"{DAY}T03:00:00+01:00").timestamp()
        for file in self.folder.iterdir():
            os.utime(file, (at, at + (60 if file == self.done else 0)))
        return self

    def edit(self, old: str, new: str) -> MessagesEpj:
        text = self.mapping.read_text(encoding="utf-8")
        assert old in text
        self.mapping.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def source(self) -> MessageSource:
        source = open_source(f"messages:///{self.folder}", self.mapping)
        assert isinstance(source, MessageSource)
        return source

    def read(self) -> Extract:
        return self.source().read(UNIT, DAY, "sandbox")
