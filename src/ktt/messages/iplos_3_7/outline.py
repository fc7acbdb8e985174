"""Placing each token: which element owns it and where it comes in the order; and the places that break either."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from ktt.messages.iplos_3_7.layout import PERSON, layout
from ktt.messages.iplos_3_7.tokens import Tokens, name_of, numbers

VIOLATIONS: dict[str, pl.DataType] = {
    "kind": pl.String(),  # one of `field_schema.VIOLATION_KINDS`
    "element": pl.String(),  # the element that breaks the schema
    "id": pl.UInt32(),  # which one: its number in the batch; empty for the root
    "name": pl.String(),  # the field, attribute or child element concerned, empty where it is the element itself
    "person": pl.UInt32(),  # which PERSON of the message, from 1; 0 in the head
    "line": pl.UInt32(),
}
NOT_BLANK = r"[^ \t\n]"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_STEP = 1000  # more than there are names


@dataclass(frozen=True, slots=True)
class Slots:
    """The layout as numbers: a name's number, and what stands at `owner's number * _STEP + number`."""

    number: dict[str, int]
    names: list[str]
    place: dict[int, int]  # two times its place in the order, plus one when it holds fields itself
    many: dict[int, bool]  # whether it may occur several times
    attributes: frozenset[tuple[int, str]]


@cache
def slots() -> Slots:
    """The layout as numbers, made once."""
    table = layout()
    number = numbers()
    place, many = {}, {}
    for element in table.elements:
        held = [(one.name, one.at, False, False) for one in element.fields if not one.attribute]
        held += [(one.name, one.at, True, one.most != 1) for one in table.elements if one.parent == element.name]
        for name, at, inside, several in held:
            slot = number[element.name] * _STEP + number[name]
            place[slot], many[slot] = 2 * at + inside, several
    attributes = {
        (number[one.element], one.name) for element in table.elements for one in element.fields if one.attribute
    }
    return Slots(number, list(number), place, many, frozenset(attributes))


@dataclass(frozen=True, slots=True)
class Outline:
    """The elements that are where they may be, the attributes with `owner_number`, and what is where it may not be.

    `known` has the columns of a token, and `id`, `number`, `owner` (an id), `owner_number`, `holds`, `person`.
    """

    known: pl.DataFrame
    attributes: pl.DataFrame
    violations: pl.DataFrame


def outline(tokens: Tokens, persons: int, last: int) -> Outline:
    """Place every token. `persons` have gone before; `last` is where the last child of the root stood in the order."""
    seen = _placed(tokens.elements, persons)
    known = seen.filter("known")
    attributes = tokens.attributes.with_columns(owner_number=seen["number"].gather(tokens.attributes["element"]))
    violations: list[pl.DataFrame | None] = [
        _unknown(seen),
        *(_misplaced(known.filter(pl.col("depth") == depth), last if depth == _CHILD else None) for depth in (2, 3, 4)),
        _text(known, tokens.strays),
        _foreign_attributes(attributes, seen),
    ]
    return Outline(
        known, attributes, pl.concat([pl.DataFrame(schema=VIOLATIONS), *(one for one in violations if one is not None)])
    )


_CHILD = 2
"""The depth of a child of the root."""


def _placed(elements: pl.DataFrame, persons: int) -> pl.DataFrame:
    known = slots()
    depth, number = pl.col("depth"), pl.col("number")
    root, person = known.number[layout().root.name], known.number[PERSON]
    above = [pl.when(depth == level).then("id").forward_fill() for level in (2, 3, 4)]
    owner = pl.when(depth == 3).then(above[0]).when(depth == 4).then(above[1]).when(depth == 5).then(above[2])  # noqa: PLR2004
    placed = (
        elements.lazy()
        .with_row_index("id")
        .with_columns(
            owner=owner,
            person=(persons + ((depth == _CHILD) & (number == person)).fill_null(value=False).cum_sum()).cast(
                pl.UInt32
            ),
        )
    )
    top = depth == _CHILD
    owned = placed.with_columns(owner_number=pl.when(top).then(root).otherwise(number.gather("owner")))
    slot = pl.col("owner_number") * _STEP + number
    found = slot.replace_strict(known.place, default=None, return_dtype=pl.Int32)
    place, upper = pl.col("place"), pl.col("upper")
    fits = place.is_not_null()
    return (
        owned.with_columns(place=found)
        .with_columns(
            holds=place % 2 == 1, at=place // 2, upper=fits & (top | fits.gather("owner")).fill_null(value=False)
        )
        .with_columns(known=upper & (top | upper.gather("owner")).fill_null(value=False))
        .collect()
    )


def _unknown(seen: pl.DataFrame) -> pl.DataFrame | None:
    """Elements that are not allowed where they stand. What is inside such an element is not listed as well."""
    strange = seen.filter(~pl.col("known") & (pl.col("depth") > 1))
    if strange.is_empty():
        return None
    under = (strange["depth"] == _CHILD) | seen["known"].gather(strange["owner"]).fill_null(value=False)
    listed = strange.filter(under).with_columns(name=name_of(pl.col("tag")))
    inside = ~seen["holds"].gather(listed["owner"]).fill_null(
        value=True
    )  # an element inside a field breaks the element that holds the field
    listed = listed.with_columns(
        seen[name].gather(listed["owner"]).zip_with(inside, listed[name]) for name in ("owner", "owner_number")
    )
    withdrawn = pl.col("name").is_in(list(layout().withdrawn))
    kind = pl.when(withdrawn).then(pl.lit("withdrawn")).otherwise(pl.lit("unknown"))
    return _violations(listed, kind, pl.col("name"))


def _misplaced(siblings: pl.DataFrame, last: int | None) -> pl.DataFrame:
    """Elements that come too late in the order, or again."""
    slot = pl.col("owner_number") * _STEP + pl.col("number")
    at, owner = pl.col("at"), pl.col("owner")
    before = at.shift(1) if last is None else at.shift(1, fill_value=last)
    same = pl.lit(value=True) if last is not None else owner == owner.shift(1)
    again = same & (at == before)
    suspects = (
        siblings.lazy().with_columns(late=same & (at < before), again=again).filter(pl.col("late") | pl.col("again"))
    )
    many = slot.replace_strict(slots().many, default=None, return_dtype=pl.Boolean)
    found = suspects.filter(pl.col("late") | ~many).collect()
    kind = pl.when("late").then(pl.lit("order")).otherwise(pl.lit("repeated"))
    return _violations(found, kind, _name(pl.col("number")))


def _text(known: pl.DataFrame, strays: tuple[int, ...]) -> pl.DataFrame:
    """Text where only elements are allowed. Of text between elements nothing but its lines is known."""
    bare = known.filter(pl.col("holds") & pl.col("leaf")).filter(pl.col("text").str.contains(NOT_BLANK))
    lines = pl.DataFrame({"line": [*strays, *bare["line"]]}, schema={"line": pl.UInt32()}).unique().sort("line")
    whole = pl.lit(layout().root.name)
    return lines.select(
        kind=pl.lit("text"), element=whole, id=pl.lit(None, pl.UInt32), name=pl.lit(None, pl.String),
        person=pl.lit(0, pl.UInt32), line="line",
    )  # fmt: skip


def _foreign_attributes(attributes: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame | None:
    pairs = attributes.select("owner_number", "name").unique()
    allowed = slots().attributes
    strange = [pair not in allowed and not pair[1].startswith(_XSI) for pair in pairs.iter_rows()]
    if not any(strange):
        return None
    foreign = attributes.join(pairs.filter(pl.Series(strange)), on=["owner_number", "name"], nulls_equal=True)
    holders = seen.select("id", "owner", "number", "owner_number", "person", "line", "known", "holds", "depth")
    placed = foreign.rename({"owner_number": "_"}).join(holders, left_on="element", right_on="id")
    mine = placed.filter(pl.col("known") | (pl.col("depth") == 1)).with_columns(
        owner=pl.when("holds").then("element").otherwise("owner"),
        owner_number=pl.when("holds").then("number").otherwise("owner_number"),
    )
    return _violations(mine, pl.lit("attribute"), pl.col("name"))


def _name(number: pl.Expr) -> pl.Expr:
    """Numbers as names."""
    return number.replace_strict(dict(enumerate(slots().names)), return_dtype=pl.String)


def _violations(found: pl.DataFrame, kind: pl.Expr, name: pl.Expr) -> pl.DataFrame:
    """The rows as violations of the elements that own them."""
    owner = pl.col("owner_number").fill_null(slots().number[layout().root.name])
    return found.select(
        kind=kind,
        element=_name(owner),
        id=pl.when(pl.col("owner").is_not_null()).then("owner").cast(pl.UInt32),
        name=name,
        person=pl.when(owner == slots().number[layout().root.name]).then(0).otherwise("person").cast(pl.UInt32),
        line="line",
    )
