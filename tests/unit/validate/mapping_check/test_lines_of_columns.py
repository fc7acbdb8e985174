"""A column that the source does not have is told on the line that reads it: a field, also through a lookup, or what a table says."""

from __future__ import annotations

import pytest

from ktt.sender.extract.errors import ColumnMissing, nearest
from ktt.sender.extract.mapping.file import read_mapping
from ktt.validate.mapping_check.faults import placed
from support.sources_epj import Epj

TABLES = """
[table.sak]
name   = "sak"
key    = ["nr"]
where  = { status = ["A"] }
upper  = ["status2"]
pad    = { kort = 5 }
periods = { of = ["nr"], starts_on = "start" }
"""
LINES = (
    ('key = ["vedtak", "mottatt"]', 'key = ["vedtak", "mottatt"]\nlookup = { sak = { id = "vedtak" } }'),
    ("answered_on = ", 'answered_on = { column = "sak.svar" } #'),
)

# the table, the column that it has not | what stands on the line that is told
MISSING = {
    "a field": ("klage", "mottatt", "received_on ="),
    "a looked-up column": ("sak", "svar", "answered_on ="),
    "a key": ("sak", "nr", "key    ="),
    "a value that counts": ("sak", "status", "where  ="),
    "capitals": ("sak", "status2", "upper  ="),
    "noughts": ("sak", "kort", "pad    ="),
    "a period": ("sak", "start", "periods ="),
    "what a lookup compares": ("sak", "id", "lookup ="),
    "what nobody names": ("sak", "annet", "[table.sak]"),
}


@pytest.mark.parametrize("name", MISSING)
def test_the_line_of_a_missing_column(tmp_path, name):
    epj = Epj(tmp_path)
    for old, new in LINES:
        epj.edit(old, new)
    epj.mapping.write_text(epj.mapping.read_text("utf-8") + TABLES, encoding="utf-8")
    table, column, said = MISSING[name]
    fault = ColumnMissing(query=table, column=column, **nearest(column, []))
    (found,) = placed(epj.mapping, [fault], read_mapping(epj.mapping))
    assert found.line
    assert epj.mapping.read_text("utf-8").splitlines()[found.line - 1].strip().startswith(said)
