"""A piece of XML as columns: one row for each element, one for each attribute.

There are two ways to the same result: `plain_tokens` splits text that holds nothing but tags and values, and is some ten
times as fast as `Events`, which gets its tokens from the parser and handles all of XML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import polars as pl

from ktt.messages.iplos_3_7.layout import layout

ELEMENTS: dict[str, pl.DataType] = {
    "number": pl.Int32(),  # of its name among `NAMES`; empty where the name is not the message's
    "tag": pl.String(),  # begins with its name: without namespace where that is the message's own, else `{namespace}name`
    "depth": pl.Int32(),  # the root is 1
    "line": pl.UInt32(),  # of its start tag, from 1
    "text": pl.String(),  # the text between its start tag and the next tag
    "leaf": pl.Boolean(),  # whether it holds no element
}
ATTRIBUTES: dict[str, pl.DataType] = {"element": pl.UInt32(), "name": pl.String(), "value": pl.String()}


@cache
def numbers() -> dict[str, int]:
    """Every element's name in the message → its number."""
    table = layout()
    inner = {one.name for element in table.elements for one in element.fields if not one.attribute}
    return {name: place for place, name in enumerate(sorted(inner | {element.name for element in table.elements}))}


@cache
def _names() -> pl.Enum:
    return pl.Enum(list(numbers()))


def name_of(tags: pl.Expr) -> pl.Expr:
    """The names that tags begin with."""
    return tags.str.extract(r"^((?:\{[^}]*\})?[^ \t\n/]*)")


def _number(names: pl.Expr) -> pl.Expr:
    return names.cast(_names(), strict=False).to_physical().cast(pl.Int32).alias("number")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A piece of a message: its elements in order, their attributes, and the lines of text outside of a value."""

    elements: pl.DataFrame
    attributes: pl.DataFrame
    strays: tuple[int, ...] = ()


_NAME = r"^[A-Za-z_][\w.-]*/?$"
_TAG = r'^[A-Za-z_][\w.-]*(?:[ \t\n]+[A-Za-z_][\w.-]*="[^"<\t\n]*")*[ \t\n]*/?$'
_PAIR = r'[\w.-]+="[^"]*"'
_NOT_BLANK = r"[^ \t\n]"
_ENDS = r"^/[^>]*>[ \t\n]*$"


def plain_tokens(piece: bytes, depth: int, line: int) -> Tokens | None:
    """The tokens of a piece that begins and ends between tags, `depth` elements deep, on `line`.

    None when the piece holds anything but tags and values. Whether it is well formed is still for the parser to say.
    """
    if b"&" in piece:
        return None
    text = piece.decode()
    if b"\r" in piece:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    split = pl.Series("tag", [text]).str.split("<").explode()
    lead, tags = split[0], split[1:]
    if lead.strip(" \t\n"):
        return None
    tokens = pl.DataFrame(tags).lazy().with_columns(ends=pl.col("tag").str.starts_with("/"))
    breaks = pl.col("tag").str.count_matches("\n", literal=True)
    marked = tokens.select(
        "tag",
        "ends",
        depth=pl.when("ends").then(-1).otherwise(1).cum_sum(),
        line=(line + lead.count("\n") + breaks.cum_sum() - breaks).cast(pl.UInt32),
        leaf=pl.col("ends").shift(-1, fill_value=True),
    ).collect()
    return _gathered(marked, depth)


def _gathered(tags: pl.DataFrame, depth: int) -> Tokens | None:
    """Start tags with their attributes; None when a tag is of a kind that is left to the other maker."""
    split = pl.col("tag").str.splitn(">", 2).struct.rename_fields(["tag", "text"])
    tagged = tags.lazy().filter(~pl.col("ends")).with_columns(split).unnest("tag")
    starts = tagged.with_columns(_number(pl.col("tag")), empty=pl.col("tag").str.ends_with("/")).collect()
    wide = starts.select("tag", "number", "empty").with_row_index("element").filter(pl.col("number").is_null())
    # A comment, CDATA, an instruction, a prefix or a tag within a value shows as a tag of another form.
    odd = wide.filter(~pl.col("tag").str.contains(_NAME))["tag"]
    if not odd.str.contains(_TAG).all() or starts["text"].null_count():
        return None
    ends = tags["tag"].filter(tags["ends"]).unique()
    blank = ends.str.contains(_ENDS).all()  # a hundredth of looking at each
    attributes = _attributes(wide)
    if not blank or (attributes["name"] == "xmlns").any():
        return None
    named = starts["number"].scatter(wide["element"], wide.select(_number(name_of(pl.col("tag"))))["number"])
    earlier = pl.col("empty").cum_sum() - pl.col("empty")
    elements = starts.with_columns(named, leaf=pl.col("leaf") | pl.col("empty"), earlier=earlier)
    return _elements(elements, attributes, depth, int(tags["depth"][-1]))


def _elements(elements: pl.DataFrame, attributes: pl.DataFrame, depth: int, end: int) -> Tokens | None:
    """The elements with what an empty one (`<a/>`) does to depth and text; None when the piece ends at another depth."""
    empty = elements["empty"]
    outside = elements.filter(pl.col("empty") | ~pl.col("leaf")).filter(pl.col("text").str.contains(_NOT_BLANK))
    if end - empty.sum():
        return None
    text = pl.when("empty").then(pl.lit("")).otherwise("text") if empty.any() else pl.col("text")
    shown = elements.select(
        "number",
        "tag",
        (pl.col("depth") + depth - pl.col("earlier")).cast(pl.Int32),
        "line",
        text.alias("text"),
        "leaf",
    )
    return Tokens(shown, attributes, tuple(outside["line"].to_list()))


def _attributes(wide: pl.DataFrame) -> pl.DataFrame:
    pairs = wide.lazy().select("element", pl.col("tag").str.extract_all(_PAIR)).explode("tag").drop_nulls()
    split = pl.col("tag").str.splitn('"', 3).struct.rename_fields(["name", "value", "rest"])
    found = pairs.select("element", split).unnest("tag")
    return found.select("element", pl.col("name").str.strip_suffix("="), "value").collect()


@dataclass(slots=True)
class Events:
    """The tokens as the parser tells them, one call each. `complete` elements stand wholly before the cut."""

    namespace: str
    names: list[str] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    leaves: list[bool] = field(default_factory=list)
    attributes: list[tuple[int, str, str]] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)
    complete: int = 0
    depth: int = 0
    line: int = 0  # of the tag before
    fresh: bool = False  # whether that was a start tag

    def start(self, name: str, attributes: list[str], line: int) -> None:
        """A start tag; its attributes are name, value, name, value and so on."""
        if self.fresh:
            self._open()
        self.depth += 1
        self.fresh, self.line = True, line
        place = len(self.names)
        self.names.append(self._local(name))
        self.depths.append(self.depth)
        self.lines.append(line)
        self.texts.append("")
        self.leaves.append(True)
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        self.attributes += [(place, self._local(key), value) for key, value in pairs]

    def _open(self) -> None:
        """The element before turns out to hold this one: its text so far was not a value."""
        self.leaves[-1] = False
        if self.texts[-1].strip(" \t\n"):
            self.strays.append(self.line)

    def end(self, line: int) -> None:
        """An end tag."""
        self.fresh, self.line = False, line
        self.depth -= 1
        if self.depth <= 1:
            self.complete = len(self.names)

    def text(self, text: str) -> None:
        """Text: the value of the element just begun, or something that should be blank."""
        if self.fresh:
            self.texts[-1] += text
        elif text.strip(" \t\n"):
            self.strays.append(self.line)

    def take(self) -> Tokens:
        """The tokens before the cut, which are no longer kept here."""
        cut = self.complete
        columns = (self.names, self.depths, self.lines, self.texts, self.leaves)
        values = dict(zip(("tag", "depth", "line", "text", "leaf"), (column[:cut] for column in columns), strict=True))
        schema = {name: ELEMENTS[name] for name in values}
        elements = pl.DataFrame(values, schema=schema).select(_number(pl.col("tag")), *schema)
        mine = [pair for pair in self.attributes if pair[0] < cut]
        strays = tuple(self.strays)
        self.attributes = [(place - cut, key, value) for place, key, value in self.attributes if place >= cut]
        for column in columns:
            del column[:cut]
        self.complete, self.strays = 0, []
        return Tokens(elements, pl.DataFrame(mine, schema=ATTRIBUTES, orient="row"), strays)

    def _local(self, name: str) -> str:
        space, _, local = name.rpartition("}")
        return local if space in {"", self.namespace} else f"{{{space}}}{local}"
