"""The message as frames: batch by batch, one frame for each element, one column for each field, as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from ktt.messages.iplos_3_7.element_rows import ElementRows
from ktt.messages.iplos_3_7.field_schema import field_violations
from ktt.messages.iplos_3_7.layout import CONTACT, HEAD, PERSON, XmlElement, layout
from ktt.messages.iplos_3_7.outline import VIOLATIONS, Outline, outline, slots
from ktt.messages.iplos_3_7.stream import TokenStream
from ktt.messages.iplos_3_7.tokens import Tokens

PARENT = "parent.key"
"""The column of what stands inside a person that holds the person's key."""

FOUND: dict[str, pl.DataType] = {**VIOLATIONS, "row": pl.UInt32()}
"""The columns of a violation of the schema (`outline.VIOLATIONS`), with the row of the element in its frame."""

PLACES: dict[str, pl.DataType] = {"owner": pl.UInt32(), "number": pl.Int32(), "line": pl.UInt32()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole persons, and in the first batch the head.

    `elements` has the rows of each element: its fields as text, null where the field is not there, and `id`, `line` and
    `person` (which PERSON of the message, from 1; 0 in the head). `violations` are the places that break the schema.
    `places` has the line of each field: `owner` is the `id` of its element, `number` that of its name
    (`tokens.numbers`).
    """

    elements: Mapping[str, ElementRows] = field(repr=False)
    violations: pl.DataFrame = field(repr=False)
    places: pl.DataFrame = field(repr=False)


def read(file: str, blocks: Iterable[bytes]) -> Iterator[Batch]:
    """The message in batches; `blocks` are its bytes in order, and `file` its name as it may be shown.

    A KTT-XML error when it cannot be read: nothing is known then of what comes after the error.
    """
    stream = TokenStream(file, blocks)
    progress = _Progress()
    for tokens in stream:
        if not tokens.elements.is_empty() or tokens.strays:
            yield progress.batch(tokens)
    yield progress.end(marked=stream.marked)


@dataclass(slots=True)
class _Progress:
    """What has been read of the message so far."""

    persons: int = 0
    heads: int = 0
    last: int = 0

    def batch(self, tokens: Tokens) -> Batch:
        placed = outline(tokens, self.persons, self.last)
        frames = {element.name: _frame(element, placed) for element in layout().elements if element.parent is not None}
        keys = frames[PERSON].select("person", pl.col("pePeID").alias(PARENT))
        for element in layout().elements:
            if element.parent == PERSON:
                frames[element.name] = frames[element.name].with_columns(_parent(frames[element.name], keys))
        children = placed.known.filter(pl.col("depth") == 2)["at"]  # noqa: PLR2004 - children of the root
        self.last = children[-1] if len(children) else self.last
        self.persons += frames[PERSON].height
        self.heads += frames[HEAD].height
        rows = pl.concat(
            frame.select(pl.lit(name).alias("element"), "id", row=pl.int_range(pl.len(), dtype=pl.UInt32))
            for name, frame in frames.items()
        )
        misplaced = placed.violations.join(rows, on=["element", "id"], how="left", maintain_order="left")
        elements = {name: ElementRows(frame) for name, frame in frames.items()}
        of_fields = [one for name, rows in elements.items() for one in field_violations(name, rows)]
        fields = placed.known.filter(~pl.col("holds"))
        return Batch(
            elements,
            pl.concat([misplaced, *of_fields, *_too_few_contacts(frames)]),
            fields.select("owner", "number", "line"),
        )

    def end(self, *, marked: bool) -> Batch:
        """What is only known when all has been read."""
        missing = [name for name, count in ((HEAD, self.heads), (PERSON, self.persons)) if not count]
        rows: list[tuple[object, ...]] = [
            ("too_few", layout().root.name, None, name, 0, None, None) for name in missing
        ]
        rows += [("marked", layout().root.name, None, None, 0, 1, None)] if marked else []
        return Batch(
            {element.name: ElementRows(_empty(element)) for element in layout().elements if element.parent is not None},
            pl.DataFrame(rows, schema=FOUND, orient="row"),
            pl.DataFrame(schema=PLACES),
        )


def _too_few_contacts(frames: Mapping[str, pl.DataFrame]) -> Iterator[pl.DataFrame]:
    least = layout().by_name[CONTACT].least
    if frames[HEAD].height and frames[CONTACT].height < least * frames[HEAD].height:
        head = frames[HEAD].head(1)
        yield head.select(
            kind=pl.lit("too_few"), element=pl.lit(HEAD), id="id", name=pl.lit(CONTACT), person="person", line="line",
            row=pl.lit(0, pl.UInt32),
        )  # fmt: skip


def _empty(element: XmlElement) -> pl.DataFrame:
    known = {"id": pl.UInt32(), "line": pl.UInt32(), "person": pl.UInt32()}
    fields = {one.name: pl.String() for one in element.fields}
    return pl.DataFrame(schema={**known, **fields, **({PARENT: pl.String()} if element.parent == PERSON else {})})


def _frame(element: XmlElement, placed: Outline) -> pl.DataFrame:
    """The element's rows. Columns are made one at a time, as series: a query for each would cost more than its work."""
    number = slots().number
    mine = number[element.name]
    known = placed.known
    rows = known.filter(pl.col("holds") & (pl.col("number") == mine)).select("id", "line", "person")
    if rows.is_empty():
        return _empty(element)
    inside = known.filter((pl.col("owner_number") == mine) & ~pl.col("holds"))
    attributes = placed.attributes.filter(pl.col("owner_number") == mine)
    columns = []
    for one in element.fields:
        if one.attribute:
            chosen, owners, texts = attributes["name"] == one.name, attributes["element"], attributes["value"]
        else:
            chosen, owners, texts = inside["number"] == number[one.name], inside["owner"], inside["text"]
        columns.append(_column(rows["id"], owners.filter(chosen), texts.filter(chosen)).alias(one.name))
    return rows.hstack(columns)


def _parent(frame: pl.DataFrame, persons: pl.DataFrame) -> pl.Series:
    """The key of the person around each row."""
    first = persons["person"].first() or 0
    return persons[PARENT].gather(frame["person"] - first)


def _column(ids: pl.Series, owners: pl.Series, texts: pl.Series) -> pl.Series:
    """The text of each row; the first where a field stands again."""
    if len(owners) == len(ids) and (owners == ids).all():
        return texts
    empty = pl.repeat(None, len(ids), dtype=pl.String, eager=True)
    return empty.scatter(ids.search_sorted(owners).reverse(), texts.reverse()) if len(owners) else empty
