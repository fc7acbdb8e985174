"""A column of which nearly no value can be read is one fault of the mapping, told with the form of its values."""

import pytest

from ktt.core.errors import EXIT_MAPPING
from ktt.sender.extract.mapping.errors import ValuesUnreadable
from support.sources_epj import ADA

ROWS = "INSERT INTO opplysning SELECT 'X' || tall.n, 1, {fra}, '', 'A', '', {endret} FROM tall"
NUMBERS = "CREATE TABLE tall (n INTEGER); INSERT INTO tall VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11),(12);"


def many(epj, fra="'01.01.2020'", endret="'2020-01-01 12:00:00'", where=""):
    return epj.sql(NUMBERS + ROWS.format(fra=fra, endret=endret) + where, log=True)


def test_one_fault_and_not_a_task_for_each_row(epj):
    with pytest.raises(ValuesUnreadable) as caught:
        many(epj, endret="'kl. 12.' || (10 + n) || ' den 3. mai 2020'").read()
    facts = caught.value.facts
    assert facts["place"] == "opplysning.endret"
    assert facts["key"] == "record.circumstances.fields.recorded_at"
    assert facts["form"] == "AA. 99.99 AAA 9. AAA 9999"
    assert (facts["unread"], facts["count"]) == (12, 13)
    assert caught.value.exit_code == EXIT_MAPPING
    assert "AA. 99.99" in caught.value.says().nb


def test_the_form_says_nothing_of_a_person(epj):
    with pytest.raises(ValuesUnreadable) as caught:
        many(epj, fra=f"'{ADA} Ådne Ærlig'").read()
    assert caught.value.facts["form"] == "99999999999 AAAA AAAAA"


@pytest.mark.parametrize(("where", "held"), [(" WHERE n < 10", 9), ("", 12)])
def test_some_that_cannot_be_read_are_findings(epj, where, held):
    if not where:  # twelve of twenty-five
        many(epj)
        epj.sql("UPDATE opplysning SET id = 'Y' || id WHERE id LIKE 'X%'; DROP TABLE tall")
    extract = many(epj, fra="'snart'", where=where).read()
    assert extract.findings.filter(rule="KTT-SRC-F02").height == held


def test_values_that_mean_nothing_are_not_counted(epj):
    many(epj, fra="''")
    assert epj.read().findings.filter(rule="KTT-SRC-F02").is_empty()


def test_a_freshness_that_cannot_be_read_is_not_fresh(epj):
    epj.edit("[table.opplysning]\n", '[table.opplysning]\nfresh = { column = "fra", error_after = "3d" }\n')
    with pytest.raises(ValuesUnreadable) as caught:
        many(epj, where=" WHERE n < 11").read()
    assert caught.value.facts["key"] == "table.opplysning.fresh"


def test_a_freshness_with_an_offset_is_read(epj):
    epj.edit("[table.opplysning]\n", '[table.opplysning]\nfresh = { column = "endret", warn_after = "1h" }\n')
    assert many(epj, endret="'2026-03-01T20:00:00Z'").read().stale == {"opplysning": 3}
