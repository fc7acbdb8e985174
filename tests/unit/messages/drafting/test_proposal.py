"""A proposal from the schema alone, compared with mappings that were written by hand for packs of unlike shape."""

from __future__ import annotations

import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.drafting.clues.clue import clue_of
from ktt.messages.drafting.clues.outline import Leaf
from ktt.messages.drafting.draft import Draft, draft_mapping
from ktt.messages.drafting.members import match
from ktt.messages.drafting.targets import targets_of
from ktt.messages.drafting.written import as_toml
from ktt.messages.packs.folder import load_pack
from support.draft_measure import measure

_OWN = Path(__file__).parent / "packs"
_SHARED = Path(__file__).parents[3] / "packs"
_SHIPPED = Path(str(files("ktt.messages"))) / "packs"
PACKS = sorted(path.parent for folder in (_OWN, _SHARED, _SHIPPED) for path in folder.glob("*/mapping.toml"))


@pytest.mark.parametrize("folder", PACKS, ids=lambda path: path.name)
def test_nine_of_ten_members_are_placed_rightly_and_the_rest_is_marked(folder):
    found = measure(folder)
    assert found.places > 50
    assert found.share_right >= 0.9, found.not_right
    assert found.share_claimed < 0.02, found.not_right


def test_the_measure_sees_a_wrong_mapping(tmp_path):
    folder = tmp_path / "pack"
    shutil.copytree(_OWN / "flat_records", folder)
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    (folder / "mapping.toml").write_text(text.replace('"case_id"', '"decision_number"'), encoding="utf-8")
    found = measure(folder)
    assert len(found.not_right) == 1
    assert found.wrong_and_claimed == 1


def _message(**members):
    """One unit with a list of decisions that have these members beside those that any record has."""
    text = {"type": "string"}
    record = {"vedtakId": text, "personId": text, "registrert": {"type": "string", "format": "date-time"}} | members
    unit = {"orgnr": text, "kommunenr": text}
    return {
        "type": "object",
        "properties": {
            "enhet": {"type": "object", "properties": unit},
            "vedtak": {"type": "array", "items": {"type": "object", "properties": record}},
        },
    }


def _entries(schema):
    (message,) = draft_mapping([("Vedtak", "1", schema)]).messages
    assert message.reason == ""
    return {member.place: member for _one, member in message.placed}, message


DAYS = [
    ({"type": "string", "format": "date"}, None),
    ({"type": "string", "pattern": r"^\d{2}\.\d{2}\.\d{4}$"}, "%d.%m.%Y"),
    ({"type": "string", "description": "dd.MM.yyyy"}, "%d.%m.%Y"),
    ({"type": "string", "description": "Dag på formen ÅÅÅÅMMDD"}, "%Y%m%d"),
    ({"type": "string", "examples": ["17/05/2024"]}, "%d/%m/%Y"),
    ({"type": "string", "pattern": "^[0-9]{8}$"}, "%Y%m%d"),
    ({"type": "integer", "minimum": 19000101, "maximum": 21001231}, None),
    ({"type": ["string", "null"], "pattern": r"^\d{4}/\d{2}/\d{2}$"}, "%Y/%m/%d"),
]


@pytest.mark.parametrize(("schema", "form"), DAYS)
def test_a_day_is_written_in_the_form_that_the_schema_asks_for(schema, form):
    members, _message_found = _entries(_message(vedtaksdato=schema))
    entry = members["vedtak[].vedtaksdato"].entry
    assert entry["column"] == "decided_on"
    assert entry.get("day") == form


@pytest.mark.parametrize(
    "name",
    [
        "vedtaksdato",
        "vedtaksDato",
        "vedtaks_dato",
        "vedtaks-dato",
        "VedtaksDato",
        "decisionDate",
        "decided_on",
        "datoVedtak",
        "fattet",
        "besluttetDato",
    ],
)
def test_one_column_by_many_names(name):
    members, _message_found = _entries(_message(**{name: {"type": "string", "format": "date"}}))
    assert members[f"vedtak[].{name}"].column == "decided_on"


def test_a_member_that_is_like_nothing_is_left_and_named():
    members, message = _entries(_message(kvalitetsmerke={"type": "string"}))
    assert "vedtak[].kvalitetsmerke" not in members
    assert [leaf.place for leaf in message.left] == ["vedtak[].kvalitetsmerke"]


def test_columns_without_a_member_are_named():
    draft = draft_mapping([("Vedtak", "1", _message())])
    assert "decision.case_id" in draft.columns_left
    assert "decision.decision_id" not in draft.columns_left


def test_what_the_mapping_language_refuses_is_left_as_a_comment():
    days = {
        "type": "array",
        "items": {"type": "object", "properties": {"klageMottatt": {"type": "string", "format": "date"}}},
    }
    schema = _message()
    schema["properties"]["klage"] = days
    (message,) = draft_mapping([("Vedtak", "1", schema)]).messages
    assert message.reason == ""
    assert [bool(one.problem) for one in message.objects if one.at == "klage[]"] == [True]


def test_a_flag_on_the_record_is_a_deletion_where_it_is_true():
    _members, message = _entries(_message(slettet={"type": "boolean"}))
    deletion = [one.entry() for one in message.objects if one.is_deletion]
    assert deletion == [
        {"at": "vedtak[]", "of": "decision", "members": {"vedtakId": "decision_id"}, "where": {"slettet": True}}
    ]


def test_a_deletion_that_is_named_by_no_word_is_the_one_that_is_left():
    schema = _message()
    schema["properties"]["trukket"] = {"type": "array", "items": {"type": "string"}}
    _members, message = _entries(schema)
    assert [(one.at, one.holds) for one in message.objects if one.is_deletion] == [("trukket[]", "decision")]


_TEXT, _DAY = {"type": "string"}, {"type": "string", "format": "date"}
_STRANGE = {
    "merknad": _TEXT,
    "saksbehandlersNavn": _TEXT,
    "kommunenavn": _TEXT,
    "fornavn": _TEXT,
    "fødselsdato": _DAY,
    "kjønn": {"enum": ["1", "2", "9"]},
    "telefon": _TEXT,
    "hastegrad": {"enum": ["A", "B", "C"]},
    "kostnad": {"type": "number"},
    "erTest": {"type": "boolean"},
    "fakturadato": _DAY,
    "firstName": _TEXT,
    "gender": {"enum": ["male", "female"]},
    "costPerHour": {"type": "number"},
    "isUrgent": {"type": "boolean"},
}


def _with_strangers(schema):
    """The schema with members in every larger object that no column is like."""
    if isinstance(schema, list):
        return [_with_strangers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_strangers(held) for name, held in schema.items()}
    if isinstance(properties := found.get("properties"), dict) and len(properties) > 3:
        found["properties"] = _STRANGE | properties
    return found


@pytest.mark.parametrize("folder", PACKS, ids=lambda path: path.name)
def test_members_that_no_column_is_like_are_left_and_change_nothing_else(folder):
    messages = [(one.message_type, one.version, one.self_contained()) for one in load_pack(folder).messages]
    before = draft_mapping(messages).messages
    after = draft_mapping([(name, version, _with_strangers(schema)) for name, version, schema in messages]).messages
    assert sum(len(one.left) for one in after) > 20
    for old, new in zip(before, after, strict=True):
        mine = {(member.place, one.holds, member.column) for one, member in new.placed if member.confidence != "unsure"}
        assert mine - {(member.place, one.holds, member.column) for one, member in old.placed} == set()
        kept = {(member.place, one.holds, member.column) for one, member in new.placed}
        assert {(member.place, one.holds, member.column) for one, member in old.placed} - kept == set()


_NAMES = st.sampled_from(
    [
        "vedtak",
        "tjeneste",
        "fra",
        "til",
        "person",
        "id",
        "stopp1Fra",
        "stopp2Fra",
        "slettet",
        "kode",
        "navn",
        "æ.ø",
        "",
        "[]",
    ]
)
_VALUES = st.sampled_from(
    [
        True,
        False,
        {},
        {"type": "string"},
        {"enum": [1, "a", None, {"b": 1}]},
        {"const": [1]},
        {"type": ["null", "integer"]},
        {"not": {}},
    ]
)
_SCHEMAS = st.recursive(
    _VALUES,
    lambda inner: st.one_of(
        st.dictionaries(_NAMES, inner, max_size=5).map(lambda held: {"type": "object", "properties": held}),
        inner.map(lambda held: {"type": "array", "items": held}),
        st.lists(inner, min_size=1, max_size=3).map(lambda held: {"oneOf": held}),
        inner.map(lambda held: {"items": [held]}),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60)
@given(_SCHEMAS)
def test_any_schema_is_drafted_and_what_is_written_can_be_read(schema):
    if not isinstance(schema, dict):
        schema = {"allOf": [schema]}
    draft = draft_mapping([("Vedtak", "1", schema)])
    written = tomllib.loads(as_toml(draft, "nb"))
    assert set(written["messages"]) <= {"Vedtak"}


def _line(**members):
    """A decision with lines that have these members."""
    schema = _message()
    line = {"tjenesteId": _TEXT, "tjenestetype": {"type": "string"}} | members
    record = schema["properties"]["vedtak"]["items"]["properties"]
    record["linjer"] = {"type": "array", "items": {"type": "object", "required": list(line), "properties": line}}
    return schema


FORMS = [
    ("timerUke", {"type": "string", "pattern": "^[0-9]{1,3},[0-9]{2}$"}, {"column": "hours_per_week", "decimal": ","}),
    ("timerUke", {"type": "number"}, {"column": "hours_per_week"}),
    ("innvilget", {"type": "boolean"}, {"column": "outcome", "codes": {"true": "2", "false": "1"}}),
    ("avslag", {"type": "boolean"}, {"column": "outcome", "codes": {"true": "1", "false": "2"}}),
    ("rullerende", {"type": "boolean"}, {"column": "rotating"}),
    (
        "rullerende",
        {"type": "string", "enum": ["J", "N", ""]},
        {"column": "rotating", "codes": {"J": "1", "N": "2"}, "empty": "text"},
    ),
    ("fraDato", {"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2})?$"}, {"column": "starts_on", "empty": "text"}),
]


@pytest.mark.parametrize(("name", "schema", "entry"), FORMS)
def test_values_are_written_in_the_form_of_the_schema(name, schema, entry):
    members, _message_found = _entries(_line(**{name: schema}))
    assert members[f"vedtak[].linjer[].{name}"].entry == entry


def _situation(**members):
    text, day = {"type": "string"}, {"type": "string", "format": "date"}
    record = {
        "situasjonId": text,
        "personId": text,
        "registrert": {"type": "string", "format": "date-time"},
        "fraDato": day,
    }
    schema = _message()
    schema["properties"]["situasjoner"] = {"type": "array", "items": {"type": "object", "properties": record | members}}
    return schema


def test_numbered_members_for_each_code_have_it_as_their_number():
    needs = {f"deltakelse{number}{name}": _TEXT for number in range(1, 5) for name in ("Behov", "Mottar")}
    (message,) = draft_mapping([("Situasjon", "1", _situation(**needs))]).messages
    (found,) = [one for one in message.objects if one.holds == "participation"]
    assert (found.numbered, found.having) == (4, {"participation_type": "{n}"})


def test_a_list_that_is_named_as_a_code_has_that_code():
    item = {"type": "object", "properties": {"behov": {"enum": ["1", "2", "9"]}, "mottar": {"enum": ["1", "2", "3"]}}}
    (message,) = draft_mapping([("Situasjon", "1", _situation(fritid={"type": "array", "items": item}))]).messages
    (found,) = [one for one in message.objects if one.holds == "participation"]
    assert (found.at, found.having) == ("situasjoner[].fritid[]", {"participation_type": "3"})


def test_a_status_with_a_value_for_withdrawn_is_a_deletion():
    _members, message = _entries(_message(status={"enum": ["NY", "ENDRET", "SLETTET"]}))
    (deletion,) = [one for one in message.objects if one.is_deletion]
    assert deletion.where == {"status": "SLETTET"}


def test_lists_hardly_told_from_something_else_are_not_claimed():
    item = {"type": "object", "properties": {"a": {"type": "string", "format": "date"}, "b": _TEXT}}
    schema = _message()
    schema["properties"]["diverse"] = {"type": "array", "items": item}
    (message,) = draft_mapping([("Vedtak", "1", schema)]).messages
    assert [m.place for _one, m in message.placed if m.place.startswith("diverse") and m.confidence != "unsure"] == []


def test_a_member_that_the_mapping_cannot_carry_is_a_comment_and_the_rest_is_used():
    members, message = _entries(_message(vedtaksdato={"type": "object"}))
    assert members["vedtak[].vedtaksdato"].problem
    (decision,) = [one for one in message.objects if one.holds == "decision"]
    assert "vedtaksdato" not in decision.entry()["members"]
    assert "vedtakId" in decision.entry()["members"]
    text = as_toml(Draft([message], []), "en")
    assert "# vedtaksdato =" in text


def test_members_of_an_object_that_is_hardly_known_are_all_unsure():
    leaf = Leaf(("vedtakId",), "vedtak[].vedtakId", ({"type": "string"},), frozenset({"string"}), required=True)
    for certainty, confidences in ((1.0, {"sure"}), (0.5, {"unsure"})):
        found = match([clue_of(leaf)], targets_of("decision"), [leaf], certainty, "Vedtak")
        assert {one.confidence for one in found.placed} == confidences
