"""Every field of a message in the order of its schema: type, whether it must be there, limits, and what it carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ktt.core.text import Text
from ktt.domain import glossary
from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES
from ktt.domain.schema import Column
from ktt.messages.mapping.forms import text_of
from ktt.messages.mapping.language import MemberEntry, MessageEntry
from ktt.messages.mapping.places import JsonSchema, SchemaPlaces, steps_of

EMPTY = '""'
"""How the empty text is shown among codes."""
_MOST_CODES = 60
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
           "pattern", "format", "minItems", "maxItems", "uniqueItems", "const")  # fmt: skip
_MARKS = {"minimum": "≥ {}", "maximum": "≤ {}", "exclusiveMinimum": "> {}", "exclusiveMaximum": "< {}"}
_HAS = Text(nb="Et objekt for hver {name}: {meaning}", en="One object for each {name}: {meaning}")
_NONE = Text(nb="", en="")


@dataclass(frozen=True, slots=True)
class Code:
    """One value that is allowed, with the text of the code that it stands for."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One place of a message. `column` is the record type and column that it carries; empty when it carries none."""

    place: str
    types: tuple[str, ...]
    required: bool
    limits: tuple[str, ...]
    codes: tuple[Code, ...]
    column: str
    meaning: Text
    description: Text

    @property
    def depth(self) -> int:
        """How many objects it stands in."""
        return self.place.count(".")


def fields_of(
    schema: JsonSchema, columns: Mapping[str, tuple[str, str | None]], entry: MessageEntry | None
) -> Iterator[Field]:
    """Every field; `columns` are the places of a mapping, and none for a pack without."""
    yield from _inside(SchemaPlaces(schema), "", columns, _translations(entry))


def _inside(
    schema: SchemaPlaces, at: str, columns: Mapping[str, tuple[str, str | None]], codes: Mapping[str, Mapping[str, str]]
) -> Iterator[Field]:
    if schema.at(f"{at}[]"):
        yield from _inside(schema, f"{at}[]", columns, codes)
    for name in schema.names(at):
        place = f"{at}.{name}".removeprefix(".")
        one, types = _main(schema, place), schema.types(place)
        shown = f"{place}[]" if "array" in types else place
        owner, column = columns.get(place) or columns.get(shown) or ("", None)
        yield Field(
            place=shown,
            types=tuple(sorted(types, key=lambda name: (name == "null", name))),
            required=schema.requires(at, name),
            limits=tuple(_limits(one)),
            codes=tuple(_codes(schema, place, owner, column, codes.get(place, {}))),
            column=f"{owner}.{column}" if column else owner,
            meaning=_meaning(owner, column),
            description=_described(one),
        )
        yield from _inside(schema, place, columns, codes)


def _main(schema: SchemaPlaces, place: str) -> JsonSchema:
    """The schema that describes the place. Others speak of it too, but only where a condition holds."""
    return next(iter(schema.at(place)), {})


def _parts(one: JsonSchema) -> Iterator[JsonSchema]:
    """A schema, what holds beside it, and the forms that it allows when it names no type itself."""
    yield one
    for inner in one.get("allOf", ()):
        yield from _parts(inner) if isinstance(inner, Mapping) else ()
    for keyword in () if "type" in one else ("anyOf", "oneOf"):
        for inner in one.get(keyword, ()):
            yield from _parts(inner) if isinstance(inner, Mapping) else ()


def _limits(one: JsonSchema) -> Iterator[str]:
    for part in _parts(one):
        for keyword in _LIMITS:
            if keyword in part:
                yield _MARKS.get(keyword, f"{keyword} {{}}").format(part[keyword])
        if "not" in part and "description" in part and part is not one:
            yield str(part["description"])


def _described(one: JsonSchema) -> Text:
    """The schema's own words: the description, and English beside it where `$comment` has it."""
    words = str(one.get("description") or one.get("title") or "")
    return Text(nb=words, en=str(one.get("$comment") or words)) if words else _NONE


def _meaning(owner: str, column: str | None) -> Text:
    if not owner:
        return _NONE
    if column is None:
        term = next((one for one in glossary.glossary() if one.section == "records" and one.code == owner), None)
        return _NONE if term is None else _HAS.format(name=Text(nb=term.nb, en=term.code), meaning=term.meaning)
    term = glossary.for_column(owner, column)
    return _NONE if term is None else term.meaning


# ── codes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _translations(entry: MessageEntry | None) -> Mapping[str, Mapping[str, str]]:
    """Value in the message → our code, by place."""
    found: dict[str, Mapping[str, str]] = {}
    for one in () if entry is None else entry.objects:
        for name, member in one.members.items():
            if isinstance(member, MemberEntry) and member.codes:
                steps = (*steps_of(one.at), *name.split("."))
                place = "".join(step if step == "[]" else f".{step}" for step in steps).removeprefix(".")
                found[place] = {
                    theirs: ours if isinstance(ours, str) else ours[0] for theirs, ours in member.codes.items()
                }
    return found


def _codes(
    schema: SchemaPlaces, place: str, owner: str, column: str | None, translated: Mapping[str, str]
) -> Iterator[Code]:
    found = _column(owner, column)
    named = code_list(found.code_list) if found is not None and found.code_list else None
    values = [text_of(value) for value in schema.enumeration(place) if not isinstance(value, dict | list)]
    for value in dict.fromkeys(values or translated):
        ours = translated.get(value, value)
        code = (named.get(ours) or named.get(ours.lstrip("0"))) if named is not None else None
        yield Code(value, code.text if code is not None else "")


def _column(owner: str, column: str | None) -> Column | None:
    columns = ALL_TYPES[owner].columns if owner in ALL_TYPES else ()
    return next((one for one in columns if one.name == column), None)


def listed(codes: tuple[Code, ...]) -> str:
    """The values as one line; of very long lists the first ones."""
    shown = "; ".join(f"{code.value or EMPTY} {code.text}".rstrip() for code in codes[:_MOST_CODES])
    return shown if len(codes) <= _MOST_CODES else f"{shown}; … ({len(codes)})"
