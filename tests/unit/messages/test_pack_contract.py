"""What every pack must keep: each field mapped, each canonical column carried or listed as dropped, each example true."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import message_schemas
import pytest

from ktt.domain.glossary import for_field
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.messages import hundredths
from ktt.messages.errors import MessageNotJson
from ktt.messages.register import PACKS, pack
from ktt.messages.strict_json import REASONS, examine
from ktt.messages.table import dropped_columns, walk

VERSIONS = [(package, version) for name, package in PACKS.items() for version in pack(name)]
each_version = pytest.mark.parametrize(("package", "version"), VERSIONS, ids=lambda v: getattr(v, "message_type", ""))
EXAMPLES = [
    pytest.param(package, version, name, content, id=f"{version.message_type}-{name}")
    for package, version in VERSIONS
    for name, content in version.examples().items()
]
FITTING = [example for example in EXAMPLES if example.values[2].startswith("N")]
BREAKING = [example for example in EXAMPLES if example.values[2].startswith("F")]


def _expected(package, version, name):
    return json.loads((files(package) / "examples" / version.message_type / f"{name}.expects.json").read_bytes())


@pytest.mark.parametrize(("package", "version", "name", "content"), FITTING)
def test_a_fitting_example_fits_and_survives_a_round_trip(package, version, name, content):
    assert version.check(content) == []
    for batch in version.read(content):
        again = version.assemble(batch.unit, batch.deletions, version.encode(batch.unit, batch.records))
        assert version.check(again) == []
        (second,) = version.read(again)
        assert second.deletions == batch.deletions
        for kind, frame in batch.records.items():
            assert frame.sort(frame.columns).equals(second.records[kind].sort(frame.columns))


@pytest.mark.parametrize(("package", "version", "name", "content"), BREAKING)
def test_a_breaking_example_breaks_one_thing(package, version, name, content):
    expected = _expected(package, version, name)
    if "reason" in expected:
        with pytest.raises(MessageNotJson) as caught:
            version.check(content)
        assert caught.value.facts == expected
        assert expected["reason"] in REASONS
    else:
        faults = version.check(content)
        assert [{"pointer": fault.pointer, "keyword": fault.keyword} for fault in faults] == [expected]
        assert all(fault.says.endswith(".") for fault in faults)


def _instant(value):
    return not isinstance(value, str) or value[10:11] == "T"


@pytest.fixture(scope="module")
def second_opinions():
    """The same schemas in another validator."""
    formats = jsonschema.FormatChecker()
    formats.checks("date-time")(_instant)
    return {
        version.message_type: jsonschema.Draft202012Validator(json.loads(version.schema), format_checker=formats)
        for _, version in VERSIONS
    }


@pytest.mark.parametrize(("package", "version", "name", "content"), EXAMPLES)
def test_two_validators_agree(package, version, name, content, second_opinions):
    if "reason" in (_expected(package, version, name) if name.startswith("F") else {}):
        return
    errors = list(second_opinions[version.message_type].iter_errors(json.loads(content)))
    faults = version.check(content)
    mine = {(fault.pointer, fault.keyword) for fault in faults if fault.keyword != hundredths.KEYWORD}
    theirs = {("".join(f"/{step}" for step in error.absolute_path), error.validator) for error in errors}
    assert mine <= theirs  # the other one names every keyword that a value breaks, ours the first
    assert {place for place, _ in mine} == {place for place, _ in theirs}


@each_version
def test_every_schema_is_a_schema(package, version):
    jsonschema.Draft202012Validator.check_schema(json.loads(version.schema))


@pytest.mark.parametrize("package", PACKS.values())
def test_the_schema_files_are_what_the_fields_say(package):
    """When this fails: `python tools/message_schemas.py`, and look at the difference."""
    folder = files(package) / "schema"
    on_disk = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".json")}
    assert on_disk == message_schemas.schema_files(package)


@each_version
def test_every_column_is_carried_or_dropped_with_a_reason(package, version):
    carried = {f"{version.record_type.name}.{field.column}" for field in version.table.body.fields}
    for _, field in walk(version.table.body):
        if field.part is not None:
            inner = field.part.record_type
            carried |= {f"{inner.name}.{f.column}" for f in field.part.fields} | {f"{inner.name}.{inner.parent_key}"}
    for owner in (version.record_type, RECIPIENT):
        carried |= {f"{owner.name}.{field.column}" for field in version.table.person}
    carried.add("recipient.person_number_kind")  # carried by which of the three numbers is filled
    owners = [version.record_type, *version.record_type.parts, RECIPIENT]
    wanted = {f"{owner.name}.{column.name}" for owner in owners for column in owner.columns}
    assert wanted - carried - set(dropped_columns(package)) == set()


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_carries_every_type_in_travel_order(name):
    assert [version.record_type for version in pack(name)] == list(ROOTS)


def _places(shape, prefix=""):
    """Every place of a schema, by its path."""
    for name, inner in shape.get("properties", {}).items():
        yield prefix + name
        nested = inner.get("items", inner)
        yield from _places(nested, f"{prefix}{name}{'[].' if 'items' in inner else '.'}")


@each_version
def test_every_field_of_every_schema_has_a_glossary_row(package, version):
    places = list(_places(json.loads(version.schema)["items"]))
    person = f"{version.table.list_name}[].{version.table.person_path}."
    shared = [place.replace(person, f"{version.table.person_path}.") for place in places]
    assert len(places) > 10
    assert [place for place in shared if for_field(place) is None] == []


@each_version
def test_the_glossary_names_the_column_that_carries_the_field(package, version):
    for place, field in walk(version.table.body, f"{version.table.list_name}[]."):
        term = for_field(place)
        assert term.code.rsplit(".", 1)[-1] == field.column


@each_version
def test_there_are_examples_of_each_kind(package, version):
    names = list(version.examples())
    assert sum(name.startswith("N") for name in names) >= 8
    assert sum(name.startswith("F") for name in names) >= 19


@pytest.mark.parametrize(("package", "version", "name", "content"), FITTING)
def test_examples_hold_synthetic_persons_only(package, version, name, content):
    for unit in examine(content):
        for record in unit.get(version.table.list_name) or []:
            number = record["person"].get("fodselsNr") or record["person"].get("dNr")
            assert number is None or 81 <= int(f"{number:011}"[2:4]) <= 92
