"""What every pack must keep: each field mapped, each canonical column carried or listed as dropped, each example true."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema
import pytest

from ktt.domain.glossary import for_field
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.messages import hundredths
from ktt.messages.errors import MessageNotJson
from ktt.messages.register import pack, register_of
from ktt.messages.strict_json import REASONS, examine
from ktt.validate.message import message_document
from ktt.validate.rule_selection import validation_request
from support.contract_table import table_of, walk
from support.fault_places import places_of

VERSIONS = pack()
each_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.message_type)
EXAMPLES = [
    pytest.param(version, name, content, id=f"{version.message_type}-{name}")
    for version in VERSIONS
    for name, content in version.examples().items()
]
FITTING = [example for example in EXAMPLES if example.values[1].startswith("N")]
BREAKING = [example for example in EXAMPLES if example.values[1].startswith("F")]


def _expected(version, name):
    return json.loads(version.expectations()[name])


@pytest.mark.parametrize(("version", "name", "content"), FITTING)
def test_a_fitting_example_fits_and_survives_a_round_trip(version, name, content):
    assert version.check(content) == []
    for batch in version.read(content):
        again = version.assemble(batch.unit, batch.deletions, version.encode(batch.unit, batch.records))
        assert version.check(again) == []
        (second,) = version.read(again)
        assert second.deletions == batch.deletions
        for kind, frame in batch.records.items():
            assert frame.sort(frame.columns).equals(second.records[kind].sort(frame.columns))


@pytest.mark.parametrize(("version", "name", "content"), BREAKING)
def test_a_breaking_example_breaks_one_thing(version, name, content):
    expected = _expected(version, name)
    if "reason" in expected:
        with pytest.raises(MessageNotJson) as caught:
            version.check(content)
        assert caught.value.facts == expected
        assert expected["reason"] in REASONS
    else:
        faults = version.check(content)
        assert [{"pointer": fault.pointer, "keyword": fault.keyword} for fault in faults] == [expected]
        assert all(says.endswith((".", "?")) for fault in faults for says in (fault.says.nb, fault.says.en))


TODAY = dt.date(2026, 12, 1)


def _instant(value):
    return not isinstance(value, str) or value[10:11] == "T"


@pytest.fixture(scope="module")
def second_opinions():
    """The same schemas in another validator."""
    formats = jsonschema.FormatChecker()
    formats.checks("date-time")(_instant)
    return {
        version.message_type: jsonschema.Draft202012Validator(json.loads(version.schema), format_checker=formats)
        for version in VERSIONS
    }


@pytest.mark.parametrize(("version", "name", "content"), EXAMPLES)
def test_two_validators_agree(version, name, content, second_opinions):
    if "reason" in (_expected(version, name) if name.startswith("F") else {}):
        return
    errors = list(second_opinions[version.message_type].iter_errors(json.loads(content)))
    faults = version.check(content)
    mine = {(fault.pointer, fault.keyword) for fault in faults if fault.keyword != hundredths.KEYWORD}
    theirs = {(place, error.validator) for error in errors for place in places_of(error)}
    assert mine <= theirs  # the other one names every keyword that a value breaks, ours the first
    assert {place for place, _ in mine} == {place for place, _ in theirs}


@each_version
def test_every_schema_is_a_schema(version):
    jsonschema.Draft202012Validator.check_schema(json.loads(version.schema))


@each_version
def test_every_column_is_carried_or_dropped_with_a_reason(version):
    carried = {f"{owner}.{column}" for owner, column in version.places().values()}
    for kind in version.record_types:
        carried |= {f"{part.name}.{part.parent_key}" for part in kind.parts}  # a part stands in its record
    carried.add("recipient.person_number_kind")  # carried by which of the three numbers is filled
    carried |= {f"{kind.name}.local_person_id" for kind in version.record_types}
    owners = [one for kind in (*version.record_types, RECIPIENT) for one in (kind, *kind.parts) if not one.source_only]
    wanted = {f"{owner.name}.{column.name}" for owner in owners for column in owner.columns}
    assert wanted - carried - set(register_of().packs[0].mapping.dropped) == set()


def test_a_pack_carries_every_type_in_travel_order():
    assert [version.carriers for version in pack()] == [(root,) for root in ROOTS]


def _places(shape, prefix=""):
    """Every place of a schema, by its path."""
    for name, inner in shape.get("properties", {}).items():
        yield prefix + name
        nested = inner.get("items", inner)
        yield from _places(nested, f"{prefix}{name}{'[].' if 'items' in inner else '.'}")


@each_version
def test_every_field_of_every_schema_has_a_glossary_row(version):
    places = list(_places(json.loads(version.schema)["items"]))
    person = f"{table_of(version).list_name}[].{table_of(version).person_path}."
    shared = [place.replace(person, f"{table_of(version).person_path}.") for place in places]
    assert len(places) > 10
    assert [place for place in shared if for_field(place) is None] == []


@each_version
def test_the_glossary_names_the_column_that_carries_the_field(version):
    for place, field in walk(table_of(version).body, f"{table_of(version).list_name}[]."):
        term = for_field(place)
        assert term.code.rsplit(".", 1)[-1] == field.column


@each_version
def test_there_are_examples_of_each_kind(version):
    names = list(version.examples())
    assert sum(name.startswith("N") for name in names) >= 8
    assert sum(name.startswith("F") for name in names) >= 19


@pytest.mark.parametrize(("version", "name", "content"), FITTING)
def test_examples_hold_synthetic_persons_only(version, name, content):
    for unit in examine(content):
        for record in unit.get(table_of(version).list_name) or []:
            number = record["person"].get("fodselsNr") or record["person"].get("dNr")
            assert number is None or 81 <= int(f"{number:011}"[2:4]) <= 92


@pytest.mark.parametrize(("version", "name", "content"), FITTING)
def test_a_fitting_example_has_no_findings_today_or_later(version, name, content):
    """So that the first thing a developer tries is right, also next year. A person without a number is noted each time."""
    for day in (TODAY, TODAY.replace(year=TODAY.year + 5)):
        found = message_document(
            name, content, validation_request(day, message=(version.message_type, version.version))
        )
        assert set(found.findings["rule"]) <= ({"KTT-PERSON-02"} if name == "N06-no-identity" else set())
