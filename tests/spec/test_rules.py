"""The executable specification: every rule, every example row, gives the verdict that the manual prints."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from ktt.domain.unit import ReportingUnit
from ktt.rules.catalogue import catalogue, find
from ktt.rules.context import UNIT
from ktt.rules.engine import validate_records
from ktt.rules.errors import RuleUnknown
from ktt.rules.examples import EXAMPLE_SCOPE, Example, parse
from ktt.rules.rule import Rule
from ktt.rules.rule_sets.digest import digest
from ktt.rules.rule_sets.published import change, rule_set_on, rule_sets

HERE = EXAMPLE_SCOPE


def verdicts(rule: Rule, example: Example) -> list[bool]:
    """The engine's verdict on each row of the rule's own type."""
    scope = replace(HERE, production=bool(rule.production))
    if rule.on is UNIT:
        rows = example.records[UNIT.name].rows()
        return [validate_records({}, [rule], replace(scope, unit=ReportingUnit(*row))).height > 0 for row in rows]
    found = set(validate_records(example.records, [rule], scope)["row"])
    return [row in found for row in range(len(example.breaks))]


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_every_example_gives_the_verdict_it_claims(rule):
    example = parse(rule.examples, rule.on)
    assert any(example.breaks), "an example that breaks the rule"
    assert not all(example.breaks), "an example that keeps the rule"
    assert verdicts(rule, example) == list(example.breaks)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_every_rule_is_whole(rule):
    for text in (rule.says, rule.remedy):
        assert text.nb.strip().endswith((".", "?")), text.nb
        assert text.en.strip().endswith((".", "?")), text.en
        assert text.nb != text.en
    assert rule.source.strip()
    assert rule.concerns
    assert set(rule.concerns) <= {column.name for column in rule.on.columns}


def test_there_are_at_least_a_hundred_rules_and_no_id_occurs_twice():
    ids = [rule.id for rule in catalogue()]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 100


def test_a_rule_is_found_by_its_id_and_a_near_miss_is_helped():
    assert find("ktt-omfang-01").id == "KTT-OMFANG-01"
    with pytest.raises(RuleUnknown, match="KTT-VAL-01") as fault:
        find("KTT-OMFANG-99")
    assert "KTT-OMFANG-0" in fault.value.advises().nb


def test_the_newest_rule_set_holds_every_rule_as_it_stands():
    newest = rule_sets()[-1]
    assert newest.digests == {rule.id: digest(rule) for rule in catalogue()}


def test_the_change_log_between_two_sets_is_exact():
    newest = rule_sets()[-1]
    older = replace(
        newest,
        digests={k: v for k, v in newest.digests.items() if k != "KTT-OMFANG-01"}
        | {"KTT-GONE-01": "x", "KTT-LINJE-01": "y"},
    )
    log = change(older, newest)
    assert (log.added, log.changed, log.withdrawn) == (("KTT-OMFANG-01",), ("KTT-LINJE-01",), ("KTT-GONE-01",))


def test_the_set_in_force_follows_the_day():
    assert rule_set_on(dt.date(2026, 3, 2)).version == rule_sets()[0].version


def test_a_rule_that_needs_the_whole_picture_is_skipped_without_it():
    rule = find("KTT-TJENESTE-03")
    example = parse(rule.examples, rule.on)
    assert validate_records(example.records, [rule], replace(HERE, other_records=None)).is_empty()


def test_other_records_of_the_unit_are_looked_at():
    rule = find("KTT-TJENESTE-03")
    example = parse("| service_id | decision_id |\n| T-2 | V-9 |\ndecision\n| decision_id |\n| V-1 |", rule.on)
    known = parse("| decision_id |\n| V-9 |", find("KTT-VEDTAK-01").on).records
    assert validate_records(example.records, [rule], HERE).height == 1
    assert validate_records(example.records, [rule], replace(HERE, other_records=known)).is_empty()


def test_findings_never_carry_a_value():
    rule = find("KTT-PERSON-01")
    example = parse(rule.examples, rule.on)
    found = validate_records(example.records, [rule], HERE)
    numbers = [n for n in example.records["recipient"]["person_number"] if n]
    assert found.height == 2
    assert not any(number in str(found.to_dicts()) for number in numbers)


def test_findings_come_in_one_order():
    records = parse(
        "| decision_id | applied_on | decided_on |\n| V-1 | | |\n| V-2 | 2026-01-09 | 2026-01-05 |",
        find("KTT-VEDTAK-01").on,
    ).records
    found = validate_records(records, catalogue(), HERE)
    assert found.equals(validate_records(records, reversed(catalogue()), HERE))
    assert found.select("row").to_series().is_sorted()
    assert isinstance(found, pl.DataFrame)
