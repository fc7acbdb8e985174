"""The JSON Schema of a mapping file: what the reader takes, it takes; what the reader refuses in a file alone, it refuses."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest

from ktt.sender.extract.mapping import errors
from ktt.sender.extract.mapping.editor_schema.schema import mapping_schema
from ktt.sender.extract.mapping.file import examined
from ktt.sender.extract.mapping.section import Section
from ktt.testing.synthetic.record_system.mapping import write_mapping
from support import plain_epj
from support.log_epj import MAPPING
from unit.sender.extract.test_mapping_file import WRONG

JUDGE = jsonschema.Draft7Validator(mapping_schema())

# What only the reader can know: other parts of the file, its folder, the time zones, and the code lists.
UNSEEN = {
    "not TOML", "no such zone", "unknown table", "constant no day", "constant no code", "no code file", "derived field", "kind of number",
    "unknown directive", "day has two months", "month has a clock", "decimals without point", "another kind of source", "looks up nowhere",
}  # fmt: skip


def faults(text):
    return [f"{list(one.path)}: {one.message[:120]}" for one in JUDGE.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_that_editors_know():
    jsonschema.Draft7Validator.check_schema(mapping_schema())
    assert len(json.dumps(mapping_schema())) < 400_000


def test_mappings_of_the_tests_are_taken(epj, tmp_path):
    write_mapping(new_folder(tmp_path))
    absent = "".join(
        f'\n[record.{name}]\nabsent = "registreres ikke"\n'
        for name in ("residence", "appeal", "provider_period", "pause", "circumstances", "participation", "nutrition")
    )
    for text in (
        epj.mapping.read_text("utf-8"),
        (tmp_path / "new" / "mapping.toml").read_text("utf-8"),
        MAPPING + absent,
        plain_epj.mapping(files=False),
        plain_epj.mapping(files=True),
    ):
        assert faults(text) == []


@pytest.mark.parametrize("name", [one for one in WRONG if one not in UNSEEN])
def test_both_refuse_what_is_wrong_in_the_file_alone(epj, name):
    old, new, error, _key = WRONG[name]
    epj.edit(old, new)
    assert type(examined(epj.mapping)[1][0]) is error
    assert faults(epj.mapping.read_text("utf-8"))


def test_derived_fields_are_refused_as_unknown(epj):
    epj.edit('assessment_id = "id"', 'assessment_id = "id"\nhome_municipality = "kommune"')
    assert type(examined(epj.mapping)[1][0]) is errors.FieldDerived
    assert faults(epj.mapping.read_text("utf-8"))


def test_every_key_that_the_reader_knows_is_in_it(epj, monkeypatch, tmp_path):
    known = set()
    monkeypatch.setattr(Section, "allow_only", lambda self, *names: known.update(names))
    write_mapping(new_folder(tmp_path))
    for file in (epj.mapping, tmp_path / "new" / "mapping.toml"):
        examined(file)
    (tmp_path / "log.toml").write_text(MAPPING, encoding="utf-8")
    examined(tmp_path / "log.toml")
    for files in (False, True):
        (tmp_path / "plain.toml").write_text(plain_epj.mapping(files=files), encoding="utf-8")
        examined(tmp_path / "plain.toml")
    assert {"lookup", "distinct", "divide", "day", "columns"} <= known
    assert {"pattern", "among", "drop_max", "absent", "strip"} <= known
    assert not known - names_in(mapping_schema()) - {"home_municipality", "home_district", "person_number_kind"}


def new_folder(tmp_path):
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def names_in(schema):
    if isinstance(schema, list):
        return set().union(*map(names_in, schema))
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})).union(*map(names_in, schema.values()))


@pytest.mark.parametrize(
    ("source", "table", "right"),
    [
        ('kind = "files"\nread_only = true\ncharset = "windows-1252"', 'file = "A_%Y%m%d.csv"', True),
        ('kind = "files"\nread_only = true', 'name = "A"', False),
        ('kind = "files"\nread_only = true\ncharset = "latin1"', 'file = "A.csv"', False),
        ('kind = "sql"\nread_only = true', 'name = "A"\nquery = "SELECT 1"', False),
        ('kind = "sql"\nread_only = true', 'file = "A.csv"', False),
        ('kind = "linjer"\nread_only = true', 'query = "A"', True),
    ],
)
def test_each_kind_of_source_has_its_own_keys(epj, source, table, right):
    text = epj.mapping.read_text("utf-8")
    top = text.index("[source]"), text.index("[record.")
    made = f'{text[: top[0]]}[source]\n{source}\n[table.A]\n{table}\nkey = ["id"]\n{text[top[1] :]}'
    assert (faults(made) == []) is right, faults(made)


def test_messages_have_no_tables():
    head = 'mapping = "ktt/1"\nname = "m"\ntimezone = "Europe/Oslo"\n[source]\nkind = "messages"\nread_only = true\nfile = "%Y.json"\npacks = ["ktt_v1"]\n'
    assert faults(head) == []
    assert faults(head + "[table]\n[record]\n")
