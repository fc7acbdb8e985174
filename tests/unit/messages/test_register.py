"""Finding a message version."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from ktt.messages import register
from ktt.messages.errors import (
    MappingInvalid,
    MappingMissing,
    MappingNotRead,
    MessageInTwoPacks,
    MessageTypeUnknown,
    PackUnknown,
)
from ktt.messages.packs.errors import (
    PackEmpty,
    PackMessageTwice,
    PackUnreadable,
    PatternExplodes,
    ReferenceOutside,
    SchemaInvalid,
    SchemaNotJson,
    SchemaRecursive,
)
from ktt.messages.register import find, likeliest_version, pack, register_of
from ktt.messages.version import MessageVersion

BROUGHT = register_of().packs[0].folder.folder

TRAVEL_ORDER = ["KTT_Vedtak", "KTT_Tjeneste", "KTT_Personopplysninger", "KTT_Funksjonsvurdering", "KTT_Diagnose"]


def test_the_pack_comes_in_travel_order():
    assert [version.message_type for version in pack("ktt_v1")] == TRAVEL_ORDER


@pytest.mark.parametrize("message_type", TRAVEL_ORDER)
def test_a_version_is_found_by_type_and_number(message_type):
    version: MessageVersion = find(message_type, "1")
    assert (version.pack, version.message_type, version.version) == ("ktt_v1", message_type, "1")
    assert find(message_type, "1") is version


@pytest.mark.parametrize(
    ("message_type", "number"), [("KTT_Vedtak", "2"), ("HST_Avtale", "1"), ("", ""), ("ktt_vedtak", "1")]
)
def test_an_unknown_type_or_version_is_named_with_those_that_are_known(message_type, number):
    with pytest.raises(MessageTypeUnknown) as caught:
        find(message_type, number)
    assert caught.value.facts["message_type"] == message_type
    assert "KTT_Tjeneste 1" in caught.value.advises().nb


def test_a_strangers_type_name_is_made_safe_to_show():
    with pytest.raises(MessageTypeUnknown) as caught:
        find("x\n\x1b[31m" + "y" * 500, "1")
    assert caught.value.facts["message_type"] == "x??[31m" + "y" * 53


def test_an_unknown_pack():
    with pytest.raises(PackUnknown) as caught:
        pack("ktt_v9")
    assert "ktt_v1" in caught.value.advises().en


def folder(path: Path, name: str, **more: str) -> str:
    """A copy of the pack that the program brings, under another name, with other lines in pack.toml."""
    shutil.copytree(BROUGHT, path / name)
    file = path / name / "pack.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.partition(" ")[0] not in more]
    said = [f"{key} = {value}" for key, value in more.items()]
    file.write_text("\n".join([*said, *lines]).replace('"ktt_v1"', f'"{name}"'), encoding="utf-8")
    return str(path / name)


def renumbered(path: str, version: str) -> str:
    file = Path(path) / "pack.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('version = "1"', f'version = "{version}"'), encoding="utf-8")
    return path


def test_a_folder_is_a_pack_like_the_one_that_the_program_brings(tmp_path):
    register = register_of((folder(tmp_path, "ours"),))
    assert [version.message_type for version in register.versions] == TRAVEL_ORDER
    mine, brought = register.find("KTT_Vedtak", "1"), find("KTT_Vedtak", "1")
    assert mine.pack == "ours"
    for name, text in brought.examples().items():
        if name.startswith("N"):
            assert mine.read(text)[0].records.keys() == brought.read(text)[0].records.keys()


def test_two_packs_stand_side_by_side(tmp_path):
    register = register_of(("ktt_v1", renumbered(folder(tmp_path, "next"), "2")))
    found = [register.find("KTT_Vedtak", number).pack for number in ("1", "2")]
    assert found == ["ktt_v1", "next"]
    assert register.message_types == tuple(TRAVEL_ORDER)


def test_two_packs_with_the_same_message_are_refused(tmp_path):
    with pytest.raises(MessageInTwoPacks) as caught:
        register_of(("ktt_v1", folder(tmp_path, "twin")))
    assert caught.value.facts["packs"] == "ktt_v1, twin"


def test_a_sender_writes_in_the_pack_that_came_last(tmp_path):
    later = renumbered(folder(tmp_path, "later", valid_from="2026-06-01", valid_to="2026-12-31"), "2")
    register = register_of(("ktt_v1", later))
    days = [
        dt.date(2025, 12, 31),
        dt.date(2026, 5, 31),
        dt.date(2026, 6, 1),
        dt.date(2026, 12, 31),
        dt.date(2027, 1, 1),
    ]
    assert [register.to_send(day).name for day in days] == ["ktt_v1", "ktt_v1", "later", "later", "ktt_v1"]


def test_no_pack_for_the_day(tmp_path):
    register = register_of((folder(tmp_path, "past", valid_from="2020-01-01", valid_to="2020-12-31"),))
    with pytest.raises(PackUnknown):
        register.to_send(dt.date(2026, 1, 1))


def test_a_pack_without_mapping_checks_and_does_no_more(tmp_path):
    path = Path(folder(tmp_path, "bare"))
    (path / "mapping.toml").unlink()
    version = register_of((str(path),)).find("KTT_Vedtak", "1")
    everyday = version.examples()["N01-everyday"]
    assert version.check(everyday) == []
    assert version.check(version.examples()["F01-unknown-field"])
    assert (version.carriers, version.summarise(everyday), version.fast_check(everyday)) == ((), [], None)
    with pytest.raises(MappingMissing):
        version.read(everyday)


@pytest.mark.parametrize("text", ["messages = 1", "[messages", "\xff", "[messages.KTT_Vedtak]\nodd = 1"])
def test_a_mapping_that_is_none(tmp_path, text):
    path = Path(folder(tmp_path, "broken"))
    (path / "mapping.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(MappingNotRead):
        register_of((str(path),))


@pytest.mark.parametrize("message_type", TRAVEL_ORDER)
def test_a_message_tells_its_type_by_its_members(message_type):
    for name, text in find(message_type, "1").examples().items():
        if name.startswith("N"):
            found = likeliest_version(pack(), text)
            assert found is not None, name
            assert found.message_type == message_type, name


@pytest.mark.parametrize("text", [b"[]", b"{}", b"[1, 2]", b'[{"unknown": 1}]', b"", b"no JSON"])
def test_what_has_no_known_member_has_no_type(text):
    assert likeliest_version(pack(), text) is None


TWICE = """
name = "bad"
publisher = "nobody"
valid_from = 2026-01-01
[[messages]]
type = "KTT_Diagnose"
version = "1"
schema = "schema/KTT_Diagnose.1.json"
[[messages]]
type = "KTT_Diagnose"
version = "1"
schema = "schema/KTT_Diagnose.1.json"
"""
MAPPING = """
[[messages.KTT_Diagnose.objects]]
at = "{at}"
holds = "unit"
members = {{ orgNr = "{column}" }}
"""
BAD = {
    "a schema that is none": ("schema/KTT_Diagnose.1.json", '{"type": "nothing"}', SchemaInvalid),
    "no JSON": ("schema/KTT_Diagnose.1.json", "{", SchemaNotJson),
    "a reference out of the folder": ("schema/KTT_Diagnose.1.json", '{"$ref": "../../other.json"}', ReferenceOutside),
    "a reference to the network": ("schema/KTT_Diagnose.1.json", '{"$ref": "https://example.org/a"}', ReferenceOutside),
    "a schema inside itself": ("schema/KTT_Diagnose.1.json", '{"items": {"$ref": "#"}}', SchemaRecursive),
    "a pattern that explodes": ("schema/KTT_Diagnose.1.json", '{"pattern": "^(a+)+$"}', PatternExplodes),
    "a message twice": ("pack.toml", TWICE, PackMessageTwice),
    "a column that is none": ("mapping.toml", MAPPING.format(column="no_such_column", at="[]"), MappingInvalid),
    "a place that is none": ("mapping.toml", MAPPING.format(column="organisation", at="[].other"), MappingInvalid),
}


@pytest.mark.parametrize(("file", "text", "error"), BAD.values(), ids=BAD)
def test_a_bad_pack_is_refused_before_it_is_used(tmp_path, file, text, error):
    path = Path(folder(tmp_path, "bad"))
    (path / file).write_text(text, encoding="utf-8")
    with pytest.raises(error):
        register_of((str(path),))


def test_what_is_no_pack_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackEmpty):
        register_of((str(tmp_path / "empty"),))
    with pytest.raises(PackUnreadable):
        register_of((str(tmp_path / "missing"),))
    for name in ("diff", "schemas", "no_such_pack", ""):  # modules beside the packs are no packs
        with pytest.raises((PackUnknown, PackUnreadable, PackEmpty)):
            register_of((name,))


@pytest.mark.parametrize("brings", ["a path", "a function"])
def test_an_installed_package_brings_a_pack_by_an_entry_point(tmp_path, monkeypatch, brings):
    place = folder(tmp_path, "installed")

    class Point:
        name = "theirs"
        load = staticmethod(lambda: place if brings == "a path" else lambda: place)

    monkeypatch.setattr(register, "entry_points", lambda group: [Point] if group == register.ENTRY_POINTS else [])
    found = register.register_of.__wrapped__(("theirs",))
    assert [pack.name for pack in found.packs] == ["installed"]
    with pytest.raises(PackUnknown) as caught:
        register.register_of.__wrapped__(("others",))
    assert caught.value.facts["known"] == "ktt_v1, theirs"
