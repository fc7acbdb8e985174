"""The forms in which a field may be written, by its kind."""

from __future__ import annotations

from ktt.domain.schema import Column
from ktt.sender.extract.mapping.editor_schema.parts import (
    ANY_TEXT,
    DATE_FORMAT,
    INSTANT_FORMAT,
    MONTH_FORMAT,
    TEMPLATE,
    TEXT,
    TRUE,
    VALUES,
    Schema,
    closed,
    described,
)
from ktt.sender.extract.mapping.field_forms import FORM_OF

_FACTOR: Schema = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1_000_000}


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1, "uniqueItems": True}]}


_FORMS: dict[str, Schema] = {
    "codes": described(TEXT, "Kodefilen, i forhold til koblingsfilen."),
    "date": described(_one_or_more(DATE_FORMAT), "Formen på dagen, som %d.%m.%Y, eller flere former."),
    "instant": described(_one_or_more(INSTANT_FORMAT), "Formen på tidspunktet, som %Y-%m-%d %H:%M:%S."),
    "month": described(_one_or_more(MONTH_FORMAT), "Formen på måneden, som %m.%Y."),
    "decimal": described({"enum": [",", ".", ":"]}, "Desimaltegnet; «:» er timer og minutter."),
    "days": described(
        {"type": "integer", "minimum": -366, "maximum": 366, "not": {"const": 0}},
        "Dager som legges til: -1 når sluttdagen er den første dagen det ikke gjelder.",
    ),
    "add": described(
        {"type": "integer", "minimum": -1000, "maximum": 1000, "not": {"const": 0}},
        "Legges til tallet: 1 når EPJ teller fra 0.",
    ),
    "multiply": described({"anyOf": [_FACTOR, TEMPLATE]}, "Tallet ganges med dette, eller med en kolonne."),
    "divide": described(_FACTOR, "Tallet deles med dette: 60 når EPJ har minutter."),
    "upper": described(TRUE, "Bokstavene leses som store."),
    "strip": described({"type": "string", "minLength": 1}, "Tegn som tas bort hvor de enn står."),
}


_WHERE = "Feltet har verdi bare i rader der kolonnene har en av disse verdiene."
_CHOSEN = {
    "latest_of": "Flere kolonner: den seneste dagen eller det seneste tidspunktet gjelder.",
    "earliest_of": "Flere kolonner: den tidligste dagen eller det tidligste tidspunktet gjelder.",
}


def day_schema() -> Schema:
    """A column with days, and how they are written."""
    forms = {name: _FORMS[name] for name in ("date", "strip", "days")}
    column = {"type": "string", "pattern": r"^[^{}]*\S[^{}]*$"}
    return {
        "anyOf": [
            column,
            closed({"column": column, "empty": {"type": "array", "items": ANY_TEXT}, **forms}, ["column"]),
        ]
    }


def field_schema(column: Column) -> Schema:
    """A column's name, a text with columns in it, or a table of the forms that suit the kind."""
    forms = {name: _FORMS[name] for name, kinds in FORM_OF.items() if column.kind in kinds}
    more = described({"type": "array", "items": TEMPLATE, "minItems": 1}, "Leses når kolonnen er tom, i rekkefølge.")
    beside = {"empty": {"type": "array", "items": ANY_TEXT}, "where": described(VALUES, _WHERE)}
    read = {"column": TEMPLATE, "or": more, **beside, **forms}
    constant = {"constant": described(TEXT, "Samme verdi i alle rader.")} | (
        {"codes": TEXT} if "codes" in forms else {}
    )
    ways = [TEMPLATE, closed(read, ["column"]), closed(constant, ["constant"])]
    if column.kind in {"day", "instant"}:
        several = {"type": "array", "items": TEMPLATE, "minItems": 2, "uniqueItems": True}
        for name, words in _CHOSEN.items():
            ways.append(closed({name: described(several, words), **beside, **forms}, [name]))
    if not column.required:
        ways.append(closed({"absent": described(TEXT, "Hvorfor EPJ ikke har opplysningen.")}, ["absent"]))
    return {"anyOf": ways}
