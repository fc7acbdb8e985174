"""A plug-in reads a kind of source that ktt does not know; what it answers is checked, and what it raises is not shown."""

from __future__ import annotations

import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.sender.extract import errors as source_errors
from ktt.sender.extract.mapping.errors import NameUnknown, ValueWrong
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.sources import errors
from ktt.sender.extract.sources.sql import open_source
from support.example_plug_in import CODE, install, write_lines
from support.sources_epj import ADA, DAY, UNIT

ANSWER = "yield pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()))"


def reading(url, epj):
    source = open_source(url, epj.mapping)
    source._sleep = lambda _seconds: None
    return source.read(UNIT, DAY, "sandbox")


def test_a_plug_in_gives_what_a_database_gives(epj, tmp_path, monkeypatch):
    of_database = epj.read()
    install(tmp_path / "site", monkeypatch)
    found = reading(write_lines(epj), epj)
    assert found.owned
    assert found.row_counts == of_database.row_counts
    assert found.findings.equals(of_database.findings)
    assert all(frame.equals(of_database.records[name]) for name, frame in found.records.items())


def test_a_plug_in_is_told_the_day_and_the_time_zone(epj, tmp_path, monkeypatch):
    told = 'assert (str(extracted_on), timezone) == ("2026-03-02", "Europe/Oslo")\n    yield'
    install(tmp_path / "site", monkeypatch, CODE.replace("yield Lines", f"{told} Lines"))
    assert reading(write_lines(epj), epj).owned


# what the plug-in does | the error
FAULTS = {
    "cannot be imported": (CODE.replace("import polars", "import no_such_module"), errors.PlugInBroken),
    "has no such name": (CODE.replace("def open_lines", "def open_them"), errors.PlugInBroken),
    "raises with a number in its words": (CODE.replace(ANSWER, f"raise ValueError('{ADA}')"), errors.PlugInBroken),
    "breaks off between two frames": (CODE.replace(ANSWER, f"{ANSWER}; raise OSError('{ADA}')"), errors.PlugInBroken),
    "gives other columns": (CODE.replace(ANSWER, 'yield pl.DataFrame({"annet": ["1"]})'), errors.PlugInAnswerWrong),
    "gives numbers": (CODE.replace(ANSWER, "yield pl.DataFrame({name: [1] for name in columns})"), errors.PlugInAnswerWrong),
    "gives no frame": (CODE.replace(ANSWER, "yield rows"), errors.PlugInAnswerWrong),
    "lacks a column": (CODE.replace("return list(next(self._rows(query)))", "return list(next(self._rows(query)))[:-1]"), source_errors.ColumnMissing),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_plug_in_that_fails_stops_the_run(epj, tmp_path, monkeypatch, name):
    code, error = FAULTS[name]
    install(tmp_path / "site", monkeypatch, code)
    url = write_lines(epj)
    with pytest.raises(error) as caught:
        reading(url, epj)
    assert caught.value.exit_code == EXIT_SOURCE
    assert caught.value.__cause__ is None
    assert ADA not in str(caught.value) + caught.value.says().nb


def test_a_plug_in_that_is_not_installed_is_not_known(epj, tmp_path, monkeypatch):
    with pytest.raises(source_errors.SourceKindUnknown):
        open_source("linjer:///her", epj.mapping)
    write_lines(epj)
    with pytest.raises(ValueWrong) as caught:
        read_mapping(epj.mapping)
    assert caught.value.facts["key"] == "source.kind"
    install(tmp_path / "site", monkeypatch)
    assert read_mapping(epj.mapping).source.kind == "linjer"


def test_two_plug_ins_for_one_kind_are_refused(epj, tmp_path, monkeypatch):
    install(tmp_path / "one", monkeypatch)
    install(tmp_path / "two", monkeypatch, name="ktt_andre")
    with pytest.raises(errors.PlugInTwice) as caught:
        open_source(write_lines(epj), epj.mapping)
    assert caught.value.facts["found"] == "ktt_andre, ktt_linjer"


def test_an_address_of_a_plug_in_is_not_shown(epj, tmp_path, monkeypatch):
    install(tmp_path / "site", monkeypatch)
    write_lines(epj)
    assert repr(open_source("linjer://leser:hemmelig@vert/", epj.mapping)) == "MappedSource('linjer://…', 'lite-epj')"


def test_a_plug_in_cannot_be_counted_in_sql(epj, tmp_path, monkeypatch):
    install(tmp_path / "site", monkeypatch)
    write_lines(epj)
    epj.edit("equal_reads = { pause_seconds = 1 }", "self_count = true")
    with pytest.raises(NameUnknown):
        read_mapping(epj.mapping)
