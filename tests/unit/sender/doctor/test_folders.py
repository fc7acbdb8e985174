"""What the doctor finds where the record system is a folder of files, or of messages."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.sender.doctor import source_checks
from ktt.sender.doctor.line import NotNeeded
from ktt.sender.doctor.patient import Network, Patient
from ktt.sender.extract.sources.errors import SourceFolderMissing, TableFileUnreadable
from ktt.sender.settings import SenderSettings
from support.settable_clock import SettableClock
from support.sources_epj import DAY, Epj
from support.sources_files import FilesEpj
from support.sources_messages import MessagesEpj

NOON = dt.datetime.combine(DAY, dt.time(12), dt.UTC)


def patient(url, mapping):
    made = Patient(mapping.parent / "sender.toml", SettableClock(NOON), lambda _route: Network(*(4 * [print])))
    made.known = SenderSettings.model_validate(
        {
            "environment": "sandbox",
            "unit": {"organisation": "312000008", "municipality": "0301"},
            "source": {"url": url, "mapping": mapping},
            "store": {"url": "sqlite:///ktt.sqlite", "key_file": "store.key"},
            "helseid": {"authority": "http://127.0.0.1:1", "client_id": "c", "key_file": "c.jwk"},
            "mottak": {"base_url": "http://127.0.0.1:1"},
            "software": {"vendor": "V", "system": "S", "version": "1"},
        }
    )
    source_checks.check_mapping(made)
    return made


def test_the_days_files_have_every_column(epj: Epj):
    files = FilesEpj(epj).export()
    asked = patient(f"files:///{files.folder}", epj.mapping)
    assert "11 tabeller kan leses" in source_checks.check_source(asked).nb
    with pytest.raises(NotNeeded):
        source_checks.check_read_only(asked)
    files.file("klage").unlink()
    with pytest.raises(TableFileUnreadable):
        source_checks.check_source(asked)


def test_the_days_messages_are_counted(epj: Epj):
    messages = MessagesEpj(epj)
    asked = patient(f"messages:///{messages.folder}", messages.mapping)
    assert f"{len(messages.files)} meldinger for i dag" in source_checks.check_source(asked).nb
    gone = patient(f"messages:///{messages.folder}/borte", messages.mapping)
    with pytest.raises(SourceFolderMissing):
        source_checks.check_source(gone)


@pytest.fixture
def epj(tmp_path):
    return Epj(tmp_path)
