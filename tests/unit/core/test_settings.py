"""Settings: each wrong file gets one clear fault that names the setting and never repeats its value."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field

from ktt.core.settings import (
    DatabaseUrl,
    FilePath,
    SettingsFile,
    SettingsFileMissing,
    SettingsFileUnreadable,
    SettingsSection,
    SettingWrong,
)


class Place(SettingsSection):
    url: DatabaseUrl = Field(repr=False)
    key_file: FilePath
    municipality: str = "0301"


class Example(SettingsFile):
    place: Place
    folder: FilePath | None = None
    port: int = 80


GOOD = """
[place]
url = "postgresql://ktt:secret@db/ktt"
key_file = "keys/store.key"
"""


@pytest.fixture
def load(tmp_path):
    def read(text):
        path = tmp_path / "example.toml"
        path.write_text(text, encoding="utf-8")
        return Example.load(path)

    return read


def test_settings_do_not_change_and_do_not_show_passwords(load):
    settings = load(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        settings.place.municipality = "1114"
    assert "secret" not in repr(settings)


def test_paths_are_relative_to_the_file_so_a_run_may_start_anywhere(load, tmp_path, monkeypatch):
    load(f'folder = "world"\n{GOOD}')
    monkeypatch.chdir("/")
    for path in (tmp_path / "example.toml", (tmp_path / "example.toml").relative_to("/")):
        settings = Example.load(path)
        assert settings.place.key_file == tmp_path / "keys" / "store.key"
        assert settings.folder == tmp_path / "world"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqlite:///data/ktt.sqlite", "sqlite:///{folder}/data/ktt.sqlite"),
        ("sqlite:////srv/ktt.sqlite", "sqlite:////srv/ktt.sqlite"),
        ("postgresql://db/sqlite:///x", "postgresql://db/sqlite:///x"),
    ],
)
def test_an_sqlite_file_is_relative_to_the_file_too(load, tmp_path, written, read):
    url = load(GOOD.replace("postgresql://ktt:secret@db/ktt", written)).place.url
    assert url == read.format(folder=tmp_path)


def test_what_is_made_in_the_program_is_taken_as_it_is():
    assert str(Place(url="sqlite:///a", key_file="b").key_file) == "b"
    assert Place(url="sqlite:///a", key_file="b").url == "sqlite:///a"


@pytest.mark.parametrize(
    ("good", "bad", "setting"),
    [
        ("[place]", 'port = "many"\n[place]', "port"),
        ('key_file = "keys/store.key"', "key_file = 31415", "place.key_file"),
        ('key_file = "keys/store.key"', "", "place.key_file"),
        (GOOD, "", "place"),
    ],
)
def test_a_wrong_or_missing_setting_is_named_and_its_value_is_not_repeated(load, good, bad, setting):
    with pytest.raises(SettingWrong) as caught:
        load(GOOD.replace(good, bad, 1))
    assert caught.value.facts["setting"] == setting
    assert not any(value in str(caught.value) for value in ("many", "31415"))


@pytest.mark.parametrize(
    ("wrong", "meant"), [("munisipality", "municipality"), ("adress", None), ("keyfile", "key_file")]
)
def test_an_unknown_setting_is_refused_with_the_one_that_was_meant(load, wrong, meant):
    with pytest.raises(SettingWrong) as caught:
        load(f'{GOOD}\n{wrong} = "01"')
    advice = caught.value.advises()
    assert (f"«{meant}»" in advice.nb) == bool(meant)
    assert (f"“{meant}”" in advice.en) == bool(meant)
    assert caught.value.facts["setting"] == f"place.{wrong}"


def test_a_file_that_is_missing_or_no_toml_is_a_known_fault(load, tmp_path):
    with pytest.raises(SettingsFileMissing) as caught:
        Example.load(tmp_path / "nosuch.toml")
    assert "«ktt sandbox up»" in caught.value.advises().nb  # which writes it when it is up
    with pytest.raises(SettingsFileUnreadable, match="it is a folder"):
        Example.load(tmp_path)
    with pytest.raises(SettingsFileUnreadable, match="line 2"):
        load("a = 1\nb = x\n")
    (tmp_path / "latin.toml").write_bytes("navn = 'blåbær'".encode("latin-1"))
    with pytest.raises(SettingsFileUnreadable):
        Example.load(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("text", "nb", "en"),
    [
        ('[place]\nurl = "postgresql://db/ktt"', "den mangler", "it is missing"),
        (f"ports = 1\n{GOOD}", "den finnes ikke", "there is no such setting"),
        (f'port = "eighty"\n{GOOD}', "den skal være et helt tall", "it must be a whole number"),
        (GOOD + "municipality = 301", "den skal være tekst i anførselstegn", "it must be text in quotation marks"),
        ("place = 7", "den skal være en seksjon, [navn]", "it must be a section, [name]"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(load, text, nb, en):
    with pytest.raises(SettingWrong) as fault:
        load(text)
    assert nb in fault.value.says().nb
    assert en in fault.value.says().en


class Sender(SettingsFile):
    number: str = Field(pattern=r"^[0-9]{9}$")
    environment: Literal["sandbox", "et", "production"] = "et"


@pytest.mark.parametrize(
    ("written", "nb", "en"),
    [
        ('number = "1"', "den skal være 9 siffer", "it must be 9 digits"),
        (
            'number = "123456789"\nenvironment = "prod"',
            "den skal være en av sandbox, et, production",
            "it must be one of sandbox, et, production",
        ),
        ('numbr = "123456789"', "den finnes ikke", "there is no such setting"),
    ],
)
def test_what_is_wanted_is_told_in_words(tmp_path, written, nb, en):
    path = tmp_path / "sender.toml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(SettingWrong) as told:
        Sender.load(path)
    assert (nb in told.value.says().nb, en in told.value.says().en) == (True, True)
