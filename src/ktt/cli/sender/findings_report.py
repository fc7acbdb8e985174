"""A unit's findings as text, by who must act, and as data for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import polars as pl

from ktt.core.text import Language, Text
from ktt.rules.kinds import Cause
from ktt.sender.extract.finding_kinds import FINDING_KINDS, FOLLOWING
from ktt.sender.findings.overview import Overview, RuleFindings
from ktt.sender.findings.store import RecordedRun
from ktt.sender.follow_ups.words import sentence
from ktt.validate.report.words import About, about, cause_name, field_words, record_word

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.messages.follow_ups import FollowUp

SHOWN = 10
"""Findings of one rule that are shown on a screen; --json has them all."""

_HEADING = Text(
    nb="Enhet {unit}. Sist kontrollert: uttrekk {day}, {kind}, regelversjon {rule_set}.",
    en="Unit {unit}. Last checked: extract of {day}, {kind}, rule set {rule_set}.",
)
_NEVER = Text(
    nb="Enhet {unit}: ingen kjøring har kontrollert uttrekket ennå. Kjør «ktt load» eller «ktt daily».",
    en="Unit {unit}: no run has checked the extract yet. Run `ktt load` or `ktt daily`.",
)
_RUN_KINDS = {"load": Text(nb="initiell last", en="initial load"), "daily": Text(nb="daglig", en="daily run")}
_SUM = Text(
    nb="{count:avvik åpent|avvik åpne}: {opened:nytt|nye} i denne kjøringen, {before} fra før. {closed} lukket av seg selv i denne kjøringen.",
    en="{count:finding|findings} open: {opened} new in this run, {before} from before. {closed} closed by itself in this run.",
)
_NOTHING = Text(nb="✓ Ingenting er feil i dag.", en="✓ Nothing is wrong today.")
_LATELY = Text(nb="Lukket siden {day}: {count}", en="Closed since {day}: {count}")
_REMEDY = Text(nb="Slik retter dere: {remedy}", en="What to do: {remedy}")
_SINCE = Text(nb="siden {day}", en="since {day}")
_NEW = Text(nb="nytt", en="new")
_UNSEEN = Text(nb="ikke kontrollert siden {day}", en="not checked since {day}")
_CLOSED = Text(nb="åpnet {opened}, lukket {closed}", en="opened {opened}, closed {closed}")
_LOCAL_CODE = Text(nb="lokal kode «{code}»", en="local code “{code}”")
_NO_ID = Text(nb="uten ID", en="without id")
_MORE = Text(
    nb="… og {n} til. «ktt findings --rule {rule}» viser alle.",
    en="… and {n} more. `ktt findings --rule {rule}` shows all.",
)
_FOLLOW = Text(
    nb="{n} avvik følger av disse, og lukkes når de er rettet: {types} holdt tilbake.",
    en="{n:finding follows from these, and closes|findings follow from these, and close} when they are corrected: {types} held back.",
)
_WITHDRAWN = Text(nb="Regelen finnes ikke lenger.", en="The rule is no more.")
_AGAIN = Text(nb="Kjør på nytt, så lukkes avviket.", en="Run again, and the finding closes.")


def shown(view: Overview, language: Language, *, lately: str | None, whole: bool) -> RenderableType:
    """The findings in one language; `lately` is the day from which closed ones are shown instead of open ones.

    `whole` shows every finding of every rule, for when rules were named.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text as Words

    lines = _never(view, language) if view.run is None else _lines(view, view.run, language, lately, whole=whole)
    return Group(
        *(Padding(Words(line.lstrip()), (0, 0, 0, len(line) - len(line.lstrip())), expand=False) for line in lines)
    )


def with_follow_ups(drawn: RenderableType, told: Sequence[FollowUp], language: Language) -> RenderableType:
    """The same, and below it what FHI waits for."""
    from rich.console import Group

    lines = [f"{sentence(one).in_(language)} {one.remedy.in_(language)}" for one in told]
    return Group(drawn, "", *lines) if lines else drawn


def following(counts: Mapping[str, int]) -> Text:
    """How many findings close when others are corrected, by record type."""

    def named(language: Language) -> str:
        return ", ".join(f"{record_word(name, language)} {count}" for name, count in counts.items() if count)

    return _FOLLOW.format(n=sum(counts.values()), types=Text(nb=named("nb"), en=named("en")))


def _never(view: Overview, language: Language) -> Iterator[str]:
    yield _NEVER.in_(language).format(unit=view.unit.key)


def _lines(view: Overview, run: RecordedRun, language: Language, lately: str | None, *, whole: bool) -> Iterator[str]:
    kind = _RUN_KINDS.get(run.kind, Text(nb=run.kind, en=run.kind))
    heading = _HEADING.format(unit=view.unit.key, day=run.extracted_on, kind=kind, rule_set=run.rule_set)
    yield heading.in_(language)
    yield _sum(view).in_(language)
    if lately is not None:
        yield ""
        yield _LATELY.format(day=lately, count=sum(group.findings.height for group in view.lately)).in_(language)
    elif not view.groups:
        yield _NOTHING.in_(language)
    groups = view.groups if lately is None else view.lately
    listed = [group for group in groups if whole or lately is not None or group.rule not in FOLLOWING]
    for cause in Cause:
        yield from _of_cause(cause, [group for group in listed if group.cause is cause], run, language, whole=whole)
    if left := [group for group in groups if group not in listed]:
        yield ""
        types = pl.concat(group.findings["record_type"] for group in left)
        yield following(dict(types.value_counts(sort=True).iter_rows())).in_(language)


def _of_cause(
    cause: Cause, groups: Sequence[RuleFindings], run: RecordedRun, language: Language, *, whole: bool
) -> Iterator[str]:
    if groups:
        yield ""
        yield f"{cause_name(cause, language)}: {sum(group.findings.height for group in groups)}"
    for group in groups:
        yield ""
        yield from _group(group, run, language, limit=group.findings.height if whole else SHOWN)


def _sum(view: Overview) -> Text:
    before = view.still_open - view.opened
    return _SUM.format(count=view.still_open, opened=view.opened, before=before, closed=view.closed)


def _group(group: RuleFindings, run: RecordedRun, language: Language, *, limit: int) -> Iterator[str]:
    rule = _about(group.rule)
    facts = [group.rule, str(group.findings.height), group.consequence.text.in_(language)]
    if group.findings["closed_on"].null_count():
        facts.append(_SINCE.format(day=group.since).in_(language))
    yield f"  {rule.says.in_(language)}"
    yield f"  {_REMEDY.format(remedy=rule.remedy).in_(language)}"
    yield f"  {' · '.join(facts)}"
    for finding in group.findings.head(limit).iter_rows(named=True):
        yield f"    {_where(finding, language)} · {_when(finding, run).in_(language)}"
    if group.findings.height > limit:
        yield f"    {_MORE.format(n=group.findings.height - limit, rule=group.rule).in_(language)}"


def _where(finding: Mapping[str, Any], language: Language) -> str:
    """The record, the part of it or its local code, the fields, and what the schema asks for there."""
    record_type, part = finding["record_type"], finding["part_id"]
    kind = FINDING_KINDS.get(finding["rule"])
    if part and kind and not kind.of_place:
        part = _LOCAL_CODE.format(code=part).in_(language)
    name = f"{record_word(record_type, language)} {finding['local_id'] or _NO_ID.in_(language)}"
    fields = field_words(record_type, finding["fields"], language)
    parts = (name, fields, part) if kind and kind.of_place else (name, part, fields)
    return " · ".join(filter(None, parts))


def _when(finding: Mapping[str, Any], run: RecordedRun) -> Text:
    if finding["closed_on"] is not None:
        return _CLOSED.format(opened=finding["opened_on"], closed=finding["closed_on"])
    if finding["opened_run"] == run.number:
        return _NEW
    if finding["seen_run"] < run.number:
        return _UNSEEN.format(day=finding["seen_on"])
    return _SINCE.format(day=finding["opened_on"])


def _about(rule: str) -> About:
    return about().get(rule, About(rule, _WITHDRAWN, _AGAIN))


def as_data(view: Overview) -> dict[str, Any]:
    """The same as plain data, every finding in it."""
    return {
        "unit": view.unit.key,
        "run": asdict(view.run) if view.run else None,
        "open": view.still_open,
        "opened_in_run": view.opened,
        "closed_in_run": view.closed,
        "exit_code": view.exit_code,
        "groups": [_group_data(group) for group in view.groups],
        "closed": [_group_data(group) for group in view.lately],
    }


def _group_data(group: RuleFindings) -> dict[str, Any]:
    rule = _about(group.rule)
    return {
        "rule": group.rule,
        "cause": group.cause.value,
        "consequence": group.consequence.name.lower(),
        "says": rule.says,
        "remedy": rule.remedy,
        "count": group.findings.height,
        "since": group.since,
        "follows": group.rule in FOLLOWING,
        "findings": group.findings.drop("rule", "cause", "consequence").to_dicts(),
    }
