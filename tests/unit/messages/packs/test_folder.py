"""A pack is a folder: what it says is what is read, and a bad one gives one clear error and changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ktt.core.errors import KttError
from ktt.messages import register
from ktt.messages.packs import errors
from ktt.messages.packs import folder as pack_folder
from ktt.messages.packs.folder import examples, expectations, load_pack

KTT_V1 = Path(str(files("ktt.messages"))) / "packs" / "ktt_v1"
HEAD = 'name = "p"\npublisher = "P"\nvalid_from = 2026-01-01\n'
ROW = '[[messages]]\ntype = "A"\nversion = "1"\nschema = "schema/A.json"\n'
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def folder(base, toml=HEAD + ROW, **schemas):
    """A pack's folder; a schema is JSON, text or bytes."""
    (base / "schema").mkdir(parents=True)
    if toml is not None:
        (base / "pack.toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    for name, schema in ({"A": SCHEMA} | schemas).items():
        content = schema if isinstance(schema, (bytes, str)) else json.dumps(schema)
        (base / "schema" / f"{name}.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    return base


def use(pack_at):
    """All that has to hold of a pack before a message of it is taken."""
    for message in load_pack(pack_at).messages:
        message.self_contained()


def content(base):
    return {path: path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


def test_ktt_v1_has_its_five_versions_in_travel_order():
    pack = load_pack(KTT_V1)
    shipped = register.pack("ktt_v1")
    assert [(m.message_type, m.version) for m in pack.messages] == [(m.message_type, m.version) for m in shipped]
    assert [message.schema for message in pack.messages] == [message.schema for message in shipped]
    assert (pack.name, pack.valid_from, pack.valid_to) == ("ktt_v1", dt.date(2026, 1, 1), None)
    assert [examples(message) for message in pack.messages] == [version.examples() for version in shipped]
    for message in pack.messages:
        assert set(expectations(message)) == {name for name in examples(message) if name[0] == "F"}


@pytest.mark.parametrize("message", load_pack(KTT_V1).messages, ids=lambda message: message.message_type)
def test_a_schema_without_references_is_what_its_file_says(message):
    said = json.loads(message.schema)
    del said["$id"]
    assert message.self_contained() == said


def test_a_pack_is_what_its_file_says(tmp_path):
    rows = ROW + ROW.replace('"1"', '"2"') + ROW.replace('"A"', '"B-2"')
    base = folder(tmp_path / "p", HEAD + "valid_to = 2027-12-31\n" + rows)
    (base / "mapping.toml").write_text("")
    pack = load_pack(base)
    assert [(m.message_type, m.version) for m in pack.messages] == [("A", "1"), ("A", "2"), ("B-2", "1")]
    assert (pack.publisher, pack.valid_to) == ("P", dt.date(2027, 12, 31))
    assert pack.mapping_path == (base / "mapping.toml").resolve()
    assert pack.messages[0].schema_path.read_bytes() == pack.messages[0].schema
    assert examples(pack.messages[0]) == {}


def test_versions_of_one_type_may_have_examples_of_their_own(tmp_path):
    base = folder(tmp_path / "p", HEAD + ROW + ROW.replace('"1"', '"2"'))
    for name in ("A", "A.2"):
        (base / "examples" / name).mkdir(parents=True)
        (base / "examples" / name / f"N1-{name}.json").write_text("{}")
    one, two = load_pack(base).messages
    assert (list(examples(one)), list(examples(two))) == (["N1-A"], ["N1-A.2"])


@pytest.mark.parametrize(
    ("file", "schema", "named"),
    [
        ("KTT_Vedtak.1.json", {}, ("KTT_Vedtak", "1")),
        ("KTT_Vedtak-2.json", {}, ("KTT_Vedtak", "2")),
        ("KTT_Vedtak_v3.json", {}, ("KTT_Vedtak", "3")),
        ("vedtak-1.0.2.schema.json", {}, ("vedtak", "1.0.2")),
        ("Vedtak.V2.json", {}, ("Vedtak", "2")),
        ("vedtak.json", {"title": "KTT_Vedtak 4"}, ("KTT_Vedtak", "4")),
        ("vedtak.json", {"title": "Melding om vedtak 4"}, ("vedtak", "1")),
        ("vedtak.json", {"$id": "urn:fhi:KTT_Vedtak:5"}, ("KTT_Vedtak", "5")),
        ("vedtak.json", {"$id": "https://fhi.example/skjema/Vedtak-6.schema.json"}, ("Vedtak", "6")),
        ("vedtak.json", {"title": 7}, ("vedtak", "1")),
        ("Melding om økonomi.json", {}, ("Melding_om_konomi", "1")),
    ],
)
def test_a_schema_alone_is_a_message_type_named_by_its_file(tmp_path, file, schema, named):
    base = tmp_path / "from fhi"
    base.mkdir()
    (base / file).write_text(json.dumps(schema))
    pack = load_pack(base)
    (message,) = pack.messages
    assert (message.message_type, message.version) == named
    assert (pack.name, pack.publisher, pack.valid_from) == ("from_fhi", None, None)


def test_schemas_alone_are_taken_in_the_order_of_their_names(tmp_path):
    base = folder(tmp_path / "p", None, A=SCHEMA, C=SCHEMA, felles={"$defs": {"x": {}}})
    (base / "B.json").write_text("{}")
    assert [message.message_type for message in load_pack(base).messages] == ["A", "B", "C"]


def test_the_digest_changes_with_anything_in_the_folder(tmp_path):
    base = folder(tmp_path / "p")
    first = load_pack(base).digest
    moved = shutil.copytree(base, tmp_path / "moved")
    assert load_pack(moved).digest == first
    (moved / "CHANGELOG.md").write_text("x")
    assert load_pack(moved).digest != first
    (base / "schema/A.json").rename(base / "schema/B.json")
    shutil.copy(base / "schema/B.json", base / "schema/A.json")
    assert load_pack(base).digest != first


def pattern(text):
    return {"A": {"properties": {"a": {"pattern": text}}}}


def defs(reference="#/$defs/a", **named):
    return {"A": {"$defs": named, "properties": {"x": {"$ref": reference}}}}


def doubled(levels):
    """Definitions of which each uses the one before it ten times."""
    first = {"d0": {"type": "string"}}
    return first | {
        f"d{n}": {"properties": {f"m{k}": {"$ref": f"#/$defs/d{n - 1}"} for k in range(10)}} for n in range(1, levels)
    }


def nested(levels):
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


BAD = {  # name: the error, pack.toml, the schemas
    "empty file": (errors.PackFileWrong, "", {}),
    "not TOML": (errors.PackNotToml, "name = ", {}),
    "not UTF-8": (errors.PackNotToml, b'name = "\xff"', {}),
    "a key twice": (errors.PackNotToml, HEAD + 'name = "q"\n' + ROW, {}),
    "unknown key": (errors.PackFileWrong, HEAD + "colour = 1\n" + ROW, {}),
    "unknown key of a message": (errors.PackFileWrong, HEAD + ROW + "colour = 1\n", {}),
    "no name": (errors.PackFileWrong, HEAD.replace("name", "# name") + ROW, {}),
    "no version": (errors.PackFileWrong, HEAD + ROW.replace("version", "# version"), {}),
    "no messages": (errors.PackFileWrong, HEAD, {}),
    "an empty list of messages": (errors.PackFileWrong, HEAD + "messages = []", {}),
    "name a number": (errors.PackFileWrong, HEAD.replace('"p"', "1") + ROW, {}),
    "name with a slash": (errors.PackFileWrong, HEAD.replace('"p"', '"p/q"') + ROW, {}),
    "publisher with a line break": (errors.PackFileWrong, HEAD.replace('"P"', '"P\\n"') + ROW, {}),
    "type with dots": (errors.PackFileWrong, HEAD + ROW.replace('"A"', '"../A"'), {}),
    "version with a space": (errors.PackFileWrong, HEAD + ROW.replace('"1"', '"1 a"'), {}),
    "version a number": (errors.PackFileWrong, HEAD + ROW.replace('"1"', "1"), {}),
    "first day no day": (errors.PackFileWrong, HEAD.replace("2026-01-01", '"soon"') + ROW, {}),
    "first day an instant": (errors.PackFileWrong, HEAD.replace("2026-01-01", "2026-01-01T00:00:00Z") + ROW, {}),
    "last day before the first": (errors.PackFileWrong, HEAD + "valid_to = 2025-12-31\n" + ROW, {}),
    "messages a table": (errors.PackFileWrong, HEAD + "[messages]\na = 1", {}),
    "the same message twice": (errors.PackMessageTwice, HEAD + ROW + ROW, {}),
    "schema outside": (errors.PackPathOutside, HEAD + ROW.replace("schema/A", "../A"), {}),
    "schema at the root": (errors.PackPathOutside, HEAD + ROW.replace("schema/A.json", "/etc/passwd"), {}),
    "schema with a NUL": (errors.PackFileWrong, HEAD + ROW.replace("schema/A", "schema/\\u0000"), {}),
    "schema not there": (errors.PackFileUnreadable, HEAD + ROW.replace("schema/A", "schema/B"), {}),
    "schema a folder": (errors.PackFileUnreadable, HEAD + ROW.replace("schema/A.json", "schema"), {}),
    "schema too large": (errors.PackTooLarge, HEAD + ROW, {"A": " " * (5 << 20)}),
    "schema not JSON": (errors.SchemaNotJson, HEAD + ROW, {"A": "<xs:schema/>"}),
    "schema empty": (errors.SchemaNotJson, HEAD + ROW, {"A": ""}),
    "schema in Latin-1": (errors.SchemaNotJson, HEAD + ROW, {"A": '{"title": "Økt"}'.encode("latin-1")}),
    "schema with half a character": (errors.SchemaNotJson, HEAD + ROW, {"A": '{"title": "\\ud800"}'}),
    "schema with a name twice": (errors.SchemaNotJson, HEAD + ROW, {"A": '{"type": "object", "type": "array"}'}),
    "schema with NaN": (errors.SchemaNotJson, HEAD + ROW, {"A": '{"maximum": NaN}'}),
    "schema with 1e999": (errors.SchemaNotJson, HEAD + ROW, {"A": '{"maximum": 1e999}'}),
    "schema a list": (errors.SchemaInvalid, HEAD + ROW, {"A": []}),
    "schema true": (errors.SchemaInvalid, HEAD + ROW, {"A": "true"}),
    "schema that is no schema": (errors.SchemaInvalid, HEAD + ROW, {"A": {"type": "thing"}}),
    "schema wrong deep inside": (errors.SchemaInvalid, HEAD + ROW, {"A": {"properties": {"a": {"minLength": -1}}}}),
    "draft 04": (
        errors.SchemaDraftUnknown, HEAD + ROW, {"A": {"$schema": "http://json-schema.org/draft-04/schema#"}}
    ),
    "draft no text": (errors.SchemaDraftUnknown, HEAD + ROW, {"A": {"$schema": 7}}),
    "drafts mixed": (
        errors.SchemaDraftUnknown, HEAD + ROW,
        {"A": {"$ref": "B.json"}, "B": {"$schema": "http://json-schema.org/draft-07/schema#"}},
    ),
    "nested too deep": (errors.SchemaTooLarge, HEAD + ROW, {"A": nested(150)}),
    "nested beyond any parser": (errors.SchemaTooLarge, HEAD + ROW, {"A": '{"not":' * 50_000}),
    "more levels than are written out": (errors.SchemaTooLarge, HEAD + ROW, {"A": nested(90)}),
    "reference to the network": (errors.ReferenceOutside, HEAD + ROW, defs("https://fhi.example/a.json")),
    "reference to a file of the machine": (errors.ReferenceOutside, HEAD + ROW, defs("file:///etc/passwd")),
    "reference to the root": (errors.ReferenceOutside, HEAD + ROW, defs("/etc/passwd")),
    "reference above the folder": (errors.ReferenceOutside, HEAD + ROW, defs("../../a.json")),
    "reference above the folder, hidden": (errors.ReferenceOutside, HEAD + ROW, defs("%2e%2e/%2e%2e/a.json#/a")),
    "reference without an address": (errors.ReferenceOutside, HEAD + ROW, defs("//[")),
    "reference to nothing": (errors.ReferenceUnresolved, HEAD + ROW, defs("#/$defs/b")),
    "reference to no anchor": (errors.ReferenceUnresolved, HEAD + ROW, defs("#b")),
    "reference to no file": (errors.ReferenceUnresolved, HEAD + ROW, defs("b.json")),
    "reference to a value": (errors.ReferenceUnresolved, HEAD + ROW, defs("#/$defs/a/type", a={"type": "string"})),
    "reference to what is no JSON": (errors.SchemaNotJson, HEAD + ROW, defs("B.json") | {"B": "x"}),
    "reference to what is no schema": (errors.SchemaInvalid, HEAD + ROW, defs("B.json") | {"B": {"type": 1}}),
    "reference to a place that is no schema": (
        errors.SchemaInvalid, HEAD + ROW, {"A": {"x-own": {"a": {"minLength": -1}}, "$ref": "#/x-own/a"}}
    ),
    "recursive": (errors.SchemaRecursive, HEAD + ROW, defs("#")),
    "recursive definition": (errors.SchemaRecursive, HEAD + ROW, defs(a={"items": {"$ref": "#/$defs/a"}})),
    "cyclic": (errors.SchemaRecursive, HEAD + ROW, defs(a={"$ref": "#/$defs/b"}, b={"$ref": "#/$defs/a"})),
    "its own reference": (errors.SchemaRecursive, HEAD + ROW, {"A": {"$ref": "#"}}),
    "cyclic over two files": (errors.SchemaRecursive, HEAD + ROW, defs("B.json") | {"B": {"not": {"$ref": "A.json"}}}),
    "grows tenfold with each definition": (errors.SchemaTooLarge, HEAD + ROW, defs("#/$defs/d8", **doubled(9))),
    "dynamic": (errors.ReferenceDynamic, HEAD + ROW, {"A": {"items": {"$dynamicRef": "#a"}}}),
    "dynamic in 2019-09": (
        errors.ReferenceDynamic, HEAD + ROW,
        {"A": {"$schema": "https://json-schema.org/draft/2019-09/schema", "items": {"$recursiveRef": "#"}}},
    ),
    "pattern that looks ahead": (errors.PatternUnsupported, HEAD + ROW, pattern("^(?=a)a")),
    "pattern that looks behind": (errors.PatternUnsupported, HEAD + ROW, pattern("(?<!a)b")),
    "pattern that refers back": (errors.PatternUnsupported, HEAD + ROW, pattern("(a)\\1")),
    "pattern that is none": (errors.PatternUnsupported, HEAD + ROW, pattern("[a")),
    "pattern of names": (errors.PatternUnsupported, HEAD + ROW, {"A": {"patternProperties": {"(?!a)": {}}}}),
    "pattern that explodes": (errors.PatternExplodes, HEAD + ROW, pattern("^(a+)+$")),
    "pattern of names that explodes": (errors.PatternExplodes, HEAD + ROW, {"A": {"patternProperties": {"(a|a)*": {}}}}),
    "pattern too large": (errors.PatternTooLarge, HEAD + ROW, pattern("[\\s\\S]{0,1000000}")),
    "pattern too large in levels": (errors.PatternTooLarge, HEAD + ROW, pattern("((a{30}){30}){30}")),
    "pattern too slow": (errors.PatternTooLarge, HEAD + ROW, pattern("(a|b|c?){20000}x")),
    "no pack.toml and no schema": (errors.SchemaNotJson, None, {"A": "x"}),
    "no pack.toml and a schema that is a list": (errors.SchemaInvalid, None, {"A": "[]"}),
    "no pack.toml and a message twice": (errors.PackMessageTwice, None, {"A.1": {}, "A-1": {}}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_gives_one_clear_error_and_changes_nothing(tmp_path, name):
    kind, toml, schemas = BAD[name]
    base = folder(tmp_path / "p", toml, **schemas)
    before = content(tmp_path)
    with pytest.raises(KttError) as caught:
        use(base)
    assert type(caught.value) is kind
    for text in (caught.value.says(), caught.value.advises()):
        for sentence in (text.nb, text.en):
            assert str(tmp_path) not in sentence
            assert "None" not in sentence
            assert len(sentence) < 500
    assert content(tmp_path) == before


def test_folders_that_cannot_be_read(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("nothing", "file", "loop"):
        with pytest.raises(errors.PackUnreadable):
            load_pack(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.PackEmpty):
        load_pack(tmp_path / "empty")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_a_folder_that_may_not_be_read(tmp_path):
    base = folder(tmp_path / "p")
    for shut in (base / "schema", base):
        mode = shut.stat().st_mode
        shut.chmod(0)
        with pytest.raises((errors.PackUnreadable, errors.PackFileUnreadable)):
            load_pack(base)
        shut.chmod(mode)


@pytest.mark.parametrize("link", ["schema/A.json", "schema/B.json", "schema", "pack.toml", "mapping.toml"])
def test_links_out_of_the_folder_are_not_followed(tmp_path, link):
    base = folder(tmp_path / "p", **defs("B.json"), B=SCHEMA)
    (base / "mapping.toml").write_text("")
    use(base)
    shutil.move(base / link, tmp_path / "outside")
    (base / link).symlink_to(tmp_path / "outside")
    with pytest.raises((errors.PackPathOutside, errors.ReferenceOutside)):
        use(base)


def test_too_many_files_and_too_much_of_them(tmp_path, monkeypatch):
    base = folder(tmp_path / "p")
    monkeypatch.setattr(pack_folder, "MOST_FILES", 1)
    with pytest.raises(errors.PackTooLarge):
        load_pack(base)
    monkeypatch.undo()
    monkeypatch.setattr(pack_folder, "MOST_BYTES", 10)
    with pytest.raises(errors.PackTooLarge):
        load_pack(base)
