"""Which rules a request applies: all that are in force on the day, or those that `--only` names."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable

from ktt.messages.register import BUILT_IN
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.rules.rule import Consequence, Rule
from ktt.rules.rule_sets.published import rule_set_on
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.validate.document import ValidationRequest
from ktt.validate.errors import ChoiceUnknown

CONSEQUENCES: dict[str, Consequence] = {
    "reject": Consequence.REJECT_MESSAGE,
    "drop": Consequence.DROP_RECORD,
    "clear": Consequence.CLEAR_FIELD,
    "note": Consequence.NOTE,
}
"""What a consequence is called on the command line; its IPLOS number (1, 2, 7, 9) does as well."""


def validation_request(
    today: dt.date,
    *,
    choices: Iterable[str] = (),
    production: bool = False,
    values: bool = False,
    message: tuple[str | None, str | None] = (None, None),
    packs: tuple[str, ...] = (BUILT_IN,),
) -> ValidationRequest:
    """A request for the rule set in force on that day. `message` is the type and version where they were given.

    RuleSetNotKept when that rule set cannot be run any more.
    """
    rule_set = rule_set_on(today)
    words = tuple(choices)
    picked = select_rules((*rule_set.rules, *annual_rules()), words)
    annual_ids = {rule.id for rule in annual_rules()}
    return ValidationRequest(
        rules=tuple(rule for rule in picked if rule.id not in annual_ids),
        annual=tuple(rule for rule in picked if rule.id in annual_ids),
        today=today,
        rule_set=rule_set.version,
        production=production,
        values=values,
        type=message[0],
        version=message[1],
        choices=words,
        packs=packs,
    )


def consequence_word(consequence: Consequence) -> str:
    """The command line's word for a consequence."""
    return next(word for word, one in CONSEQUENCES.items() if one is consequence)


def select_rules(rules: Iterable[Rule], choices: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that any of the choices names: a rule's id, a theme, a record type, a consequence or a cause.

    The codes of what reading a source or an annual message finds are accepted too, although no rule has them. Without a
    choice it is all rules; ChoiceUnknown when a word fits nothing.
    """
    named = [(rule, _words(rule)) for rule in rules]
    codes = (*FINDING_KINDS, *(rule.id for rule in SCHEMA_RULES.values()))
    known = {normalised_word(code) for code in codes}.union(*(words for _, words in named))
    wanted = {_known(choice, known) for choice in choices}
    return tuple(rule for rule, words in named if not wanted or words & wanted)


def _words(rule: Rule) -> set[str]:
    """Everything a rule can be chosen by."""
    consequence, cause = rule.consequence, rule.cause.value
    words = {rule.id, rule.theme, rule.on.name, consequence_word(consequence), str(consequence.value), cause}
    return {normalised_word(word) for word in words}


def _known(choice: str, words: set[str]) -> str:
    word = normalised_word(choice)
    if word not in words:
        near = difflib.get_close_matches(word, words, n=3, cutoff=0.3)
        raise ChoiceUnknown(choice=choice, near=", ".join(near) or ", ".join(CONSEQUENCES))
    return word


def normalised_word(word: str) -> str:
    """A word as words are compared: in small letters, with hyphens."""
    return word.lower().replace("_", "-").replace(" ", "-")
