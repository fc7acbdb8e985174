"""The sender's settings: numbers that are names keep their zeros, and each wrong setting is named."""

from __future__ import annotations

import re

import pytest

from ktt.core.settings import SettingWrong
from ktt.sender.settings import SenderSettings

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
    def read(text):
        path = tmp_path / "sender.toml"
        path.write_text(text, encoding="utf-8")
        return SenderSettings.load(path)

    return read


def test_every_path_is_relative_to_the_file(load, tmp_path):
    settings = load(GOOD)
    assert settings.source.url == f"sqlite:///{tmp_path}/epj.sqlite"
    assert settings.source.mapping == tmp_path / "mapping.toml"
    assert settings.store.key_file == tmp_path / "keys" / "store.key"
    assert str(settings.helseid.key_file) == "/etc/ktt/helseid.jwk"
    assert "secret" not in repr(settings)


def test_numbers_that_are_names_keep_their_zero(load):
    settings = load(GOOD)
    assert (settings.unit.municipality, settings.unit.district) == ("0301", "01")


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
