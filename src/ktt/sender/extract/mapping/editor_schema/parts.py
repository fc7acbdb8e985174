"""Small schemas that are used again and again."""

from __future__ import annotations

from typing import Any

from ktt.sender.extract.mapping.values.formats import UNIX

Schema = dict[str, Any]

ANY_TEXT: Schema = {"type": "string"}
TEXT: Schema = {"type": "string", "pattern": r"\S"}
TEMPLATE: Schema = {"type": "string", "pattern": r"^[^{}]*(\{[^{}]+\}[^{}]*)*$", "minLength": 1}
"""A column, or a text with columns in it."""

TEXTS: Schema = {"type": "array", "items": TEXT}
TRUE: Schema = {"const": True}
VALUES: Schema = {"type": "object", "additionalProperties": {"type": "array", "items": ANY_TEXT, "minItems": 1}}
"""Columns, and some values of each; the empty text is no value."""


def _format(*needed: str) -> Schema:
    said = [{"pattern": "%[yY]" if sign == "Y" else f"%{sign}"} for sign in needed]
    written = {"type": "string", "allOf": said}
    return written if set(needed) == set("mY") else {"anyOf": [written, {"enum": list(UNIX)}]}


DATE_FORMAT, INSTANT_FORMAT, MONTH_FORMAT = _format(*"dmY"), _format(*"dmYHM"), _format(*"mY")


def closed(properties: Schema, required: list[str]) -> Schema:
    """An object with these properties and no other."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def described(schema: Schema, words: str) -> Schema:
    """The schema with what an editor shows."""
    return {"description": words, **schema}
