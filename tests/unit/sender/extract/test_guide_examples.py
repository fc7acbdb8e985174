"""Every example of the guide to the mapping file is read as a mapping reads it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.mapping.field_forms import read_field
from ktt.sender.extract.mapping.model import Table
from ktt.sender.extract.mapping.places import read_record
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import SourceSection
from ktt.sender.extract.mapping.tables import read_tables

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "koblingsfilen.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
TABLES = {f"table.{name}": (name, block) for block in BLOCKS for name in block.get("table", {})}
RECORDS = [block["record"] for block in BLOCKS if "record" in block]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "koder").mkdir()
    lines = "HJSP;15\nTrygghetsalarm;5\n"
    (tmp_path / "koder" / "tjenestetype.csv").write_text(lines, encoding="utf-8")
    return tmp_path / "mapping.toml"


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_read(folder, name):
    table, block = TABLES[name]
    section = Section(folder, "table", block["table"])
    assert read_tables(section, SourceSection())[table].relation
    assert not section.faults


@pytest.mark.parametrize("record", RECORDS, ids=" ".join)
def test_the_records_are_read(folder, record):
    for name, content in record.items():
        for place in [content, *content.get("also", [])]:
            fields = Section(folder, "fields", place.get("fields", {}))
            read = {
                column.name: read_field(fields, column)
                for column in ALL_TYPES[name].columns
                if column.name in fields.content
            }
            assert read.keys() == fields.content.keys()
        if "from" in content or "absent" in content:
            tables = {content.get("from"): Table("t", "", ("id",))}
            assert read_record(name, Section(folder, name, content), tables).record_type == name


def test_the_guide_has_them_all():
    said = {key for block in BLOCKS for table in block.get("table", {}).values() for key in table}
    assert said >= {"name", "key", "where", "latest", "lookup", "fresh", "expect", "since", "reason"}
    places = {key for record in RECORDS for one in record.values() for key in one}
    assert places >= {"from", "fields", "absent", "columns", "also"}
