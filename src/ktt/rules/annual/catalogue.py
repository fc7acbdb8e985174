"""The rules of the annual message, found by id."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ktt.messages.iplos_3_7.layout import layout
from ktt.rules.annual.cross_field_rules import CROSS_RULES
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.rules.annual.table_rules import table_rules
from ktt.rules.rule import Rule
from ktt.rules.schema_rules.rule import SchemaRule

RULE_SET = f"IPLOS {layout().version}"
"""The name of this rule set. It has no versions of its own, since the format no longer changes."""


@cache
def annual_rules() -> tuple[Rule, ...]:
    """All rules on fields, sorted by id. Their theme is the element."""
    rules = (replace(rule, theme=rule.on.name.lower()) for rule in (*table_rules(), *CROSS_RULES))
    return tuple(sorted(rules, key=lambda rule: rule.id))


@cache
def by_id() -> dict[str, Rule | SchemaRule]:
    """Everything that can be broken, those of the schema as well."""
    found: dict[str, Rule | SchemaRule] = {rule.id: rule for rule in SCHEMA_RULES.values()}
    return found | {rule.id: rule for rule in annual_rules()}
