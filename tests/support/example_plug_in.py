"""The manual's plug-in of the group `ktt.sources`, installed as a distribution for one test."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from pathlib import Path

import pytest

from support.sources_epj import Epj
from support.sources_files import COUNT, SQL_SOURCE

MANUAL = Path(__file__).parents[2] / "docs/how-to/kilder.md"
CODE = re.findall(r"```python\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)[0]


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str = CODE, name: str = "ktt_linjer") -> None:
    """Put the module and the distribution's description on the path, as an installer does."""
    described = folder / f"{name}-1.0.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (described / "entry_points.txt").write_text(f"[ktt.sources]\nlinjer = {name}:open_lines\n", encoding="utf-8")
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, name, raising=False)


def write_lines(epj: Epj) -> str:
    """The record system as such files, its mapping changed to them; the address."""
    folder = epj.folder / "linjer"
    folder.mkdir()
    with sqlite3.connect(epj.folder / "epj.sqlite") as lite:
        lite.row_factory = sqlite3.Row
        for (table,) in lite.execute("SELECT name FROM sqlite_master").fetchall():
            rows = lite.execute(f"SELECT * FROM {table}").fetchall()
            texts = [{name: None if row[name] is None else str(row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118
            (folder / f"{table}.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in texts), encoding="utf-8")
    lite.close()
    source = 'kind = "linjer"\nread_only = true\nunit = { query = "installasjon" }'
    epj.edit(SQL_SOURCE, source).edit(COUNT, "equal_reads = { pause_seconds = 1 }")
    text = epj.mapping.read_text(encoding="utf-8").replace('query = "SELECT * FROM ', 'query = "')
    epj.mapping.write_text(text, encoding="utf-8")
    return f"linjer:///{folder}"
