"""Collects what is said of one column, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from ktt.domain.identifiers import organisation_valid, parse_person_number
from ktt.domain.places import successors
from ktt.sender.extract.convert import converted
from ktt.sender.extract.mapping.model import FieldSource
from ktt.sender.extract.mapping.values.formats import polars_format
from ktt.sender.extract.profiling.disclosure import ShownValues, shown_values
from ktt.sender.extract.profiling.model import ColumnProfile
from ktt.sender.extract.profiling.shapes import forms_of, has_zone, shape_of
from ktt.sender.extract.profiling.sketch import DistinctSketch

_MOST_SHAPES = 300
_MOST_VALUES = 1_000  # more are no codes
_SHAPES_SHOWN = 5
_NEARLY_ALL = 0.95
_SAMPLE = 200
_FEWEST_TABLES = 2
_YES_NO = frozenset({"j", "n", "ja", "nei", "y", "yes", "no", "true", "false", "sann", "usann", "0", "1"})
_OPEN_ENDS = (
    "31.12.9999", "9999-12-31", "99991231", "31129999", "31/12/9999", "31-12-9999", "9999-12-31 00:00:00", "9999-12-31 23:59:59",
    "31.12.2099", "2099-12-31", "20991231", "00.00.0000", "0000-00-00", "00000000", "01.01.0001", "0001-01-01", "00010101",
    "31.12.9999 00:00:00", "0", "31.12.99", "00.00.00", "1900-01-01", "1900-01-01 00:00:00", "01.01.1900", "19000101", "2099-12-31 00:00:00", "2099-12-31 23:59:59",
)  # fmt: skip
"""Texts that stand for “no end” or “no day”."""

_DIGITS = {10: "person_number", 11: "person_number", 12: "person_number", 9: "organisation", 4: "municipality"}
"""What digits alone may be, by how many they are; a spreadsheet takes the first nought of a person's number."""
_DIAGNOSIS = r"^[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,3})?$"


class ColumnProfiler:
    """Of one column. Memory is bounded: a sketch, some hundred shapes, and values only while they are few."""

    def __init__(self, name: str, tables: frozenset[str] = frozenset()) -> None:
        """`tables` are what the tables of the source are called, in small letters: such names are nobody's data."""
        self._name, self._tables = name, tables
        self._rows, self._empty, self._longest = 0, 0, 0
        self._sketch, self.bare = DistinctSketch(), DistinctSketch()
        self._shapes = Counter[str]()
        self._formats = Counter[tuple[str, str]]()
        self._values: Counter[str] | None = Counter()
        self._open_ends, self._of_ends = Counter[str](), Counter[tuple[str, str]]()
        self._diagnoses = 0
        self._tried = Counter[str]()
        self._right = Counter[str]()

    def add(self, column: pl.Series) -> None:
        """Take some rows more, as text."""
        texts = column.str.strip_chars()
        filled = texts.filter(texts.is_not_null() & (texts != "")).rename("text")
        self._rows += len(column)
        self._empty += len(column) - len(filled)
        if filled.is_empty():
            return
        self._sketch.add(filled)
        self.bare.add(_bare(filled))
        self._longest = max(self._longest, *filled.str.len_chars().unique().to_list())
        self._count_values(filled)
        self._diagnoses += int(filled.str.to_uppercase().str.contains(_DIAGNOSIS).sum())
        frame = filled.to_frame().with_columns(shape=shape_of(pl.col("text")))
        for (shape,), rows in frame.group_by("shape"):
            self._add_shape(str(shape), rows["text"])
        if len(self._shapes) > _MOST_SHAPES:
            self._shapes = Counter(dict(self._shapes.most_common(_MOST_SHAPES // 2)))

    def _count_values(self, filled: pl.Series) -> None:
        special = filled.filter(filled.is_in(_OPEN_ENDS))
        self._open_ends.update(dict(special.value_counts(name="rows").iter_rows()))
        if self._values is None:
            return
        counts = filled.value_counts(name="rows")
        self._values.update(dict(counts.iter_rows()) if counts.height <= _MOST_VALUES else {})
        if counts.height > _MOST_VALUES or len(self._values) > _MOST_VALUES:
            self._values = None

    def _add_shape(self, shape: str, texts: pl.Series) -> None:
        self._shapes[shape] += len(texts)
        real = texts.filter(~texts.is_in(_OPEN_ENDS)).to_frame()
        for kind, written in forms_of(shape):
            self._of_ends[kind, written] += len(texts) - real.height
            source = FieldSource(column="text", formats=(polars_format(kind, written),))
            read = real.select(converted(kind, source, "Europe/Oslo", pl.col("text"))).to_series()  # type: ignore[arg-type]
            found = len(read) - read.null_count()
            if found:
                self._formats[kind, written] += found
        digits = _DIGITS.get(len(_digits(shape)))
        if digits:
            sample = texts.head(_SAMPLE).to_list()
            self._tried[digits] += len(sample)
            self._right[digits] += sum(_is_number(digits, text) for text in sample)

    def profile(self, at_least: int) -> ColumnProfile:
        """What was found."""
        kind, formats = self._kind()
        shown, mixed, merged = ShownValues(), False, Counter[str]()
        if self._values and kind in {"text", "whole_number", "municipality", "organisation"}:
            merged = _in_capitals(self._values)
            shown = shown_values(self._name, merged, at_least)
            mixed = shown.is_code and len(merged) < len(self._values)
            shown = shown if mixed else shown_values(self._name, self._values, at_least)
        if self._values and self._are_tables(self._values):
            kind, shown = "table_name", ShownValues(is_code=True, values=dict(self._values.most_common()))
        elif shown.is_code and kind != "organisation":
            words = {value.lower() for value in shown.values}
            kind = "yes_no" if words <= _YES_NO and len(self._values or ()) <= 3 and len(words) > 1 else "code"  # noqa: PLR2004
        return ColumnProfile(
            self._name,
            kind,
            self._rows,
            self._empty,
            len(merged) if mixed else self._sketch.count,
            exact=self._sketch.exact,
            longest=self._longest,
            formats=formats,
            shapes={one: rows for one, rows in self._shapes.most_common(_SHAPES_SHOWN) if rows >= at_least},
            open_ends=dict(sorted(self._open_ends.items())) if formats else {},
            decimal=self._decimal() if kind == "decimal" else "",
            shown=shown,
            mixed_case=mixed,
        )

    @property
    def sketch(self) -> DistinctSketch:
        """Its different values, as they are written; `bare` are those without capitals, braces and noughts in front."""
        return self._sketch

    @property
    def values(self) -> Mapping[str, int]:
        """Its values with their rows, while they are few; none otherwise."""
        return self._values or {}

    def _are_tables(self, values: Counter[str]) -> bool:
        named = {value for value in values if value.casefold().removesuffix(".csv") in self._tables}
        return len({value.casefold() for value in named}) >= _FEWEST_TABLES and len(named) == len(values)

    def _kind(self) -> tuple[str, dict[str, int]]:
        """The kind of the values, and the formats of those that have some."""
        filled = self._rows - self._empty
        if not filled:
            return "empty", {}
        number = self._number_kind(filled)
        if number == "person_number" and sum(self._formats_of("instant").values()) < filled:
            return number, {}
        for kind in ("instant", "day", "month"):
            formats = self._formats_of(kind)
            ends = sum(self._open_ends.values())
            if formats and sum(formats.values()) + ends >= _NEARLY_ALL * filled:
                zoned = sum(rows for shape, rows in self._shapes.items() if has_zone(shape))
                return "zoned_instant" if kind == "instant" and zoned * 2 > filled else kind, formats
        ((of, written), rows), *_rest = [*self._of_ends.most_common(1), (("", ""), 0)]
        if rows >= _NEARLY_ALL * filled:  # nothing has ended yet, but it is known how it will be written
            return of, {written: rows}
        is_diagnosis = self._diagnoses >= _NEARLY_ALL * filled
        return number or ("diagnosis" if is_diagnosis else self._plain_kind(filled)), {}

    def _formats_of(self, kind: str) -> dict[str, int]:
        """The formats of a kind, the commonest first; of two that read the same shape, the one that reads more of it."""
        found = {written: rows for (of, written), rows in self._formats.items() if of == kind}
        others = {frozenset(pair) for pair in (("%Y%m%d", "%d%m%Y"), ("%d/%m/%Y", "%m/%d/%Y"), ("%Y%m", "%m%Y"))}
        for one, other in map(sorted, others):
            if one in found and other in found:
                del found[one if found[one] < found[other] else other]
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))

    def _number_kind(self, filled: int) -> str | None:
        for kind, tried in self._tried.items():
            lengths = {length for length, name in _DIGITS.items() if name == kind}
            rows = sum(rows for shape, rows in self._shapes.items() if len(_digits(shape)) in lengths)
            if rows >= _NEARLY_ALL * filled and self._right[kind] >= 0.8 * tried:
                return kind
        return None

    def _plain_kind(self, filled: int) -> str:
        whole = sum(rows for shape, rows in self._shapes.items() if set(shape.lstrip("-+")) == {"9"})
        if whole >= _NEARLY_ALL * filled:
            return "whole_number"
        parts = sum(rows for shape, rows in self._shapes.items() if _is_decimal(shape))
        return "decimal" if parts and whole + parts >= _NEARLY_ALL * filled else "text"

    def _decimal(self) -> str:
        return "," if any("," in shape for shape in self._shapes) else "."


def _bare(texts: pl.Series) -> pl.Series:
    return texts.str.to_uppercase().str.strip_chars("{}").str.strip_chars_start("0")


def _in_capitals(values: Counter[str]) -> Counter[str]:
    merged = Counter[str]()
    for value, rows in values.items():
        merged[value.upper()] += rows
    return merged


def _digits(shape: str) -> str:
    """The digits of a number as people write it, in groups; none where it is anything else."""
    bare = shape.replace(" ", "").replace("-", "")
    return bare if set(bare) == {"9"} and (bare == shape or len(bare) in {9, 11}) else ""


def _is_decimal(shape: str) -> bool:
    whole, mark, rest = shape.lstrip("-+").replace(",", ".").partition(".")
    return bool(mark) and set(whole) <= {"9"} and set(rest) == {"9"}


def _is_number(kind: str, text: str) -> bool:
    """Whether the digits are a number of that kind, by its check digits or the register of municipalities."""
    if kind == "person_number":
        return parse_person_number(text.zfill(11)).valid
    return organisation_valid("".join(text.split())) if kind == "organisation" else bool(successors(text))
