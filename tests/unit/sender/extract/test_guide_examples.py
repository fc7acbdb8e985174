"""Every example of the guide to the mapping file is read as a mapping reads it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ktt.core.errors import KttError
from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.mapping.field_forms import CHOSEN_OF, FORM_OF, read_field
from ktt.sender.extract.mapping.model import Table
from ktt.sender.extract.mapping.places import read_record
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import SourceSection
from ktt.sender.extract.mapping.tables import TABLE_KEYS, read_tables
from ktt.sender.extract.mapping.values.template import is_well_formed

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


PROBLEMS = TEXT.partition("\n## Fra problem til nøkkel")[2]
ANSWERS = [
    span
    for line in PROBLEMS.splitlines()
    if line.startswith("| ") and line.count("|") == 3
    for span in re.findall(r"`([^`]+)`", line.split("|")[2])
    if "=" in span and "…" not in span
]
FIELD_KEYS = {"column", "or", "empty", "where", *FORM_OF, *CHOSEN_OF}


def content_of(span):
    """What is written, whether it is some keys, a table or a key with a field."""
    return tomllib.loads(f"x = {span}" if span.startswith("{") else f"x = {{ {span} }}")["x"]


def field_faults(folder, content):
    """The fewest faults that any field has with it."""
    found = []
    for column in {column.kind: column for kind in ALL_TYPES.values() for column in kind.columns}.values():
        section = Section(folder, "fields", {column.name: content})
        try:
            read_field(section, column)
        except KttError as fault:
            section.faults.append(fault)
        found.append(section.faults)
    return min(found, key=len)


@pytest.mark.parametrize("span", ANSWERS)
def test_what_is_written_for_a_problem_can_be_read(folder, span):
    content = content_of(span)
    if set(content) <= FIELD_KEYS and not (
        set(content) <= set(TABLE_KEYS) and any(isinstance(one, dict) for one in content.values())
    ):
        of_field = content if {"column", *CHOSEN_OF} & set(content) else {"column": "KOLONNE", **content}
        if not field_faults(folder, of_field):
            return
    if set(content) <= set(TABLE_KEYS):
        others = {
            its["table"] if isinstance(its.get("on"), dict) else name
            for key in ("lookup", "with", "without")
            for name, its in content.get(key, {}).items()
        }
        tables = {name: {"name": name, "key": ["NR"]} for name in ("T", *others)}
        tables["T"] |= content
        section = Section(folder, "table", tables)
        read_tables(section, SourceSection())
        assert section.faults == []
        return
    ((name, value),) = content.items()
    if name in {"null", "distinct", "n"}:
        return
    if name.isupper():  # what a table is looked up by
        assert is_well_formed(value)
        return
    (column,) = {
        column for kind in ALL_TYPES.values() for column in kind.columns if column.name == name and column.kind
    }
    section = Section(folder, "fields", {name: value})
    read_field(section, column)
    assert section.faults == []


def test_there_are_many_answers():
    assert len(ANSWERS) > 40
