"""Two packs compared: each change told once, with what it means for one who sends."""

from __future__ import annotations

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ktt.messages.packs.diff.packs import compare_packs
from ktt.messages.register import open_pack

_KTT_V1 = Path(str(files("ktt.messages"))) / "packs" / "ktt_v1"
_DECISION = "KTT_Vedtak.1.json"


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(_KTT_V1, folder)
    return folder


def _diff(folder):
    return compare_packs(open_pack(_KTT_V1), open_pack(folder))


def _edit(folder, change):
    """Change the schema of one record of the decisions, where it stands."""
    path = folder / "schema" / _DECISION
    schema = json.loads(path.read_text(encoding="utf-8"))
    unit = _resolved(schema, schema["items"])
    change(_resolved(schema, _resolved(schema, unit["properties"]["vedtak"])["items"]))
    path.write_text(json.dumps(schema), encoding="utf-8")


def _resolved(schema, inner):
    while "$ref" in inner:
        place = schema
        for name in inner["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        inner = place
    return inner


def _require(record):
    record["required"] = [*record["required"], "sakId"]


def _set(name, **words):
    def change(record):
        record["properties"][name] = record["properties"][name] | words

    return change


def _add(name, *, required):
    def change(record):
        record["properties"][name] = {"type": "string"}
        record["required"] = [*record["required"], name] if required else record["required"]

    return change


def _remove(name):
    def change(record):
        del record["properties"][name]
        record["required"] = [one for one in record["required"] if one != name]

    return change


def _replace(name, schema):
    def change(record):
        record["properties"][name] = schema

    return change


_TEXT = {"type": "string"}
CASES = {
    "required member added": (_add("ny", required=True), ("added", "member", "ny", True)),
    "optional member added": (_add("ny", required=False), ("added", "member", "ny", False)),
    "member removed": (_remove("sakId"), ("removed", "member", "sakId", True)),
    "now required": (_require, ("changed", "obligation", "sakId", True)),
    "shorter": (_set("sakId", maxLength=10), ("changed", "limit", "sakId", True)),
    "longer": (_set("sakId", maxLength=1000), ("changed", "limit", "sakId", False)),
    "another pattern": (_set("sakId", pattern="^[A-Z]+$"), (None, "limit", "sakId", True)),
    "another type": (_set("vedtakNr", type="string"), ("changed", "type", "vedtakNr", True)),
    "one more type": (_set("vedtakNr", type=["integer", "string", "null"]), ("changed", "type", "vedtakNr", False)),
    "another of two types": (_replace("vedtakNr", {"type": ["string", "null"]}), ("changed", "type", "vedtakNr", True)),
    "codes for the first time": (_set("sakId", enum=["A", "B"]), ("added", "codes", "sakId", True)),
    "higher minimum": (_set("vedtakNr", minimum=5), (None, "limit", "vedtakNr", True)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_of_the_schema_is_told_with_its_consequence(name, copy):
    change, (kind, subject, member, breaks) = CASES[name]
    _edit(copy, change)
    found = [
        one
        for one in _diff(copy)
        if one.subject != "condition" and one.place.endswith(f".{member}") and one.subject == subject
    ]
    assert [one.message for one in found] == ["KTT_Vedtak"]
    (told,) = found
    assert kind is None or told.kind == kind
    assert told.is_breaking is breaks
    assert told.consequence.nb
    assert told.consequence.en != told.consequence.nb


def test_a_pack_is_like_itself(copy):
    assert _diff(copy) == []


def test_words_for_people_are_no_change(copy):
    _edit(copy, _set("sakId", description="En annen tekst", title="Sak"))
    assert _diff(copy) == []


def test_codes_that_are_gone_break_and_new_ones_do_not(copy):
    path = copy / "schema" / _DECISION
    text = path.read_text(encoding="utf-8")
    schema = json.loads(text)
    lists = [one for one in _walk(schema) if isinstance(one, dict) and len(one.get("enum", [])) > 5]
    one, other = lists[0]["enum"][0], 998
    lists[0]["enum"] = [*lists[0]["enum"][1:], type(one)(other)]
    path.write_text(json.dumps(schema), encoding="utf-8")
    told = [change for change in _diff(copy) if change.subject == "codes"]
    assert told
    assert all("avvises" in change.consequence.nb for change in told)
    assert all(
        change.is_breaking and change.old == [json.dumps(one)] and change.new == [json.dumps(type(one)(other))]
        for change in told
    )


def _walk(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(inner)


def _pack_file(folder, pattern, replacement):
    path = folder / "pack.toml"
    path.write_text(re.sub(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")


PACK_CASES = {
    "last day": (r"(valid_from = \S+)", r"\1\nvalid_to = 2027-12-31", ("added", "pack", "", "valid_to", True)),
    "first day": ("2026-01-01", "2026-07-01", ("changed", "pack", "", "valid_from", False)),
    "publisher": ('publisher = "[^"]*"', 'publisher = "FHI"', ("changed", "pack", "", "publisher", False)),
    "type gone": (r'\[\[messages\]\]\ntype = "KTT_Diagnose".*', "", ("removed", "message", "KTT_Diagnose", "", True)),
    "version": ('(KTT_Diagnose"\nversion = )"1"', r'\1"2"', ("changed", "version", "KTT_Diagnose", "", True)),
}


@pytest.mark.parametrize("name", PACK_CASES)
def test_a_change_of_the_pack_is_told(name, copy):
    pattern, replacement, expected = PACK_CASES[name]
    _pack_file(copy, pattern, replacement)
    told = [(one.kind, one.subject, one.message, one.place, one.is_breaking) for one in _diff(copy)]
    assert told == [expected]


def test_a_type_that_is_new_is_told_and_breaks_nothing(copy):
    old = copy.with_name("old")
    shutil.copytree(copy, old)
    _pack_file(old, r'\[\[messages\]\]\ntype = "KTT_Diagnose".*', "")
    told = [one for one in compare_packs(open_pack(old), open_pack(copy)) if one.message == "KTT_Diagnose"]
    assert [(one.kind, one.subject, one.is_breaking) for one in told] == [("added", "message", False)]


def test_another_order_of_the_types_breaks(copy):
    path = copy / "pack.toml"
    head, *messages = path.read_text(encoding="utf-8").split("[[messages]]")
    path.write_text(
        "[[messages]]".join([head, *reversed([f"{one.rstrip()}\n\n" for one in messages])]), encoding="utf-8"
    )
    assert [(one.place, one.is_breaking) for one in _diff(copy)] == [("messages", True)]


def test_another_place_of_a_column_is_told_as_a_change_of_the_mapping(copy):
    path = copy / "mapping.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('sakId = "case_id"\n', ""), encoding="utf-8")
    told = [(one.kind, one.subject, one.place, one.old, one.is_breaking) for one in _diff(copy)]
    assert told == [("removed", "mapping", "[].vedtak[].sakId", "decision.case_id", False)]


def test_a_pack_without_a_mapping_is_compared_by_its_schemas(copy):
    (copy / "mapping.toml").unlink()
    assert {(one.kind, one.subject) for one in _diff(copy)} == {("removed", "mapping")}


def test_examples_that_are_others_are_told(copy):
    folder = copy / "examples" / "KTT_Vedtak"
    first = min(path for path in folder.glob("N*.json"))
    first.rename(folder / "N99-another.json")
    told = {(one.kind, one.subject, one.place) for one in _diff(copy)}
    assert told == {("added", "example", "N99-another"), ("removed", "example", first.stem)}
