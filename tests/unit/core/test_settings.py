"""Settings: each wrong file gets one clear fault that names the setting and never repeats its value."""

from __future__ import annotations

import re

import pytest

from ktt.core.settings import SandboxSettings, SenderSettings, SettingsFileUnreadable, SettingWrong

GOOD = """
environment = "sandbox"
[unit]
organisation = "312000008"
municipality = "0301"
district = "01"
[source]
url = "sqlite:///epj.sqlite"
mapping = "mapping.toml"
[store]
url = "postgresql://ktt:secret@db/ktt"
key_file = "keys/store.key"
[helseid]
authority = "http://127.0.0.1:8790"
client_id = "client"
key_file = "/etc/ktt/helseid.jwk"
[mottak]
base_url = "http://127.0.0.1:8791"
[software]
vendor = "V"
system = "S"
version = "1"
"""


@pytest.fixture
def load(tmp_path):
    def read(text, model=SenderSettings):
        path = tmp_path / "sender.toml"
        path.write_text(text, encoding="utf-8")
        return model.load(path)

    return read


def test_paths_are_relative_to_the_file_so_a_run_may_start_anywhere(load, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    settings = load(GOOD)
    assert settings.source.url == f"sqlite:///{tmp_path}/epj.sqlite"
    assert settings.source.mapping == tmp_path / "mapping.toml"
    assert settings.store.key_file == tmp_path / "keys" / "store.key"
    assert str(settings.helseid.key_file) == "/etc/ktt/helseid.jwk"
    assert settings.store.url == "postgresql://ktt:secret@db/ktt"


def test_numbers_that_are_names_keep_their_zero(load):
    settings = load(GOOD)
    assert (settings.unit.municipality, settings.unit.district) == ("0301", "01")


def test_settings_do_not_change_and_do_not_show_passwords(load):
    settings = load(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        settings.unit.municipality = "1114"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("good", "bad", "setting"),
    [
        ('"0301"', "301", "unit.municipality"),
        ('"0301"', '"301"', "unit.municipality"),
        ('"0301"', '"٠٣٠١"', "unit.municipality"),
        ('"0301"', '"03011"', "unit.municipality"),
        ('"312000008"', '"31200000"', "unit.organisation"),
        ('district = "01"', 'district = "1"', "unit.district"),
        ('"sandbox"', '"prod"', "environment"),
        ('client_id = "client"', "", "helseid.client_id"),
        ('[mottak]\nbase_url = "http://127.0.0.1:8791"', "", "mottak"),
    ],
)
def test_a_wrong_or_missing_setting_is_named(load, good, bad, setting):
    with pytest.raises(SettingWrong) as caught:
        load(GOOD.replace(good, bad, 1))
    assert caught.value.facts["setting"] == setting
    value = bad.rpartition("= ")[2].strip('"')
    assert not value or not re.search(rf"\b{value}\b", str(caught.value))


@pytest.mark.parametrize(
    ("wrong", "meant"), [("munisipality", "municipality"), ("adress", None), ("organization", "organisation")]
)
def test_an_unknown_setting_is_refused_with_the_one_that_was_meant(load, wrong, meant):
    with pytest.raises(SettingWrong) as caught:
        load(GOOD.replace('district = "01"', f'{wrong} = "01"'))
    advice = caught.value.advises()
    assert (f"«{meant}»" in advice.nb) == bool(meant)
    assert (f"“{meant}”" in advice.en) == bool(meant)
    assert caught.value.facts["setting"] == f"unit.{wrong}"


def test_a_file_that_is_missing_or_no_toml_is_a_known_fault(load, tmp_path):
    with pytest.raises(SettingsFileUnreadable, match="No such file"):
        SenderSettings.load(tmp_path / "nosuch.toml")
    with pytest.raises(SettingsFileUnreadable, match="line 2"):
        load("a = 1\nb = x\n")
    (tmp_path / "latin.toml").write_bytes("navn = 'blåbær'".encode("latin-1"))
    with pytest.raises(SettingsFileUnreadable):
        SenderSettings.load(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("token_seconds = 60", True),
        ("token_seconds = 30", False),
        ("helseid_port = 65536", False),
        ("mottak_port = 0", True),
    ],
)
def test_the_sandbox_has_bounds(load, line, holds, tmp_path):
    text = f'folder = "world"\n{line}\n'
    if holds:
        assert load(text, SandboxSettings).folder == tmp_path / "world"
    else:
        with pytest.raises(SettingWrong):
            load(text, SandboxSettings)
