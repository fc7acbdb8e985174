"""`fleet.toml`: what is common, what a unit overrides, and whose fault a fault is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktt.alarms.settings import AlarmSettings
from ktt.core.errors import KttError
from ktt.core.settings import SettingWrong
from ktt.sender.fleet.errors import NoUnits, StoreShared, UnitNotInFleet, UnitTwice
from ktt.sender.fleet.settings import Fleet, settings_at

COMMON = """
environment = "qa"

[source]
url = "files:///uttrekk/{unit}"
mapping = "mapping.toml"

[store]
url = "sqlite:///lager/{unit}/outbox.sqlite"
key_file = "lager/{unit}/store.key"

[helseid]
authority = "https://helseid.test"
client_id = "leverandør"
key_file = "client.key"
multi_tenant = true

[mottak]
base_url = "https://mottak.test"

[software]
vendor = "v"
system = "s"
version = "1"
"""
FIRST = '[[unit]]\norganisation = "312000008"\nmunicipality = "1114"\n'
SECOND = '[[unit]]\norganisation = "312000016"\nmunicipality = "0301"\ndistrict = "03"\n'


def load(folder: Path, text: str) -> Fleet:
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    return Fleet.load(path)


def test_a_unit_has_what_is_common_under_its_own_name_and_what_it_overrides(tmp_path):
    own = '[unit.source]\nurl = "postgresql://epj/andre"\n[unit.helseid]\nchild_organisation = "314000021"\n'
    first, second = load(tmp_path, COMMON + FIRST + SECOND + own).units
    assert (first.name, second.name) == ("312000008-1114", "312000016-0301-03")
    assert first.settings.source.url == f"files:///{tmp_path}/uttrekk/312000008-1114"
    assert first.settings.store.key_file == tmp_path / "lager/312000008-1114/store.key"
    assert second.settings.source.url == "postgresql://epj/andre"
    assert second.settings.source.mapping == tmp_path / "mapping.toml"
    assert second.settings.helseid.child_organisation == "314000021"
    assert second.settings.helseid.client_id == "leverandør"


def test_the_common_alarms_are_the_fleets_and_a_units_are_its_own(tmp_path):
    common = '[alarms.webhook]\nurl = "https://a.test"\nsecret_file = "s"\n'
    own = '[unit.alarms.webhook]\nurl = "https://b.test"\nsecret_file = "s"\n'
    fleet = load(tmp_path, COMMON + common + FIRST + SECOND + own)
    assert fleet.alarms.webhook.url == "https://a.test"
    assert fleet.units[0].settings.alarms == AlarmSettings()
    assert fleet.units[1].settings.alarms.webhook.url == "https://b.test"


@pytest.mark.parametrize(
    ("text", "fault", "says"),
    [
        (COMMON.replace("base_url", "base_ulr") + FIRST, SettingWrong, "base_url"),
        (COMMON.replace("true", '"kanskje"') + FIRST, SettingWrong, "helseid.multi_tenant"),
        ("enviroment = 'qa'\n" + COMMON + FIRST, SettingWrong, "environment"),
        (COMMON + "[fleet]\nworker = 3\n" + FIRST, SettingWrong, "workers"),
        (COMMON + "[fleet]\nworkers = 0\n" + FIRST, SettingWrong, "fleet.workers"),
        (COMMON + '[unit]\norganisation = "312000008"\n', SettingWrong, "unit"),
        (COMMON, NoUnits, "fleet.toml"),
        (COMMON + FIRST + SECOND + FIRST, UnitTwice, "number 1 and number 3"),
        (COMMON.replace("{unit}/outbox", "outbox") + FIRST + SECOND, StoreShared, "312000016-0301-03"),
    ],
)  # fmt: skip
def test_a_fault_in_what_is_common_is_the_files(tmp_path, text, fault, says):
    with pytest.raises(fault) as raised:
        load(tmp_path, text)
    told = raised.value
    assert says in f"{told.says().en} {told.advises().en}"


@pytest.mark.parametrize(
    ("entry", "name", "says"),
    [
        (FIRST + '[unit.source]\nulr = "x"\n', "312000008-1114", "url"),
        (FIRST + "[unit.source]\nurl = 3\n", "312000008-1114", "source.url"),
        (FIRST + "[unit.sorce]\n", "312000008-1114", "source"),
        (FIRST.replace("312000008", "31200"), "unit[1]", "organisation"),
        (FIRST.replace("municipality", "kommune"), "unit[1]", "municipality"),
    ],
)
def test_a_fault_in_an_entry_is_that_units_alone(tmp_path, entry, name, says):
    fleet = load(tmp_path, COMMON + entry + SECOND)
    broken, well = fleet.units
    assert (broken.name, broken.settings) == (name, None)
    assert says in f"{broken.fault.says().en} {broken.fault.advises().en}"
    assert well.settings is not None


def test_what_no_entry_brings_is_missing_in_each(tmp_path):
    common = COMMON.replace('[source]\nurl = "files:///uttrekk/{unit}"\nmapping = "mapping.toml"\n', "")
    own = '[unit.source]\nurl = "files:///a"\nmapping = "m.toml"\n'
    first, second = load(tmp_path, common + FIRST + own + SECOND).units
    assert first.fault is None
    assert second.fault.facts["setting"].endswith("source")


def test_one_unit_is_named_with_its_file(tmp_path):
    fleet = load(tmp_path, COMMON + FIRST + SECOND + "[unit.source]\nurl = 3\n")
    assert settings_at(Path(fleet.config("312000008-1114"))) == fleet.units[0].settings
    with pytest.raises(UnitNotInFleet) as unknown:
        settings_at(Path(f"{fleet.path}#312000008-1115"))
    assert "312000008-1114" in unknown.value.advises().nb
    with pytest.raises(SettingWrong):
        settings_at(Path(f"{fleet.path}#312000016-0301-03"))


def test_some_of_the_units(tmp_path):
    fleet = load(tmp_path, COMMON + FIRST + SECOND)
    assert [unit.name for unit in fleet.only([])] == ["312000008-1114", "312000016-0301-03"]
    assert [unit.name for unit in fleet.only(["312000016-0301-03"] * 2)] == ["312000016-0301-03"]
    with pytest.raises(KttError):
        fleet.only(["312000016"])
