"""Judging: all rules of a record type over its frame in one pass."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit
from ktt.rules.context import JUDGED, Around, widen
from ktt.rules.findings import findings_of, together
from ktt.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what circumstances the rules judge: whose data, which day it is, and whether this is production.

    `known` is what the registry already has of the unit, so that rules between record types see the whole picture
    and not only what is in one message: empty when the records are the whole picture (an extract), None when it is
    not at hand, and rules that need it are then skipped.
    """

    unit: ReportingUnit
    today: dt.date
    production: bool = False
    known: Records | None = None


def judge(records: Records, rules: Iterable[Rule], setting: Setting) -> pl.DataFrame:
    """Every finding of every rule, as a frame (`findings.FINDING_SCHEMA`), always in the same order."""
    by_type: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if _applies(rule, setting):
            by_type[rule.on.name].append(rule)
    around = Around.of(records, setting)
    return together(finding for name in by_type for finding in _judge_type(records, by_type[name], around))


def _applies(rule: Rule, setting: Setting) -> bool:
    here = rule.production in (None, setting.production)
    return here and rule.judges_on(setting.today) and (setting.known is not None or not rule.knows)


def _judge_type(records: Records, rules: Sequence[Rule], around: Around) -> list[pl.DataFrame]:
    kind = JUDGED[rules[0].on.name]
    used = {name for rule in rules for name in rule.holds.meta.root_names()}
    wide = widen(records, kind, used, around)
    if wide is None:
        return []
    # A rule judges only where its expression has a value: an empty answer is no fault.
    frame = wide.collect()
    broken = frame.lazy().select((~rule.holds).fill_null(value=False).alias(rule.id) for rule in rules).collect()
    return [findings_of(rule, frame, broken[rule.id].arg_true()) for rule in rules if broken[rule.id].any()]
