"""Writes the mapping file of the synthetic record system and its code files, as a vendor would write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system.formats import local_codes
from ktt.testing.synthetic.record_system.tables import TABLES, Column

_HEAD = """# Mapping of the synthetic record system to the canonical records (format ktt/1).
mapping  = "ktt/1"
name     = "syntetisk-epj"
timezone = "Europe/Oslo"

[source]
kind      = "sql"
read_only = true
unit      = { query = "SELECT orgnr, kommunenr FROM installasjon" }

[complete]
count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }
"""
_CODES_HEAD = "lokal kode;Volven-kode;gyldig fra;gyldig til;merknad"


def write_mapping(folder: Path) -> None:
    """Write `mapping.toml` and `koder/*.csv` into a folder."""
    (folder / "mapping.toml").write_text("\n".join([_HEAD, *_tables(), *_records()]), encoding="utf-8")
    codes = folder / "koder"
    codes.mkdir()
    for name, lines in _code_files().items():
        (codes / f"{name}.csv").write_text("\n".join([_CODES_HEAD, *lines, ""]), encoding="utf-8")


def _tables() -> Iterator[str]:
    for table in TABLES:
        keys = ", ".join(f'"{key}"' for key in table.keys)
        yield f"[table.{table.name}]"
        yield f'query  = "SELECT {", ".join(table.names)} FROM {table.name}"'  # noqa: S608 (names of our own)
        yield f"key    = [{keys}]"
        yield f'expect = {{ rows_min = {1 if table is TABLES[0] else 0}, drop_max = "20%" }}\n'


def _records() -> Iterator[str]:
    for table in TABLES:
        yield f'[record.{table.record}]\nfrom = "{table.name}"\n\n[record.{table.record}.fields]'
        yield from (_field(c) for c in table.columns if (table, c.field) not in _NOT_CANONICAL)
        yield ""


_NOT_CANONICAL = {(TABLES[0], "born_on"), (TABLES[0], "sex")}
"""Fields that the record system has and a message does not."""


def _field(column: Column) -> str:
    source = f'{{ column = "{column.name}", {column.form.mapped} }}' if column.form.mapped else f'"{column.name}"'
    return f"{column.field} = {source}"


def _code_files() -> Mapping[str, list[str]]:
    files = {name: [f"{ours};{volven};;;" for ours, volven in codes.items()] for name, codes in local_codes().items()}
    types = [f"{s.local};{s.code};{s.first or ''};{s.last or ''};{s.note}" for s in load_profile().service]
    return files | {"tjenestetype": types}
