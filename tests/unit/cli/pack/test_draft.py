"""`ktt pack draft`: a folder with the schemas as they are and a proposed mapping, or nothing at all."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from ktt.cli.app import run
from ktt.messages.register import open_pack

_SCHEMAS = Path(str(files("ktt.messages"))) / "packs" / "ktt_v1" / "schema"


def _draft(out, *given):
    return run(["pack", "draft", *map(str, given or [_SCHEMAS]), "--out", str(out)])


def test_the_pack_has_the_schemas_byte_for_byte_and_a_mapping_that_can_be_used(tmp_path, capsys):
    out = tmp_path / "mine"
    assert _draft(out) == 0
    for path in _SCHEMAS.iterdir():
        assert (out / "schema" / path.name).read_bytes() == path.read_bytes()
    pack = open_pack(out)
    assert pack.name == "mine"
    assert len(pack.mapped_versions()) == 5
    assert (out / "CHANGELOG.md").exists()
    assert list((out / "examples").iterdir()) == []
    assert [one.message_type for one in pack.versions][:2] == ["KTT_Vedtak", "KTT_Tjeneste"]


def test_every_member_of_the_mapping_says_how_sure_it_is(tmp_path, capsys):
    out = tmp_path / "mine"
    _draft(out)
    lines = (out / "mapping.toml").read_text(encoding="utf-8").splitlines()
    members = [
        line for line in lines if " = " in line and not line.startswith(("#", "at =", "of =", "holds =", "where ="))
    ]
    assert len(members) > 100
    assert all(line.endswith(("# sikker", "# trolig", "# usikker")) for line in members)


def test_json_has_what_is_placed_and_what_is_not(tmp_path, capsys):
    schema = {
        "type": "object",
        "properties": {
            "enhet": {"type": "object", "properties": {"orgnr": {"type": "string"}, "kommunenr": {"type": "string"}}},
            "kvalitetsmerke": {"type": "string"},
        },
    }
    path = tmp_path / "melding.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    assert run(["pack", "draft", str(path), "--out", str(tmp_path / "mine"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (message,) = answer["messages"]
    assert [one["place"] for one in message["not_placed"]] == ["kvalitetsmerke"]
    assert "decision.decision_id" in answer["columns_not_placed"]
    assert {one["place"]: one["confidence"] for one in message["members"]}["enhet.orgnr"] == "sure"


def test_a_field_list_alone_becomes_a_pack(tmp_path, capsys):
    path = tmp_path / "felter.csv"
    rows = ["sti;type;forekomst;kodeverk;beskrivelse", "enhet/orgnr;string;1..1;;", "enhet/kommunenr;string;1..1;;"]
    rows += [
        "vedtak;;0..*;;",
        "vedtak/vedtakId;string;1..1;;Nøkkel",
        "vedtak/personId;string;1..1;;",
        "vedtak/registrert;dateTime;1..1;;",
    ]
    path.write_bytes("\r\n".join(rows).encode("cp1252"))
    out = tmp_path / "mine"
    assert _draft(out, path) == 0
    assert (out / "documentation" / "felter.csv").read_bytes() == path.read_bytes()
    mapping = tomllib.loads((out / "mapping.toml").read_text(encoding="utf-8"))
    assert "felter" in mapping["messages"]
    assert len(open_pack(out).mapped_versions()) == 1


def test_names_with_quotes_and_other_letters_are_written_as_toml(tmp_path, capsys):
    text = {"type": "string"}
    odd = 'vedtaks "dato" \\ æ'
    record = {
        "vedtakId": text,
        "personId": text,
        "lagret": {"type": "string", "format": "date-time"},
        odd: {"type": "string", "format": "date"},
    }
    schema = {
        "type": "object",
        "properties": {
            "enhet": {"type": "object", "properties": {"orgnr": text, "kommunenr": text}},
            "vedtak": {"type": "array", "items": {"type": "object", "properties": record}},
        },
    }
    path = tmp_path / "vedtak.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    assert _draft(tmp_path / "mine", path) == 0
    mapping = tomllib.loads((tmp_path / "mine" / "mapping.toml").read_text(encoding="utf-8"))
    members = {name: held for one in mapping["messages"]["vedtak"]["objects"] for name, held in one["members"].items()}
    assert members[odd] == "decided_on"


def _bad(folder: Path) -> dict[str, tuple[list[Path], str]]:
    no_json = folder / "no.json"
    no_json.write_text("{", encoding="utf-8")
    no_schema = folder / "wrong.json"
    no_schema.write_text('{"type": "objekt"}', encoding="utf-8")
    recursive = folder / "recursive.json"
    recursive.write_text('{"properties": {"a": {"$ref": "#"}}}', encoding="utf-8")
    no_list = folder / "no.csv"
    no_list.write_text("a;b\n1;2\n", encoding="utf-8")
    return {
        "KTT-PACK-09": [no_json],
        "KTT-PACK-11": [no_schema],
        "KTT-PACK-15": [recursive],
        "KTT-DRFT-01": [no_list],
        "KTT-PACK-07": [folder / "none.json"],
        "KTT-DRFT-03": [no_schema, no_schema],
    }


@pytest.mark.parametrize(
    "code", ["KTT-PACK-09", "KTT-PACK-11", "KTT-PACK-15", "KTT-DRFT-01", "KTT-PACK-07", "KTT-DRFT-03"]
)
def test_what_cannot_be_used_is_one_error_and_nothing_is_written(code, tmp_path, capsys):
    given = _bad(tmp_path)[code]
    before = sorted(tmp_path.iterdir())
    assert _draft(tmp_path / "mine", *given) == 2
    assert capsys.readouterr().err.startswith(code)
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_with_files_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.txt").write_text("x", encoding="utf-8")
    assert _draft(tmp_path / "mine") == 2
    assert capsys.readouterr().err.startswith("KTT-DRFT-02")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["own.txt"]


def test_an_empty_folder_is_filled(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    assert _draft(tmp_path / "mine") == 0
    assert (tmp_path / "mine" / "pack.toml").exists()
