"""What a report says of rows that were read and do not count."""

from ktt.sender.extract.rows.counts import RowCounts
from ktt.sender.extract.rows.reading import Reading
from ktt.validate.report.reading_words import reading_words

READING = Reading(
    tables={"LOGG": RowCounts(10, {"among STATUS": 1, "latest": 3, "where SLETTET": 2}), "HEL": RowCounts(4)},
    skipped={"record.score": {"columns": 5}, "record.care_service.also[1]": {"skip FRA": 1}},
    forms={"record.pause.fields.ends_on": {"%d.%m.%Y": 3, "%Y%m%d": 1}, "record.pause.fields.starts_on": {"%d.%m.%Y": 4, "%Y%m%d": 0}},
)  # fmt: skip


def test_in_norwegian():
    assert list(reading_words(READING, "nb")) == [
        "Tabellen «LOGG»: 10 rader lest, 4 teller. Utelatt: 1 er ingen versjon etter «STATUS», 3 eldre versjoner, 2 rader etter «SLETTET».",
        "«record.score» hopper over: 5 celler uten verdi.",
        "«record.care_service.also[1]» hopper over: 1 rad etter «FRA».",
        "«record.pause.fields.ends_on» er skrevet på flere måter: «%d.%m.%Y» 3, «%Y%m%d» 1.",
    ]


def test_nothing_where_all_counts_and_is_written_in_one_way():
    assert not list(reading_words(Reading({"HEL": RowCounts(4)}), "nb"))
    assert all("left out" in said.lower() or "skips" in said or "ways" in said for said in reading_words(READING, "en"))
