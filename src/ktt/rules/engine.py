"""Applying the rules: all rules of a record type over its frame in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import polars as pl

from ktt.domain.records import Records, frame_of
from ktt.domain.schema import engine_for
from ktt.rules.context import RULE_TYPES, UNIT, RuleContext, ValidationScope, unit_frame, with_context
from ktt.rules.findings import findings_of, together
from ktt.rules.rule import Rule


def validate_records(records: Records, rules: Iterable[Rule], scope: ValidationScope) -> pl.DataFrame:
    """Every finding of every rule, as a frame (`findings.FINDING_SCHEMA`), always in the same order."""
    by_type: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if _applies(rule, scope):
            by_type[rule.on.name].append(rule)
    context = RuleContext.of(records, scope)
    found = (finding for name in by_type for finding in _of_type(records, by_type[name], context))
    return together(found, scope.unit)


def _applies(rule: Rule, scope: ValidationScope) -> bool:
    here = rule.production in (None, scope.production)
    complete = scope.other_records is not None or not rule.needs_whole_picture
    return here and complete and rule.in_force_on(scope.today)


def _of_type(records: Records, rules: Sequence[Rule], context: RuleContext) -> list[pl.DataFrame]:
    kind = RULE_TYPES[rules[0].on.name]
    own = unit_frame(context.scope.unit) if kind is UNIT else frame_of(records, kind)
    if own.is_empty():
        return []
    used = set[str]().union(*(rule.columns for rule in rules))
    engine = engine_for(own.height)
    frame = with_context(kind, own, used, context).collect(engine=engine)
    broken = frame.lazy().select(rule.broken for rule in rules).collect(engine=engine)
    return [findings_of(rule, frame, broken[rule.id].arg_true()) for rule in rules if broken[rule.id].any()]
