"""Every daily rule there is, found by its id."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from dataclasses import replace
from functools import cache

from ktt.rules import daily
from ktt.rules.errors import RuleUnknown
from ktt.rules.rule import Rule


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules, sorted by id. A theme is a module below `rules.daily` with a tuple `RULES`, and has the module's name."""
    found: list[Rule] = []
    for module in pkgutil.walk_packages(daily.__path__, f"{daily.__name__}."):
        if not module.ispkg:
            theme = module.name.rpartition(".")[2]
            found += [replace(rule, theme=theme) for rule in importlib.import_module(module.name).RULES]
    return tuple(sorted(found, key=lambda rule: rule.id))


def find(rule_id: str) -> Rule:
    """The rule with that id (upper or lower case); RuleUnknown names the nearest ones."""
    by_id = {rule.id: rule for rule in catalogue()}
    if rule_id.upper() not in by_id:
        near = difflib.get_close_matches(rule_id.upper(), by_id, n=3, cutoff=0.3)
        raise RuleUnknown(rule=rule_id, near=", ".join(near) or "–")
    return by_id[rule_id.upper()]
