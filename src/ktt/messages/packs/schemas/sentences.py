"""What is wrong at a place of a message, in both languages: what the schema demands and what kind of value stood there.

Only the schema's words and the names of members are told, never a value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

from ktt.core.text import Text
from ktt.messages.packs.schemas.faults import Fault
from ktt.messages.packs.schemas.keywords import Steps

_OTHER = Text(nb="Verdien følger ikke skjemaet.", en="The value does not fit the schema.")
_MOST_CODES = 1_000  # characters; a code list may have ten thousand
_CONDITIONS = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains"})
_WORDS = frozenset({"description", "$comment"})

_NAME = re.compile(r"[$@]?[^\W\d][\w.$@-]{0,59}")
_LONG_NUMBER = re.compile(r"[0-9]{6}")  # a person's number has eleven digits; no name of a member has as many as six

_KINDS: Mapping[str, Text] = {
    "string": Text(nb="en tekst", en="a text"),
    "integer": Text(nb="et heltall", en="a whole number"),
    "number": Text(nb="et tall", en="a number"),
    "boolean": Text(nb="true eller false", en="true or false"),
    "array": Text(nb="en liste", en="a list"),
    "object": Text(nb="et objekt", en="an object"),
    "null": Text(nb="null", en="null"),
}


def shown_steps(fault: Fault) -> Steps:
    """The place; one below a member whose name is not told is that of the object that holds it."""
    steps = fault.steps[:-1] if fault.unknown is not None and not _is_shown(fault.unknown) else fault.steps
    for at, step in enumerate(steps):
        if isinstance(step, str) and _LONG_NUMBER.search(step):
            return steps[:at]
    return steps


def sentence(fault: Fault) -> Text:
    """What is wrong. A condition that stands alone with a description is told in the description's words."""
    if fault.keyword == "required":
        return _MISSING.format(name=fault.missing)  # the schema's name, not the message's
    if fault.unknown is not None:
        return _unknown(fault.unknown, fault)
    if described := _described(fault):
        return described
    keyword = _told_keyword(fault)
    wanted = _SENTENCES.get(keyword)
    if wanted is None:
        return _OTHER
    demand = _DEMANDS.get(keyword, _plain)(fault.holder.get(keyword))
    said, found = wanted.format(demand=demand), _KINDS.get(fault.found)
    return _with_kind(said, found) if found and keyword in _TELL_KIND else said


def limit(fault: Fault) -> str:
    """What the schema demands at the place, without a sentence around it; of an unknown member the name most like it."""
    if fault.keyword == "required":
        return fault.missing
    if fault.unknown is not None:
        return _nearest(fault.unknown, fault)
    if fault.keyword in _LIMITS:
        return _LIMITS[fault.keyword](fault.holder.get(fault.keyword))
    described = _described(fault)
    return described.en if described else ""


def _told_keyword(fault: Fault) -> str:
    """The keyword whose words are told: where a pattern narrows a day or an instant, these say more than the pattern."""
    return "format" if fault.keyword == "pattern" and fault.holder.get("format") in _FORMATS else fault.keyword


def _nearest(unknown: str, fault: Fault) -> str:
    """The name in the schema that is most like that of an unknown member; empty when none is, or it is not shown."""
    if not _is_shown(unknown):
        return ""
    names = {name.casefold(): name for name in fault.holder.get("properties", {})}
    near = difflib.get_close_matches(unknown.casefold(), names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""


def _is_shown(name: str) -> bool:
    """Whether the name of a member that no schema names may be told: it is a word, and could not be a person's number."""
    return _NAME.fullmatch(name) is not None and _LONG_NUMBER.search(name) is None


def _unknown(unknown: str, fault: Fault) -> Text:
    if not _is_shown(unknown):
        return _HIDDEN
    near = _nearest(unknown, fault)
    return (_UNKNOWN_NEAR if near else _UNKNOWN).format(name=unknown, near=near)


def _described(fault: Fault) -> Text | None:
    """The words of a schema that is one condition: elsewhere they tell what the value is, not what is demanded.

    As everywhere in a pack, `description` is bokmål and `$comment` English; one that stands alone is told in both.
    """
    if fault.keyword not in _CONDITIONS or not _WORDS.issuperset(set(fault.holder) - _CONDITIONS):
        return None
    words = [said for name in ("description", "$comment") if isinstance(said := fault.holder.get(name), str) and said]
    return Text(words[0], words[-1]) if words else None


def _with_kind(said: Text, found: Text) -> Text:
    return Text(f"{said.nb[:-1]}; her står {found.nb}.", f"{said.en[:-1]}; here stands {found.en}.")


def _wanted_types(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else [name for name in names if name != "null"] or names


def _types(names: str | list[str]) -> str:
    return " or ".join(_wanted_types(names))


def _type_words(names: str | list[str]) -> Text:
    kinds = [_KINDS.get(name, Text(name, name)) for name in _wanted_types(names)]
    return Text(" eller ".join(kind.nb for kind in kinds), " or ".join(kind.en for kind in kinds))


def _codes(values: list[object]) -> str:
    whole = ", ".join(_json(value) for value in values if value is not None)
    return whole if len(whole) <= _MOST_CODES else f"{whole[:_MOST_CODES].rpartition(', ')[0]}, …"


def _json(value: object) -> str:
    """As the message would have it: `true`, not `True`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code_words(values: list[object]) -> Text:
    return Text(_codes(values), _codes(values))


def _plain(held: object) -> Text:
    return Text(_json(held), _json(held))


_MISSING = Text(nb="Det påkrevde feltet {name} mangler.", en="The required field {name} is missing.")
_UNKNOWN = Text(nb="Feltet {name} finnes ikke i skjemaet.", en="The field {name} is not in the schema.")
_UNKNOWN_NEAR = Text(
    nb="Feltet {name} finnes ikke i skjemaet. Mente dere {near}?",
    en="The field {name} is not in the schema. Did you mean {near}?",
)
_HIDDEN = Text(
    nb="Et felt finnes ikke i skjemaet. Navnet vises ikke, fordi det kan si noe om en person.",
    en="A field is not in the schema. Its name is not shown, since it may say something of a person.",
)

_PLAIN = (
    "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "pattern", "format", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
"""Keywords whose value in the schema is itself what is demanded."""

_LIMITS: dict[str, Callable[[Any], str]] = {"type": _types, "enum": _codes}
_LIMITS |= dict.fromkeys(_PLAIN, _json)

_FORMATS: Mapping[str, Text] = {
    "date": Text(nb="en dato som finnes, skrevet som 2026-03-05", en="a day that exists, written like 2026-03-05"),
    "date-time": Text(
        nb="et tidspunkt med tidssone, som 2026-03-05T14:30:00+01:00",
        en="an instant with its zone, like 2026-03-05T14:30:00+01:00",
    ),
}

_DEMANDS: Mapping[str, Callable[[Any], Text]] = {
    "type": _type_words,
    "enum": _code_words,
    "format": lambda name: _FORMATS.get(name, Text(name, name)),
}

_TELL_KIND = frozenset({"type", "enum", "const", "oneOf", "anyOf", "not", "falseSchema"})
"""Keywords of which the kind of value that stands there says something."""

_SENTENCES: Mapping[str, Text] = {
    "type": Text(nb="Her skal det stå {demand}.", en="Here should stand {demand}."),
    "enum": Text(nb="Verdien skal være en av: {demand}.", en="The value should be one of: {demand}."),
    "const": Text(nb="Verdien skal være {demand}.", en="The value should be {demand}."),
    "minimum": Text(nb="Tallet skal være minst {demand}.", en="The number should be at least {demand}."),
    "maximum": Text(nb="Tallet skal være høyst {demand}.", en="The number should be at most {demand}."),
    "exclusiveMinimum": Text(nb="Tallet skal være over {demand}.", en="The number should be above {demand}."),
    "exclusiveMaximum": Text(nb="Tallet skal være under {demand}.", en="The number should be below {demand}."),
    "multipleOf": Text(nb="Tallet skal være delelig med {demand}.", en="The number should be a multiple of {demand}."),
    "minLength": Text(
        nb="Teksten skal ha minst {demand} tegn.", en="The text should have at least {demand} characters."
    ),
    "maxLength": Text(
        nb="Teksten skal ha høyst {demand} tegn.", en="The text should have at most {demand} characters."
    ),
    "pattern": Text(nb="Teksten skal ha formen {demand}.", en="The text should match {demand}."),
    "format": Text(nb="Her skal det stå {demand}.", en="Here should stand {demand}."),
    "contentEncoding": Text(nb="Teksten skal være skrevet i {demand}.", en="The text should be written in {demand}."),
    "contentMediaType": Text(nb="Teksten skal være {demand}.", en="The text should be {demand}."),
    "minItems": Text(nb="Listen skal ha minst {demand} elementer.", en="The list should have at least {demand} items."),
    "maxItems": Text(nb="Listen skal ha høyst {demand} elementer.", en="The list should have at most {demand} items."),
    "uniqueItems": Text(nb="Listen har to elementer som er like.", en="The list has two items that are equal."),
    "additionalItems": Text(
        nb="Listen har flere elementer enn skjemaet kjenner.", en="The list has more items than the schema knows."
    ),
    "unevaluatedItems": Text(
        nb="Listen har et element som ingen del av skjemaet tar imot.",
        en="The list has an item that no part of the schema takes.",
    ),
    "contains": Text(
        nb="Listen har for få eller for mange elementer av en type som skjemaet teller.",
        en="The list has too few or too many items of a kind that the schema counts.",
    ),
    "minProperties": Text(
        nb="Objektet skal ha minst {demand} felter.", en="The object should have at least {demand} fields."
    ),
    "maxProperties": Text(
        nb="Objektet skal ha høyst {demand} felter.", en="The object should have at most {demand} fields."
    ),
    "unevaluatedProperties": Text(
        nb="Objektet har et felt som ingen del av skjemaet tar imot.",
        en="The object has a field that no part of the schema takes.",
    ),
    "propertyNames": Text(
        nb="Objektet har et felt med et navn som ikke følger skjemaet.",
        en="The object has a field whose name does not fit the schema.",
    ),
    "anyOf": Text(
        nb="Verdien har ingen av formene som skjemaet godtar.",
        en="The value fits none of the forms that the schema allows.",
    ),
    "oneOf": Text(
        nb="Verdien har ikke nøyaktig én av formene som skjemaet godtar.",
        en="The value does not fit exactly one of the forms that the schema allows.",
    ),
    "not": Text(nb="Verdien har en form som skjemaet forbyr.", en="The value has a form that the schema forbids."),
    "falseSchema": Text(nb="Skjemaet godtar ingen verdi her.", en="The schema allows no value here."),
}
