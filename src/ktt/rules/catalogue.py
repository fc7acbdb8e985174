"""Every rule there is, found by id, and the versioned sets they are published in."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import importlib
import json
import pkgutil
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ktt.rules import daily as themes
from ktt.rules.errors import RuleSetUnknown, RuleUnknown
from ktt.rules.rule import Rule


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules, sorted by id. A theme is one module of `validation.rules` with a tuple `RULES`."""
    found: list[Rule] = []
    for module in sorted(info.name for info in pkgutil.iter_modules(themes.__path__)):
        theme = importlib.import_module(f"{themes.__name__}.{module}")
        found += [replace(rule, theme=module) for rule in theme.RULES]
    return tuple(sorted(found, key=lambda rule: rule.id))


def find(rule_id: str) -> Rule:
    """The rule with that id (upper or lower case); RuleUnknown names the nearest ones."""
    by_id = {rule.id: rule for rule in catalogue()}
    if rule_id.upper() not in by_id:
        near = difflib.get_close_matches(rule_id.upper(), by_id, n=3, cutoff=0.3)
        raise RuleUnknown(rule=rule_id, near=", ".join(near) or "–")
    return by_id[rule_id.upper()]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A published version of the catalogue: from which day it judges, and a digest of each rule in it."""

    version: str
    effective_from: dt.date
    digests: dict[str, str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of this version that the catalogue still holds."""
        return tuple(rule for rule in catalogue() if rule.id in self.digests)


@dataclass(frozen=True, slots=True)
class RuleSetChange:
    """What differs between two versions, as sorted rule ids."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]


def digest(rule: Rule) -> str:
    """Sixteen hexadecimal characters that change when what the rule demands, or what follows from it, changes.

    Texts do not count: a better sentence is not a new rule. The examples do, since they fix the verdicts.
    """
    demand = [
        rule.id,
        rule.on.name,
        rule.consequence.value,
        rule.cause.value,
        list(rule.concerns),
        rule.examples.split(),
    ]
    window = [str(rule.valid_from), str(rule.valid_to), rule.needs_whole_picture, rule.production]
    return hashlib.sha256(json.dumps([demand, window]).encode()).hexdigest()[:16]


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """The published versions, oldest first (data: `rule_sets/<version>.toml`)."""
    folder = files("ktt.rules") / "rule_sets"
    sets = []
    for entry in folder.iterdir():
        if entry.name.endswith(".toml"):
            raw = tomllib.loads(entry.read_text(encoding="utf-8"))
            sets.append(RuleSet(raw["version"], raw["effective_from"], raw["rules"]))
    return tuple(sorted(sets, key=lambda one: one.effective_from))


def rule_set(version: str) -> RuleSet:
    """The rule set with that version."""
    for one in rule_sets():
        if one.version == version:
            return one
    raise RuleSetUnknown(version=version, versions=", ".join(one.version for one in rule_sets()))


def rule_set_on(day: dt.date) -> RuleSet:
    """The version in force on a day; the oldest when the day lies before them all."""
    sets = rule_sets()
    in_force = [one for one in sets if one.effective_from <= day]
    return in_force[-1] if in_force else sets[0]


def change(older: RuleSet, newer: RuleSet) -> RuleSetChange:
    """The change log between two versions."""
    before, after = older.digests, newer.digests
    return RuleSetChange(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        withdrawn=tuple(sorted(before.keys() - after.keys())),
    )
