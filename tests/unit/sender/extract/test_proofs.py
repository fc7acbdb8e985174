"""The ways in which an extract is proved whole: each holds on a whole source, and stops on one that is not."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import pytest

from ktt.core.errors import EXIT_SOURCE
from ktt.sender.extract import errors as source_errors
from ktt.sender.extract.completeness import errors
from ktt.sender.extract.mapping import errors as mapping_errors
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.sources.sql import MappedSource
from support.sources_epj import DAY, UNIT, Epj

COUNT = 'count = { query = "SELECT tabell, antall FROM eksport_logg WHERE dato = :extracted_on" }'
JOBS = "CREATE TABLE jobb (navn TEXT, ferdig TEXT);"
MARK = "watermark = { query = \"SELECT max(ferdig) FROM jobb WHERE navn = 'eksport'\" }"
DAY_MARK = 'watermark = { query = "SELECT max(ferdig) FROM jobb", date = "%d.%m.%Y" }'
DONE = 'done_file = { path = "ferdig/%Y-%m-%d.done" }'
DONE_COUNTS = 'done_file = { path = "ferdig/%Y-%m-%d.done", counts = true }'
READS = "equal_reads = { pause_seconds = 5 }"
SELF = "self_count = true"


def proved_by(epj: Epj, *ways: str) -> Epj:
    return epj.edit(COUNT, "\n".join(ways))


def done(epj: Epj, at: str, content: str = "") -> Path:
    file = epj.folder / "ferdig" / f"{DAY}.done"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    written = dt.datetime.fromisoformat(f"{at}+01:00").timestamp()
    os.utime(file, (written, written))
    return file


def finished(at: str | None) -> str:
    return f"{JOBS} INSERT INTO jobb VALUES ('eksport', {'NULL' if at is None else repr(at)})"


def all_counts(epj: Epj) -> str:
    return "".join(f"{table};{count}\n" for table, count in epj.read().row_counts.items())


# the watermark's form | when the export was finished | the error, None where it proves
WATERMARKS = [
    (MARK, "2026-03-02 00:00:00", None),
    (MARK, "2026-03-02 02:41:07", None),
    (MARK, "2026-03-01T23:00:00Z", None),  # midnight in Norway
    (MARK, "2026-03-01 23:59:59", errors.NotYetThrough),
    (MARK, None, errors.NotYetThrough),
    (MARK, "i natt", source_errors.ProofUnreadable),
    (MARK, "9999-12-31 00:00:00", source_errors.ProofUnreadable),  # it would prove every extract from now on
    (DAY_MARK, "02.03.2026", None),
    (DAY_MARK, "01.03.2026", errors.NotYetThrough),
    (DAY_MARK, "2026-03-02", source_errors.ProofUnreadable),
]


@pytest.mark.parametrize(("way", "at", "error"), WATERMARKS)
def test_a_watermark_must_have_reached_the_extraction_day(epj, way, at, error):
    proved_by(epj, way).sql(finished(at))
    if error is None:
        assert epj.read().proofs == ("watermark",)
        return
    with pytest.raises(error) as caught:
        epj.read()
    assert caught.value.exit_code == EXIT_SOURCE


def test_a_watermark_is_one_value(epj):
    proved_by(epj, 'watermark = { query = "SELECT navn, ferdig FROM jobb" }').sql(finished("2026-03-02 02:00:00"))
    with pytest.raises(source_errors.ProofUnreadable):
        epj.read()


# when the day's file was written, with which content | the error, None where it proves
FILES = [
    ("2026-03-02T00:00:00", None),
    ("2026-03-02T03:12:00", None),
    ("2026-03-01T23:59:59", errors.DoneFileOld),
    (None, errors.DoneFileMissing),
]


@pytest.mark.parametrize(("at", "error"), FILES)
def test_the_days_file_must_be_there_and_be_of_the_day(epj, at, error):
    proved_by(epj, DONE)
    if at is not None:
        done(epj, at)
    if error is None:
        assert epj.read().proofs == ("done_file",)
        return
    with pytest.raises(error) as caught:
        epj.read()
    assert "2026-03-02.done" in caught.value.says().nb


# what the file says in place of the right counts | the error, None where it proves
CONTENTS = [
    (lambda right: right, None),
    (lambda right: f"tabell;antall\n\n{right}", None),
    (lambda right: str(sum(map(int, re.findall(r";(\d+)", right)))), source_errors.ProofUnreadable),
    (lambda right: right.replace("klage;1", "klage;2"), source_errors.CountMismatch),
    (lambda right: right.replace("klage;1\n", ""), source_errors.ProofMissing),
    (lambda right: right + "klage;1\n", source_errors.ProofUnreadable),
    (lambda right: right.replace("klage;1", "klage;en"), source_errors.ProofUnreadable),
    (lambda right: "", source_errors.ProofUnreadable),
]


@pytest.mark.parametrize(("content", "error"), CONTENTS)
def test_counts_in_the_file_must_be_the_rows_read(epj, content, error):
    right = all_counts(epj)
    proved_by(epj, DONE_COUNTS)
    done(epj, "2026-03-02T03:12:00", content(right))
    if error is None:
        assert epj.read().complete
        return
    with pytest.raises(error):
        epj.read()


def slow(epj: Epj, meanwhile) -> MappedSource:
    """The source, with something that happens in the pause between two readings."""
    source = epj.source()
    return MappedSource(source.address, source.mapping, meanwhile)


# what happens between two readings | whether they are equal
MEANWHILE = [
    ("SELECT 1", True),
    ("DELETE FROM klage", False),
    ("UPDATE skaar SET verdi = 5 WHERE vurdering = 'F3'", False),
    ("INSERT INTO klage SELECT * FROM klage", False),
    ("UPDATE stopp SET til = '' WHERE id = 'P1'", False),
    # the same rows in another order
    ("CREATE TABLE v AS SELECT * FROM vedtak ORDER BY id DESC; DELETE FROM vedtak; INSERT INTO vedtak SELECT * FROM v", True),
]  # fmt: skip


@pytest.mark.parametrize(("change", "equal"), MEANWHILE)
def test_two_readings_must_have_the_same_rows(epj, change, equal):
    pauses = []
    source = slow(proved_by(epj, READS), lambda seconds: (pauses.append(seconds), epj.sql(change)))
    if equal:
        assert source.read(UNIT, DAY, "sandbox").proofs == ("equal_reads",)
    else:
        with pytest.raises(errors.ReadsDiffer):
            source.read(UNIT, DAY, "sandbox")
    assert pauses == [5]


def test_a_file_that_is_written_while_the_tables_are_read_stops(epj):
    done(proved_by(epj, DONE, READS), "2026-03-02T03:12:00")
    with pytest.raises(errors.DoneFileChanged):
        slow(epj, lambda _: done(epj, "2026-03-02T03:13:00")).read(UNIT, DAY, "sandbox")


def test_our_own_count_is_a_proof_of_the_reading_alone(epj):
    assert proved_by(epj, SELF).read().proofs == ("self_count",)
    assert epj.sql("DELETE FROM tjeneste").read().complete  # half an export is whole to it: therefore it is weak


@pytest.mark.postgres
def test_our_own_count_and_two_readings_of_postgresql(tmp_path, postgres_url):
    epj = proved_by(Epj(tmp_path, postgres_url), READS, SELF)
    assert slow(epj, lambda _: None).read(UNIT, DAY, "sandbox").proofs == ("equal_reads", "self_count")


def test_several_ways_must_all_hold(epj):
    proved_by(epj, COUNT, MARK, SELF).sql(finished("2026-03-02 02:00:00"))
    assert epj.read().proofs == ("count", "watermark", "self_count")
    with pytest.raises(errors.NotYetThrough):
        epj.sql("UPDATE jobb SET ferdig = '2026-03-01 02:00:00'").read()
    with pytest.raises(source_errors.CountMismatch):
        epj.sql("UPDATE jobb SET ferdig = '2026-03-02 02:00:00'; DELETE FROM klage").read()


# what stands under [complete] | the error | the key it names
WRONG = {
    "nothing": ("", mapping_errors.ValueWrong, "complete"),
    "unknown way": ("wattermark = {}", mapping_errors.NameUnknown, "complete.wattermark"),
    "count without query": ("count = {}", mapping_errors.KeyMissing, "complete.count.query"),
    "mark with a wrong form": ('watermark = { query = "SELECT 1", instant = "%d.%m" }', mapping_errors.FormatWrong, "complete.watermark"),
    "mark with an unknown key": ('watermark = { query = "SELECT 1", format = "%d" }', mapping_errors.NameUnknown, "complete.watermark.format"),
    "file with half its day": ('done_file = { path = "siste-%Y.done" }', mapping_errors.ValueWrong, "complete.done_file.path"),
    "file with an hour": ('done_file = { path = "%Y%m%d%H.done" }', mapping_errors.ValueWrong, "complete.done_file.path"),
    "counts as text": ('done_file = { path = "%Y%m%d.done", counts = "ja" }', mapping_errors.ValueWrong, "complete.done_file.counts"),
    "no pause": ("equal_reads = {}", mapping_errors.KeyMissing, "complete.equal_reads.pause_seconds"),
    "pause of nothing": ("equal_reads = { pause_seconds = 0 }", mapping_errors.ValueWrong, "complete.equal_reads.pause_seconds"),
    "pause of a day": ("equal_reads = { pause_seconds = 86400 }", mapping_errors.ValueWrong, "complete.equal_reads.pause_seconds"),
    "not counted": ("self_count = false", mapping_errors.ValueWrong, "complete.self_count"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_proof_has_its_own_error(epj, name):
    lines, error, key = WRONG[name]
    with pytest.raises(error) as caught:
        proved_by(epj, lines).source()
    assert caught.value.facts["key"] == key


def test_where_the_count_stood_before_is_told(epj):
    epj.edit("read_only = true", 'read_only = true\ncomplete = { query = "SELECT 1" }')
    with pytest.raises(mapping_errors.NameUnknown) as caught:
        epj.source()
    assert "[complete]" in caught.value.advises().nb


GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "koblingsfilen.md"


def test_the_examples_of_the_guide_are_read_and_have_every_way(epj):
    text = GUIDE.read_text(encoding="utf-8")
    examples = re.findall(r"^(?:count|watermark|done_file|equal_reads|self_count) *= .*$", text, re.MULTILINE)
    named = {example.split(" ")[0] for example in examples}
    assert named == set(proved_by(epj, COUNT, MARK, DONE, READS, SELF).source().mapping.complete.ways)
    for example in examples:
        whole = epj.mapping.read_text(encoding="utf-8")
        start, end = whole.index("[complete]"), whole.index("[table.")
        epj.mapping.write_text(f"{whole[:start]}[complete]\n{example}\n\n{whole[end:]}", encoding="utf-8")
        assert read_mapping(epj.mapping).complete.ways == (example.split(" ")[0],)
