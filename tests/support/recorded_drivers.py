"""Stand-ins for the drivers of SQL Server and Oracle, for no such server can run here.

A driver is asked through the DB-API. The stand-in writes down every statement in order, answers those about the server as
their documentation says, and gives the record system's own queries to SQLite.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ktt.sender.extract.sources.drivers import mssql

SERVER = ("SET ", "ALTER ", "BEGIN", "ROLLBACK")


class Recorder:
    """What was asked of a driver; `answers` are its answers to statements that SQLite cannot answer."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.statements: list[str] = []
        self.options: list[dict[str, Any]] = []
        self.connected: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, list[tuple[Any, ...]]] = {mssql.SNAPSHOT: [(1,)], mssql.MAY_WRITE: [(0,)]}
        self.types: dict[str, object] = {}
        self.closed = 0

    def module(self, name: str) -> ModuleType:
        module = ModuleType(name)
        module.Error = sqlite3.Error
        module.DB_TYPE_TIMESTAMP_TZ, module.DB_TYPE_TIMESTAMP_LTZ = "timestamp tz", "timestamp ltz"
        module.pooling = lambda **options: self.options.append(options)
        module.connect = self.connect
        return module

    def connect(self, *given: Any, **options: Any) -> Connection:
        self.connected.append((given, options))
        return Connection(self)

    def install(self, monkeypatch: pytest.MonkeyPatch, name: str) -> Recorder:
        monkeypatch.setitem(sys.modules, name, self.module(name))
        return self


class Connection:
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.lite = sqlite3.connect(recorder.file)

    def cursor(self) -> Cursor:
        return Cursor(self.recorder, self.lite.cursor())

    def close(self) -> None:
        self.recorder.closed += 1
        self.lite.close()


class Cursor:
    def __init__(self, recorder: Recorder, lite: sqlite3.Cursor) -> None:
        self.recorder, self.lite = recorder, lite
        self.rows: list[tuple[Any, ...]] | None = None

    def execute(self, statement: str, **options: Any) -> Cursor:
        self.recorder.statements.append(statement)
        self.recorder.options.append(options)
        self.rows = self.recorder.answers.get(statement)
        if self.rows is None and not statement.startswith(SERVER):
            self.lite.execute(statement)
        return self

    @property
    def description(self) -> list[tuple[Any, ...]]:
        return [(column[0], self.recorder.types.get(column[0])) for column in self.lite.description]

    def fetchone(self) -> tuple[Any, ...] | None:
        return self.rows[0] if self.rows is not None else self.lite.fetchone()

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows if self.rows is not None else self.lite.fetchall()

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        if self.rows is None:
            return self.lite.fetchmany(size)
        given, self.rows = self.rows, []
        return given

    def close(self) -> None:
        self.lite.close()
