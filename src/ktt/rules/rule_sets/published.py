"""The published versions of the rules, read from `<version>.toml` beside this module."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ktt.rules.catalogue import catalogue
from ktt.rules.errors import RuleSetNotKept, RuleSetUnknown
from ktt.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A published version of the catalogue: the day from which it applies, and a digest of each rule in it."""

    version: str
    effective_from: dt.date
    digests: dict[str, str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of this version. RuleSetNotKept when the program no longer has one of them as it was published.

        The program has the rules of the newest version, which a test holds against the code; an older version can run
        only if none of its rules has been changed or withdrawn since.
        """
        newest = rule_sets()[-1]
        since = change(self, newest)
        if gone := (*since.changed, *since.withdrawn):
            raise RuleSetNotKept(
                version=self.version, newest=newest.version, count=len(gone), rules=", ".join(gone[:3])
            )
        return tuple(rule for rule in catalogue() if rule.id in self.digests)


@dataclass(frozen=True, slots=True)
class RuleSetChange:
    """What differs between two versions, as sorted rule ids."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """The published versions, oldest first."""
    sets = []
    for entry in files(__package__).iterdir():
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
