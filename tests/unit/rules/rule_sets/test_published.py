"""A rule set runs its own rules, or says that it cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.rules.catalogue import catalogue
from ktt.rules.errors import RuleSetNotKept
from ktt.rules.rule_sets import published
from ktt.rules.rule_sets.published import RuleSet, rule_set_on, rule_sets

NEWEST = rule_sets()[-1]
FIRST = catalogue()[0].id
OLD_DAY = dt.date(2020, 1, 1)


def older(**digests: str) -> RuleSet:
    return replace(NEWEST, version="2019.1", effective_from=OLD_DAY, digests=NEWEST.digests | digests)


def test_the_newest_runs_the_catalogue():
    assert NEWEST.rules == catalogue()


def test_an_older_one_with_the_same_rules_runs_those_it_has():
    fewer = {rule: value for rule, value in NEWEST.digests.items() if rule != FIRST}
    assert replace(older(), digests=fewer).rules == catalogue()[1:]


@pytest.mark.parametrize("digests", [{FIRST: "0" * 16}, {"KTT-GONE-01": "0" * 16}], ids=["changed", "withdrawn"])
def test_an_older_one_whose_rules_are_not_kept_is_refused(digests):
    with pytest.raises(RuleSetNotKept, match="KTT-VAL-22") as refused:
        _ = older(**digests).rules
    assert next(iter(digests)) in refused.value.says().nb
    assert NEWEST.version in refused.value.advises().en


def test_validating_on_a_day_of_such_a_set_is_refused(monkeypatch):
    from ktt.validate.rule_selection import validation_request

    sets = (older(**{FIRST: "0" * 16}), NEWEST)
    monkeypatch.setattr(published, "rule_sets", lambda: sets)
    assert rule_set_on(OLD_DAY).version == "2019.1"
    with pytest.raises(RuleSetNotKept):
        validation_request(OLD_DAY)
    assert validation_request(NEWEST.effective_from).rule_set == NEWEST.version
