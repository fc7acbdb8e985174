"""The executable specification of the annual message: every rule, every example row, gives the verdict that is printed."""

from __future__ import annotations

import pytest

from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.example_frames import actual_verdicts, expected_verdicts
from ktt.rules.annual.record_types import CONTEXT
from ktt.rules.catalogue import catalogue


@pytest.mark.parametrize("rule", annual_rules(), ids=lambda rule: rule.id)
def test_every_example_gives_the_verdict_it_claims(rule):
    assert any(expected_verdicts(rule)), "an example that breaks the rule"
    assert not all(expected_verdicts(rule)), "an example that keeps the rule"
    assert actual_verdicts(rule) == expected_verdicts(rule)


@pytest.mark.parametrize("rule", annual_rules(), ids=lambda rule: rule.id)
def test_every_rule_is_whole(rule):
    for text in (rule.says, rule.remedy):
        assert text.nb.strip().endswith("."), text.nb
        assert text.en.strip().endswith("."), text.en
        assert text.nb != text.en
    own = {column.name for column in rule.on.columns}
    assert rule.source.strip()
    assert set(rule.concerns) <= own
    assert set(rule.holds.meta.root_names()) <= own | set(CONTEXT)


def test_no_id_occurs_twice_and_none_is_taken_from_the_daily_rules():
    ids = [rule.id for rule in annual_rules()]
    assert len(ids) == len(set(ids)) > 140
    assert not set(ids) & {rule.id for rule in catalogue()}
