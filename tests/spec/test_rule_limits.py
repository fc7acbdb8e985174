"""Every limit of a rule has an example on each side: moved by the smallest step, some example gives another verdict."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from ktt.rules.catalogue import catalogue, find
from ktt.rules.rule_sets.digest import digest, expression_tree
from support.rule_mutants import mutants, verdicts

_MODULUS = "the arithmetic of check digits is held against another library in tests/unit/domain"
_IS_MONTH = "the pattern only keeps what is no month from being read as one; the first rule of the three has its limits"
UNNOTICED = {
    "KTT-ENHET-01": ("^[0-9]{9}$ → ", "Int: 10 → 11", _MODULUS),
    "KTT-UTFORER-01": ("^[0-9]{9}$ → ", "Int: 10 → 11", _MODULUS),
    **{f"KTT-{name}-0{number}": ("1[0-2])$ → ", _IS_MONTH) for name in ("LEGE", "TANN") for number in (2, 3)},
}
"""Rule → what may be changed without an example noticing, and last the reason."""

WITH_LIMITS = [rule for rule in catalogue() if next(mutants(rule), None)]


def broken_by(rule, holds) -> list[bool]:
    """The verdicts; none at all where the changed expression cannot even be computed."""
    try:
        return verdicts(rule, holds)
    except pl.exceptions.PolarsError:
        return []


@pytest.mark.parametrize("rule", WITH_LIMITS, ids=lambda rule: rule.id)
def test_an_example_notices_when_a_limit_moves(rule):
    right = verdicts(rule, rule.holds)
    *allowed, _ = UNNOTICED.get(rule.id, ("",))
    unnoticed = [change for change, holds in mutants(rule) if broken_by(rule, holds) == right]
    assert [change for change in unnoticed if not any(part in change for part in allowed)] == []


@pytest.mark.parametrize("rule", WITH_LIMITS, ids=lambda rule: rule.id)
def test_the_digest_is_made_of_every_limit(rule):
    right = expression_tree(rule.holds)
    assert all(expression_tree(holds) != right for _, holds in mutants(rule))


def test_another_limit_is_another_digest():
    rule = find("KTT-KLAGE-07")
    days = [holds for change, holds in mutants(rule) if "Duration" in change]
    assert len({digest(rule), *(digest(replace(rule, holds=holds)) for holds in days)}) == 3


def test_the_changes_are_of_every_kind():
    named = " ".join(change for rule in WITH_LIMITS for change, _ in mutants(rule))
    kinds = ("Int:", "Datetime", "Duration", "LtEq → Lt", "GtEq → Gt", "Both → Left", "0.01 → 0.02", "5y → 6y", "[0-8]")
    assert [kind for kind in kinds if kind not in named] == []
