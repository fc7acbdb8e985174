"""How a unit's findings are shown: to a person by who must act, to a script as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ktt.review.words import About, about, cause_name, field_words, record_word
from ktt.sender.findings.overview import Group, Overview
from ktt.sender.findings.store import JudgedRun
from ktt.sources.findings import KINDS
from ktt.text import Language, Text, counted
from ktt.validation.rule import Cause

SHOWN = 10
"""Findings of one rule that are shown on a screen; --json has them all."""

_HEAD = Text(
    nb="Enhet {unit}. Sist kontrollert: uttrekk {day}, {kind}, regelutgave {rule_set}.",
    en="Unit {unit}. Last judged: extract of {day}, {kind}, rule set {rule_set}.",
)
_NEVER = Text(
    nb="Enhet {unit}: ingen kjøring har kontrollert uttrekket ennå. Kjør «ktt load» eller «ktt daily».",
    en="Unit {unit}: no run has judged the extract yet. Run `ktt load` or `ktt daily`.",
)
_RUN_KINDS = {"load": Text(nb="initiell last", en="initial load"), "daily": Text(nb="daglig", en="daily run")}
_SUM = Text(
    nb="{count} åpne: {opened} nye i denne kjøringen, {before} fra før. {closed} lukket av seg selv i denne kjøringen.",
    en="{count} open: {opened} new in this run, {before} from before. {closed} closed by itself in this run.",
)
_NOTHING = Text(nb="✓ Ingenting er feil i dag.", en="✓ Nothing is wrong today.")
_LATELY = Text(nb="Lukket siden {day}: {count}", en="Closed since {day}: {count}")
_FINDINGS = (Text(nb="{n} avvik", en="{n} finding"), Text(nb="{n} avvik", en="{n} findings"))
_REMEDY = Text(nb="Slik retter dere: {remedy}", en="What to do: {remedy}")
_SINCE = Text(nb="siden {day}", en="since {day}")
_NEW = Text(nb="nytt", en="new")
_UNSEEN = Text(nb="ikke kontrollert siden {day}", en="not judged since {day}")
_CLOSED = Text(nb="åpnet {opened}, lukket {closed}", en="opened {opened}, closed {closed}")
_LOCAL_CODE = Text(nb="lokal kode «{code}»", en="local code “{code}”")
_NO_ID = Text(nb="uten ID", en="without id")
_MORE = Text(nb="… og {n} til. Alle står i --json.", en="… and {n} more. All are in --json.")
_WITHDRAWN = Text(nb="Regelen finnes ikke lenger.", en="The rule is no more.")
_AGAIN = Text(nb="Kjør på nytt, så lukkes avviket.", en="Run again, and the finding closes.")


def as_text(view: Overview, language: Language, *, lately: str | None) -> str:
    """The findings in one language; `lately` is the day from which closed ones are shown instead of open ones."""
    if view.run is None:
        return _NEVER.in_(language).format(unit=view.unit.key)
    return "\n".join(_lines(view, view.run, language, lately))


def _lines(view: Overview, run: JudgedRun, language: Language, lately: str | None) -> Iterator[str]:
    kind = _RUN_KINDS.get(run.kind, Text(nb=run.kind, en=run.kind))
    head = _HEAD.format(unit=view.unit.key, day=run.extracted_on, kind=kind, rule_set=run.rule_set)
    yield head.in_(language)
    yield _sum(view).in_(language)
    groups = view.groups if lately is None else view.lately
    if lately is not None:
        yield ""
        yield _LATELY.format(day=lately, count=sum(group.findings.height for group in groups)).in_(language)
    elif not groups:
        yield _NOTHING.in_(language)
    for cause in Cause:
        mine = [group for group in groups if group.cause is cause]
        if mine:
            yield ""
            yield f"{cause_name(cause, language)}: {sum(group.findings.height for group in mine)}"
        for group in mine:
            yield ""
            yield from _group(group, run, language)


def _sum(view: Overview) -> Text:
    before = view.still_open - view.opened
    count = counted(view.still_open, *_FINDINGS)
    return _SUM.format(count=count, opened=view.opened, before=before, closed=view.closed)


def _group(group: Group, run: JudgedRun, language: Language) -> Iterator[str]:
    told = _told(group.rule)
    facts = [group.rule, str(group.findings.height), group.consequence.text.in_(language)]
    if group.findings["closed_on"].null_count():
        facts.append(_SINCE.format(day=group.since).in_(language))
    yield f"  {' · '.join(facts)}"
    yield f"  {told.says.in_(language)}"
    yield f"  {_REMEDY.format(remedy=told.remedy).in_(language)}"
    for finding in group.findings.head(SHOWN).iter_rows(named=True):
        yield f"    {_where(finding, language)} · {_when(finding, run).in_(language)}"
    if group.findings.height > SHOWN:
        yield f"    {_MORE.format(n=group.findings.height - SHOWN).in_(language)}"


def _where(finding: Mapping[str, Any], language: Language) -> str:
    record_type, part = finding["record_type"], finding["part_id"]
    if part and (kind := KINDS.get(finding["rule"])) and not kind.place:
        part = _LOCAL_CODE.format(code=part).in_(language)
    name = f"{record_word(record_type, language)} {finding['local_id'] or _NO_ID.in_(language)}"
    return " · ".join(filter(None, (name, part, field_words(record_type, finding["fields"], language))))


def _when(finding: Mapping[str, Any], run: JudgedRun) -> Text:
    if finding["closed_on"] is not None:
        return _CLOSED.format(opened=finding["opened_on"], closed=finding["closed_on"])
    if finding["opened_run"] == run.number:
        return _NEW
    if finding["seen_run"] < run.number:
        return _UNSEEN.format(day=finding["seen_on"])
    return _SINCE.format(day=finding["opened_on"])


def _told(rule: str) -> About:
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


def _group_data(group: Group) -> dict[str, Any]:
    told = _told(group.rule)
    return {
        "rule": group.rule,
        "cause": group.cause.value,
        "consequence": group.consequence.name.lower(),
        "says": told.says,
        "remedy": told.remedy,
        "count": group.findings.height,
        "since": group.since,
        "findings": group.findings.drop("rule", "cause", "consequence").to_dicts(),
    }
