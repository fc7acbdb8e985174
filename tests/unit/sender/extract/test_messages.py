"""Messages that a record system has written itself become the records that they were written of."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace

import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract import errors as source_errors
from ktt.sender.extract.completeness import errors as proofs
from ktt.sender.extract.finding_kinds import DUPLICATE
from ktt.sender.extract.mapping import errors as mapping_errors
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.sources import errors
from ktt.sender.extract.sources.sql import open_source
from support.sources_epj import DAY, UNIT
from support.sources_messages import MessagesEpj


@pytest.fixture
def messages(epj):
    return MessagesEpj(epj)


def test_messages_give_the_records_that_they_were_written_of(messages):
    found, wanted = messages.read(), messages.extract.records
    assert found.complete
    assert found.proves_absence("care_service")
    for root in ROOTS:
        for kind in (root, *root.parts):
            assert same_rows(found.records[kind.name], wanted[kind.name]), kind.name
    assert same_rows(
        found.records[RECIPIENT.name].select(RECIPIENT.key, "person_number"),
        wanted[RECIPIENT.name].select(RECIPIENT.key, "person_number"),
    )
    assert DUPLICATE.code not in set(found.findings["rule"])  # a person stands in several messages
    assert sum(found.records[root.name].height for root in ROOTS) > 3


def same_rows(one, other):
    return (
        one.select(sorted(one.columns))
        .sort(pl_all(one))
        .equals(other.select(sorted(other.columns)).sort(pl_all(other)))
    )


def pl_all(frame):
    return sorted(frame.columns)


def test_the_registry_would_be_told_the_same_again(messages):
    found = messages.read().records
    for root in ROOTS:
        assert same_rows(fingerprint(found, root, b"n"), fingerprint(messages.extract.records, root, b"n")), root.name


def test_changes_are_no_extract(messages):
    version = messages.versions[0]
    messages.write(version, {version.deletes[0].name: ["X-1"]})
    messages.finish()
    with pytest.raises(errors.MessageDeletes) as caught:
        messages.read()
    assert caught.value.exit_code == EXIT_SOURCE


def test_another_units_message_is_refused(messages):
    messages.write(messages.versions[0], {}, ReportingUnit("312000113", "0301"))
    messages.finish()
    with pytest.raises(source_errors.WrongOwner):
        messages.read()


# what is written to a message's file | the error
WRITTEN = [
    (lambda data: data[:-20], errors.MessageMisfit),
    (lambda data: data.replace(b"2018-", b"2018.", 1), errors.MessageMisfit),
    (lambda _data: b"{}", errors.FileNoMessage),
    (lambda _data: b"", errors.FileNoMessage),
]


@pytest.mark.parametrize(("change", "error"), WRITTEN)
def test_a_message_that_does_not_fit_stops_with_its_file(messages, change, error):
    file = next(file for file in messages.files if b"2018-" in file.read_bytes())
    file.write_bytes(change(file.read_bytes()))
    messages.finish()
    with pytest.raises(error) as caught:
        messages.read()
    assert caught.value.facts["file"] == file
    assert caught.value.exit_code == EXIT_SOURCE


def test_a_message_that_stands_twice_is_found(messages):
    (messages.folder / f"{DAY:%Y%m%d}_igjen.json").write_bytes(messages.files[0].read_bytes())
    found = messages.finish().read()
    assert DUPLICATE.code in set(found.findings["rule"])
    assert any(len(ids) for ids in found.held.values())


def test_only_the_days_messages_are_read(messages):
    (messages.folder / "20260301_0.json").write_text("{}", encoding="utf-8")
    assert messages.finish().read().complete


def test_without_messages_nothing_is_owned_and_nothing_deleted(messages):
    for file in messages.files:
        file.unlink()
    found = messages.read()
    assert not found.complete
    assert found.unproved("care_service") == "no owner"


def test_messages_are_proved_by_counts_and_by_two_readings(messages):
    counts = "".join(f"{name};{count}\n" for name, count in messages.read().row_counts.items())
    messages.edit('"%Y%m%d.done" }', '"%Y%m%d.done", counts = true }').finish(counts)
    assert messages.read().complete
    messages.files[0].unlink()
    with pytest.raises(source_errors.CountMismatch):
        messages.read()


def test_messages_that_change_between_two_readings_stop(messages):
    messages.edit('done_file = { path = "%Y%m%d.done" }', "equal_reads = { pause_seconds = 5 }")
    source = messages.source()
    source._sleep = lambda _seconds: None
    assert source.read(UNIT, DAY, "sandbox").proofs == ("equal_reads",)
    source._sleep = lambda _seconds: messages.files[-1].unlink()
    with pytest.raises(proofs.ReadsDiffer):
        source.read(UNIT, DAY, "sandbox")


def test_a_message_after_the_export_was_finished_stops(messages):
    late = dt.datetime.fromisoformat(f"{DAY}T05:00:00+01:00").timestamp()
    os.utime(messages.files[0], (late, late))
    with pytest.raises(errors.TableFileNewer):
        messages.read()


# what is written instead | the error | the key it names
WRONG = [
    ('packs     = ["ktt_v1"]', "", mapping_errors.ValueWrong, "source.packs"),
    ('file      = "%Y%m%d_*.json"', "", mapping_errors.KeyMissing, "source.file"),
    ("[complete]", '[table.x]\nquery = "SELECT 1"\n[complete]', mapping_errors.NameUnknown, "table"),
    ("[complete]", "[complete]\nself_count = true", mapping_errors.NameUnknown, "complete.self_count"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "error", "key"), WRONG)
def test_what_a_mapping_cannot_say_of_messages_is_refused(messages, old, new, error, key):
    messages.edit(old, new)
    with pytest.raises(error) as caught:
        read_mapping(messages.mapping)
    assert caught.value.facts["key"] == key


def test_a_folder_that_is_not_there_stops(messages):
    source = open_source(f"messages:///{messages.folder}/borte", messages.mapping)
    source.mapping = replace(source.mapping, complete=replace(source.mapping.complete, done_file=None))
    with pytest.raises(errors.SourceFolderMissing):
        source.read(UNIT, DAY, "sandbox")
