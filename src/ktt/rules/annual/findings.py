"""Findings in an annual message: each with its line and path, and with its value only when that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ktt.messages.iplos_3_7.layout import CONTACT, HEAD, PERSON, layout
from ktt.messages.iplos_3_7.reader import Batch
from ktt.messages.iplos_3_7.tokens import numbers
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.rules.findings import HIDDEN, complete, findings_of, no_findings
from ktt.rules.rule import Rule

_ID = r"^[0-9]{1,10}$"
_LONGEST = 60  # characters of a value that are shown
_SHOWABLE = r"^(?:\{[^}]{0,60}\})?[\w.-]{1,60}$"


@dataclass(frozen=True, slots=True)
class BatchPlaces:
    """The lines and paths of the elements and fields of a batch."""

    batch: Batch
    values: bool = False

    def line(self, ids: pl.Series, name: str, otherwise: pl.Series) -> pl.Series:
        """The line of a field in the elements with these ids; the element's own where the field is not there."""
        number = numbers().get(name)
        if number is None:  # an attribute
            return otherwise
        fields = self.batch.places.filter((pl.col("number") == number) & pl.col("owner").is_in(ids.unique().implode()))
        lines = fields.unique("owner", keep="first", maintain_order=True).select(id="owner", at="line")
        elements = pl.DataFrame({"id": ids.cast(pl.UInt32), "own": otherwise})
        found = elements.join(lines, on="id", how="left", maintain_order="left")
        return found.select(pl.coalesce("at", "own").cast(pl.UInt32))["at"]

    def path(self, element: str, rows: pl.Series) -> pl.Series:
        """The path of an element's rows."""
        frame = self.batch.elements[element].frame
        if element == HEAD:
            return pl.repeat(f"/IPLOS/{HEAD}", len(rows), eager=True)
        if element == CONTACT:
            nth = (rows + 1).cast(pl.String)
            return f"/IPLOS/{HEAD}/{CONTACT}[" + nth + "]"
        person = frame["person"]
        mine = person.gather(rows)
        whose = "/IPLOS/PERSON[" + mine.cast(pl.String) + "]"
        if element == PERSON:
            return whose
        nth = rows.cast(pl.Int64) - person.search_sorted(mine, side="left").cast(pl.Int64) + 1
        return whose + f"/{element}[" + nth.cast(pl.String) + "]"


def findings_of_rule(rule: Rule, frame: pl.DataFrame, rows: pl.Series, places: BatchPlaces) -> pl.DataFrame:
    """The findings of one rule."""
    element = rule.on.name
    hit = frame[rows]
    name = rule.concerns[0]
    attribute = "@" if layout().by_name[element].find(name).attribute else ""
    found = findings_of(rule, frame, rows).with_columns(
        places.line(hit["id"], name, hit["line"]).alias("line"),
        (places.path(element, rows) + f"/{attribute}{name}").alias("pointer"),
    )
    if places.values and element != CONTACT:
        found = found.with_columns(hit.select(value=_value(rule.concerns))["value"])
    return _whole(found)


def _value(columns: tuple[str, ...]) -> pl.Expr:
    shown = [pl.col(name).str.replace_all(r"\d{11,}", HIDDEN).str.head(_LONGEST).fill_null("–") for name in columns]
    return pl.concat_str(shown, separator=" · ")


def findings_of_violations(violations: pl.DataFrame, places: BatchPlaces) -> pl.DataFrame:
    """A finding for each place that breaks the schema."""
    parts = [
        _of_element(str(element), rows, places)
        for (element,), rows in violations.group_by("element", maintain_order=True)
    ]
    return pl.concat([no_findings(), *parts])


def _of_element(element: str, violations: pl.DataFrame, places: BatchPlaces) -> pl.DataFrame:
    element_type = layout().by_name[element]
    rules = {kind: rule.id for kind, rule in SCHEMA_RULES.items()}
    fields = {one.name: one for one in element_type.fields}
    attributes = [name for name, one in fields.items() if one.attribute]
    own = pl.col("name").is_in(list(fields))
    whole = violations.with_row_index("n")
    rows = whole["row"].fill_null(0)
    frame = places.batch.elements[element].frame if element in places.batch.elements else None
    path = pl.repeat("/IPLOS", len(rows), eager=True) if frame is None else places.path(element, rows)
    at = pl.when(pl.col("name").is_in(attributes)).then(pl.lit("/@")).otherwise(pl.lit("/"))
    shown = pl.when(pl.col("name").str.contains(_SHOWABLE) & ~pl.col("name").str.contains(r"\d{11}")).then("name")
    kinds = {kind: rule.consequence.value for kind, rule in SCHEMA_RULES.items()}
    found = whole.select(
        rule=pl.col("kind").replace_strict(rules),
        record_type=pl.lit(element),
        local_id=pl.lit(None, pl.String) if frame is None else _key(frame, element_type.key[:1], rows),
        part_id=pl.lit(None, pl.String) if frame is None else _key(frame, element_type.key[1:], rows),
        row="row",
        fields=pl.when(own).then(pl.concat_list(pl.col("name").fill_null(""))),
        consequence=pl.col("kind").replace_strict(kinds, return_dtype=pl.UInt8),
        cause=pl.lit("extraction"),
        line="line",
        pointer=pl.when(pl.col("kind") == "text").then(None).otherwise(path + pl.concat_str(at, shown.fill_null("*"))),
        detail=pl.when(~own).then(shown),
    )
    lined = _field_lines(found, violations, places)
    return _whole(lined)


def _field_lines(found: pl.DataFrame, violations: pl.DataFrame, places: BatchPlaces) -> pl.DataFrame:
    """A value that the schema does not accept has the line of its field, not that of its element."""
    mine = violations.with_columns(n=pl.int_range(pl.len())).filter(pl.col("kind").is_in(["value", "fixed"]))
    lines = found["line"]
    for (name,), rows in mine.group_by("name", maintain_order=True):
        lines = lines.scatter(rows["n"], places.line(rows["id"], str(name), rows["line"]))
    return found.with_columns(lines)


def _key(frame: pl.DataFrame, names: tuple[str, ...], rows: pl.Series) -> pl.Series | pl.Expr:
    return frame[names[0]].gather(rows) if names else pl.lit(None, pl.String)


def _whole(found: pl.DataFrame) -> pl.DataFrame:
    """In the right columns, and with no id shown that is more than ten digits: it may be a national number."""
    safe = [
        pl.when(pl.col(name).str.contains(_ID) | pl.col(name).is_null())
        .then(name)
        .otherwise(pl.lit(HIDDEN))
        .alias(name)
        for name in ("local_id", "part_id")
    ]
    return complete(found.with_columns(safe))
