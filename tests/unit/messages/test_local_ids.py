"""Local ids of a message: no national number in any of them, and each id and unit once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from ktt.messages.errors import MessageNotJson
from ktt.messages.local_ids import NATIONAL_NUMBER, NOT_READABLE, STANDS_TWICE, UNIT_TWICE
from ktt.messages.register import find
from ktt.rules.catalogue import catalogue
from ktt.rules.findings import worst
from ktt.rules.rule import Consequence
from ktt.validate.document import ValidationRequest
from ktt.validate.message import message_document
from support.contract_table import table_of, walk

TYPES = ("KTT_Vedtak", "KTT_Tjeneste", "KTT_Personopplysninger", "KTT_Funksjonsvurdering", "KTT_Diagnose")
WRITTEN = ["08844110015", "P-08844110015-X", "088441 10015", "0884-4110015", "08.84.41.10015", "P8844110015P"]


def fullest(message_type: str) -> list[Any]:
    """An example with every id field filled in, and a deletion."""
    version = find(message_type, "1")
    examples = [orjson.loads(one) for name, one in version.examples().items() if name.startswith("N")]
    table = table_of(version)
    having = [one for one in examples if one[0].get(table.list_name)]
    items = max(having, key=lambda one: sum(1 for _ in id_places(one)))[:1]
    items[0][table.delete_list] = [{table.id_field.path: "deleted-1", table.deleted: True}]
    return items


def id_places(found: Any, pointer: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Container, member and pointer of each local id: the members of which the name ends in Id."""
    pairs = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, value in list(pairs):
        if str(name).endswith("Id") and isinstance(value, str):
            yield found, name, f"{pointer}/{name}"
        yield from id_places(value, f"{pointer}/{name}")


PLACES = [(kind, pointer) for kind in TYPES for _, _, pointer in id_places(fullest(kind))]


def test_the_places_are_all_id_fields():
    names = {pointer.rsplit("/", 1)[1] for _, pointer in PLACES}
    fields = {
        "personId",
        "vedtakId",
        "sakId",
        "tjenesteId",
        "personopplysningerId",
        "funksjonsvurderingId",
        "diagnoseId",
    }
    assert fields <= names


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("message_type", "pointer"), PLACES)
def test_a_number_in_any_id_is_found_and_not_shown(message_type: str, pointer: str, written: str):
    items = fullest(message_type)
    for container, name, place in id_places(items):
        if place == pointer:
            container[name] = written
    found = find(message_type, "1").check_local_ids(orjson.dumps(items))
    assert (pointer, NATIONAL_NUMBER) in [(one.pointer, one.keyword) for one in found]
    assert written not in repr(found)


@pytest.mark.parametrize("odd", [" V-1", "V-1 ", "\u00a0", "V\u200b1", "V\u202e1", "V\u03781", "V\u31641"], ids=ascii)
@pytest.mark.parametrize(("message_type", "pointer"), PLACES)
def test_an_id_that_cannot_be_read_is_found_and_rejected(message_type: str, pointer: str, odd: str):
    items = fullest(message_type)
    for container, name, place in id_places(items):
        if place == pointer:
            container[name] = odd
    for written in (orjson.dumps(items), json.dumps(items).encode()):
        found = find(message_type, "1").check_local_ids(written)
        assert (pointer, NOT_READABLE) in [(one.pointer, one.keyword) for one in found]
    assert rejected(message_type, items)


@pytest.mark.parametrize("message_type", TYPES)
def test_letters_of_any_language_are_readable(message_type: str):
    items = fullest(message_type)
    for container, name, _ in id_places(items):
        container[name] = f"Å {container[name]}"
    assert find(message_type, "1").check_local_ids(orjson.dumps(items)) == []
    assert not rejected(message_type, items)


def test_half_a_character_is_no_json():
    written = orjson.dumps(fullest("KTT_Diagnose")).replace(b'"deleted-1"', rb'"deleted-\ud800"')
    with pytest.raises(MessageNotJson):
        find("KTT_Diagnose", "1").check(written)


@pytest.mark.parametrize(("message_type", "pointer"), PLACES)
def test_the_validator_rejects_what_the_receiver_rejects(message_type: str, pointer: str):
    items = fullest(message_type)
    for container, name, place in id_places(items):
        if place == pointer:
            container[name] = "088441 10015"
    assert rejected(message_type, items)


def rejected(message_type: str, items: list[Any]) -> bool:
    request = ValidationRequest(catalogue(), dt.date(2026, 11, 29), type=message_type)
    return worst(message_document("", orjson.dumps(items), request).findings) is Consequence.REJECT_MESSAGE


@pytest.mark.parametrize("message_type", TYPES)
@pytest.mark.parametrize("case", ["both lists", "deleted twice", "record twice", "unit twice", "other mark", "once"])
def test_each_id_and_unit_stands_once(message_type: str, case: str):
    items, table = fullest(message_type), table_of(find(message_type, "1"))
    records, deletions, key = items[0][table.list_name], items[0][table.delete_list], table.id_field.path
    if case in {"both lists", "other mark"}:
        deletions[0] |= {key: records[0][key], table.deleted: case == "both lists"}
    if case == "deleted twice":
        deletions.append(deletions[0])
    if case == "record twice":
        records.append(records[0])
    if case == "unit twice":
        items.append(items[0])
    found = find(message_type, "1").check_local_ids(orjson.dumps(items))
    expected = [] if case == "once" else [UNIT_TWICE if case == "unit twice" else STANDS_TWICE]
    assert [one.keyword for one in found] == expected
    assert rejected(message_type, items) is (case != "once")


def test_an_id_may_stand_in_two_units():
    items = fullest("KTT_Vedtak")
    other = orjson.loads(orjson.dumps(items[0])) | {"orgNr": 312000563}
    assert find("KTT_Vedtak", "1").check_local_ids(orjson.dumps([*items, other])) == []


def test_no_more_than_asked_for():
    items = fullest("KTT_Vedtak")
    items[0]["slettVedtak" if "slettVedtak" in items[0] else table_of(find("KTT_Vedtak", "1")).delete_list] *= 50
    assert len(find("KTT_Vedtak", "1").check_local_ids(orjson.dumps(items), at_most=10)) == 10


def test_an_escape_hides_nothing():
    plain = orjson.dumps(fullest("KTT_Vedtak"))
    person = orjson.loads(plain)[0]["vedtak"][0]["person"]["personId"].encode()
    for old, new in [(b'"personId"', rb'"person\u0049d"'), (b"", b"")]:
        written = plain.replace(b'"' + person + b'"', rb'"\u00308844110015"').replace(old, new, 1) if old else plain
        found = find("KTT_Vedtak", "1").check_local_ids(written)
        assert bool(found) is bool(old)


@pytest.mark.parametrize("message_type", TYPES)
def test_the_names_of_all_id_members_end_alike(message_type: str):
    """The quick look finds local ids by this ending."""
    table = table_of(find(message_type, "1"))
    fields = [*table.person, *(field for _, field in walk(table.body))]
    assert all(field.path.endswith("Id") for field in fields if field.kind == "id")
