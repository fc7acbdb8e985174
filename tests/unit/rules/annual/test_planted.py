"""The answer key of planted faults is met exactly, and what becomes of the records adds up."""

from __future__ import annotations

import polars as pl
import pytest

from ktt.rules.annual.catalogue import annual_rules
from ktt.testing.synthetic import annual_message
from ktt.testing.synthetic.annual_message import Element
from support.annual_messages import validate, written

YEARS = [2019, 2025]
HEADS = list(annual_message.faulty_heads(2025))


def test_nothing_is_found_in_faultless_people():
    for year in YEARS:
        findings, validation = validate(written(annual_message.people(40, year), year))
        assert findings.is_empty()
        assert validation.report_year.year == year
        assert validation.counts.read == validation.counts.kept == validation.counts.faultless > 0


def test_every_planted_fault_is_found_and_nothing_else():
    bad, key = annual_message.faulty()
    findings, _ = validate(written([*annual_message.people(5, 2025), *bad]))
    persons = [None, *[f"1{number:05}" for number in range(1, 6)], *(one.fields["pePeID"] for one in bad)]
    whose = pl.col("pointer").str.extract(r"^/IPLOS/PERSON\[([0-9]+)\]").cast(pl.Int64).fill_null(0)
    found = sorted((rule, persons[person]) for rule, person in findings.select("rule", whose).iter_rows())
    assert found == sorted((one.rule, one.person) for one in key)


@pytest.mark.parametrize(("rule", "text"), HEADS, ids=[rule.id for rule, _ in HEADS])
def test_a_fault_in_the_head_is_found_alone(rule, text):
    findings, _ = validate("".join(text).encode())
    assert findings["rule"].to_list() == [rule.id]
    assert findings["consequence"].to_list() == [rule.consequence.value]


def test_every_rule_is_planted_somewhere():
    _, key = annual_message.faulty()
    assert {one.rule for one in key} | {rule.id for rule, _ in HEADS} == {rule.id for rule in annual_rules()}


def test_a_person_who_is_left_out_takes_everything_along():
    persons = list(annual_message.people(3, 2025))
    persons[1] = Element("PERSON", {**persons[1].fields, "peKjonn": "X"}, persons[1].inside)
    _, validation = validate(written(persons))
    gone = 1 + len(persons[1].inside)
    assert validation.counts.dropped == gone
    assert validation.counts.kept == validation.counts.read - gone
    assert validation.counts.faultless == validation.counts.read - 1


def test_a_field_is_cleared_once_and_not_in_a_record_that_is_left_out():
    persons = list(annual_message.people(2, 2025))
    cleared, gone = ({**person.inside[0].fields, "poHusstand": "8"} for person in persons)
    gone["poFraDato"] = "20041231"
    persons[0].inside[0].fields, persons[1].inside[0].fields = cleared, gone
    _, validation = validate(written(persons))
    assert (validation.counts.cleared, validation.counts.dropped) == (1, 1)


def test_a_key_is_watched_over_the_whole_file():
    persons = list(annual_message.people(200, 2025))
    again = Element("PERSON", {"pePeID": "100001"})
    findings, validation = validate(written([*persons, again]), size=300_000)
    assert findings["rule"].to_list() == ["IPLOS-PERSON-NOKKEL"]
    assert validation.counts.dropped == 1
