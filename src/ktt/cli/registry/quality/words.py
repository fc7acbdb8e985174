"""What people call service types, and the fields of the annual control."""

from __future__ import annotations

from ktt.cli.registry.words import column_word
from ktt.cli.show import language
from ktt.core.text import Text

FIELD_WORDS = {
    "nutrition_1": Text(nb="ernæring kartlagt", en="nutrition surveyed"),
    "nutrition_2": Text(nb="ernæring, risiko", en="nutrition, at risk"),
    "nutrition_3": Text(nb="ernæring, plan", en="nutrition, plan"),
    "all_scores": Text(nb="alle 18 skår", en="all 18 scores"),
    "diagnosis": Text(nb="diagnose", en="diagnosis"),
    "provider": Text(nb="utfører på tjenestene", en="provider of the services"),
}


def service_type_word(code: str) -> str:
    """The text of a service type (list 9151); empty for one that the list does not have."""
    from ktt.domain.codes.lists import code_list

    return next((one.text for one in code_list("9151").codes if one.code == code), "")


def field_word(name: str) -> str:
    """A field of the annual control."""
    words = FIELD_WORDS.get(name)
    return column_word("circumstances", name) if words is None else words.in_(language())
