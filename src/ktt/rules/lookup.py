"""Any rule by its id, and its page: those of the daily messages, of the annual message, and of the annual schema."""

from __future__ import annotations

import difflib
from typing import Any

from ktt.core.text import Language, Text
from ktt.rules import reference_pages
from ktt.rules.annual.catalogue import by_id as annual
from ktt.rules.annual.schema_rules import SchemaRule
from ktt.rules.catalogue import catalogue
from ktt.rules.errors import RuleUnknown
from ktt.rules.rule import Rule

_HEADS = (
    Text(nb="Slik retter dere", en="What to do"),
    Text(nb="Konsekvens", en="Consequence"),
    Text(nb="Årsak, hvem retter", en="Cause, who acts"),
    Text(nb="Kilde", en="Source"),
)
_KEEPS, _BREAKS = Text(nb="✓ følger", en="✓ keeps"), Text(nb="✗ bryter", en="✗ breaks")


def find_any(rule_id: str) -> Rule | SchemaRule:
    """The rule with that id (upper or lower case); RuleUnknown names the nearest ones."""
    known = {**annual(), **{rule.id: rule for rule in catalogue()}}
    if rule_id.upper() not in known:
        near = difflib.get_close_matches(rule_id.upper(), known, n=3, cutoff=0.3)
        raise RuleUnknown(rule=rule_id, near=", ".join(near) or "–")
    return known[rule_id.upper()]


def page_text(rule: Rule | SchemaRule, language: Language) -> str:
    """The rule's page as lines."""
    if isinstance(rule, Rule):
        return reference_pages.as_text(rule, language)
    said = (rule.remedy, rule.consequence.text, rule.cause.text, Text(rule.source, rule.source))
    lines = [rule.id, rule.says.in_(language), ""]
    lines += [f"{head.in_(language)}: {text.in_(language)}" for head, text in zip(_HEADS, said, strict=True)]
    for verdict, example in ((_KEEPS, rule.keeps), (_BREAKS, rule.breaks)):
        lines += ["", f"{verdict.in_(language)}: {example}"] if example else []
    return "\n".join(lines)


def page_data(rule: Rule | SchemaRule) -> dict[str, Any]:
    """The page for other programs."""
    if isinstance(rule, Rule):
        return reference_pages.as_data(rule)
    texts = {"says": rule.says, "remedy": rule.remedy}
    return {
        "id": rule.id,
        "theme": "schema",
        "consequence": {
            "iplos": rule.consequence.value,
            "nb": rule.consequence.text.nb,
            "en": rule.consequence.text.en,
        },
        "cause": {"name": rule.cause.value, "nb": rule.cause.text.nb, "en": rule.cause.text.en},
        **{name: {"nb": text.nb, "en": text.en} for name, text in texts.items()},
        "source": rule.source,
        "examples": {"keeps": rule.keeps, "breaks": rule.breaks},
    }
