"""Which rules a request applies: all that are in force on the day, or those that `--only` names."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from ktt.core.text import Text
from ktt.domain.glossary import for_column
from ktt.messages.packs.field_names import FieldNames
from ktt.messages.register import BUILT_IN
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.rules.rule import Cause, Consequence, Rule
from ktt.rules.rule_sets.published import rule_set_on
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.validate.document import ValidationRequest
from ktt.validate.errors import ChoiceUnknown, FieldUnknown
from ktt.validate.report.words import record_word

CONSEQUENCES: dict[str, Consequence] = {
    "reject": Consequence.REJECT_MESSAGE,
    "drop": Consequence.DROP_RECORD,
    "clear": Consequence.CLEAR_FIELD,
    "note": Consequence.NOTE,
}
"""What a consequence is called on the command line; its IPLOS number (1, 2, 7, 9) and its Norwegian word do as well."""

_CONSEQUENCE_NB = {"reject": "avvis", "drop": "utelat", "clear": "tøm", "note": "noter"}


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


def consequence_said(consequence: Consequence) -> Text:
    """The same word in the reader's language; both are understood."""
    word = consequence_word(consequence)
    return Text(nb=_CONSEQUENCE_NB[word], en=word)


def cause_said(cause: Cause) -> Text:
    """A cause in one word of the reader's language; both are understood."""
    return Text(nb=cause.text.nb.partition(" (")[0], en=cause.value)


def record_said(record_type: str) -> Text:
    """A record type in the reader's language; both are understood."""
    return Text(nb=record_word(record_type, "nb"), en=record_word(record_type, "en"))


def rules_about(rules: Iterable[Rule], field: str, names: FieldNames) -> tuple[Rule, ...]:
    """The rules that concern a field; FieldUnknown when no rule is about one of that name.

    As messages call it (`soknadDato`, `vedtak[].soknadDato`), as the records do (`applied_on`, `decision.applied_on`), or as
    the glossary does (`søknadsdato`).
    """
    meant, word = names.columns(field), field.casefold()
    chosen = tuple(rule for rule in rules if word in _field_words(rule) or meant & _columns(rule))
    if not chosen:
        known = {*names.known, *(one for rule in rules for one in _field_words(rule))}
        near = difflib.get_close_matches(field, sorted(known), n=3, cutoff=0.5)
        raise FieldUnknown(field=field, near=", ".join(near) or "–")
    return chosen


def _columns(rule: Rule) -> frozenset[tuple[str, str]]:
    return frozenset((rule.on.name, column) for column in rule.concerns)


def _field_words(rule: Rule) -> set[str]:
    """What the fields that a rule concerns are called in the records and in the glossary."""
    terms = [for_column(rule.on.name, column) for column in rule.concerns]
    own = [name for column in rule.concerns for name in (column, f"{rule.on.name}.{column}")]
    return {name.casefold() for name in (*own, *(term.nb for term in terms if term is not None))}


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


Trait = Literal["theme", "record_type", "consequence", "cause"]
"""What rules can be chosen by, each alone."""


def rules_of(rules: Iterable[Rule], trait: Trait, choice: str) -> tuple[Rule, ...]:
    """The rules whose theme, record type, consequence or cause is called so; ChoiceUnknown when none is."""
    named = [(rule, {normalised_word(word) for word in _TRAITS[trait](rule)}) for rule in rules]
    word = _known(choice, set().union(*(words for _, words in named)))
    return tuple(rule for rule, words in named if word in words)


_TRAITS: Mapping[Trait, Callable[[Rule], set[str]]] = {
    "theme": lambda rule: {
        rule.theme,
        rule.id.split("-")[1],
    },  # the Norwegian word is the middle of the id: KTT-DATO-01
    "record_type": lambda rule: {rule.on.name, record_said(rule.on.name).nb},
    "consequence": lambda rule: {*_either(consequence_said(rule.consequence)), str(rule.consequence.value)},
    "cause": lambda rule: _either(cause_said(rule.cause)),
}


def _either(text: Text) -> set[str]:
    return {text.nb, text.en}


def _words(rule: Rule) -> set[str]:
    """Everything a rule can be chosen by."""
    return {normalised_word(word) for word in (rule.id, *(word for words in _TRAITS.values() for word in words(rule)))}


def _known(choice: str, words: set[str]) -> str:
    word = normalised_word(choice)
    if word not in words:
        near = difflib.get_close_matches(word, words, n=3, cutoff=0.3)
        raise ChoiceUnknown(choice=choice, near=", ".join(near) or ", ".join(CONSEQUENCES))
    return word


def normalised_word(word: str) -> str:
    """A word as words are compared: in small letters, with hyphens."""
    return word.lower().replace("_", "-").replace(" ", "-")
