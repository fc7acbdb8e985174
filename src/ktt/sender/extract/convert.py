"""Text as a record system holds it, to canonical values, whole columns at a time. What cannot be read becomes empty."""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from ktt.domain.identifiers import normalised
from ktt.domain.schema import DTYPES, Kind
from ktt.sender.extract.mapping.model import FieldSource
from ktt.sender.extract.mapping.values.formats import DEFAULTS, has_clock, polars_format
from ktt.sender.extract.mapping.values.instants import read_day, read_instant
from ktt.sender.extract.mapping.values.template import columns_in, filled
from ktt.sender.extract.rows.values import has_one_of

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
"""Years outside are typing errors, or open ends that the mapping does not name under `empty`."""

_SCALE = 6  # decimals that are read before hours are rounded to two
_A_DIGIT_SHORT = 10  # of the eleven in a national number

_NO_DISTRICT = ("0", "00")  # how IPLOS 3.7 writes “no district”


def cleaned(kind: Kind, source: FieldSource, timezone: str) -> pl.Expr:
    """The column's text without blanks around it; empty when nothing is left or it is listed as empty."""
    if source.column is None:
        return pl.lit(source.constant, pl.String)
    text = _of_columns(kind, source, timezone)
    return pl.when(is_chosen(source)).then(text) if source.where else text


def is_chosen(source: FieldSource) -> pl.Expr:
    """True in the rows where the field may have a value."""
    return pl.all_horizontal(has_one_of(column, values) for column, values in source.where.items())


def _of_columns(kind: Kind, source: FieldSource, timezone: str) -> pl.Expr:
    """The text of the columns of a field, whatever the others of the row are."""
    assert source.column is not None, "it is read from a column"
    none = {*(word.strip() for word in source.empty), *(_NO_DISTRICT if kind == "district" else ())}
    texts = [_one(column, source, none) for column in (source.column, *source.otherwise)]
    if source.chosen is not None:
        return _extreme(texts, kind, source, timezone)
    text = pl.coalesce(texts)
    return text if source.times is None else _product(text, filled(source.times, none), source.decimal)


def _one(column: str, source: FieldSource, none: Collection[str]) -> pl.Expr:
    """The text of one of the columns, alone."""
    text = filled(column, none)
    for same in source.empty_as:
        text = pl.when(text.ne_missing(filled(same))).then(text)
    if source.upper:
        text = text.str.to_uppercase()
    for sign in source.strip:
        left = text.str.replace_all(sign, "", literal=True).str.strip_chars()
        text = pl.when(left != "").then(left)
    return text


def _extreme(texts: list[pl.Expr], kind: Kind, source: FieldSource, timezone: str) -> pl.Expr:
    """The text of the latest or earliest day or instant. One that cannot be read goes first: it may be the one."""
    values = [converted(kind, source, timezone, text) for text in texts]
    best = (pl.max_horizontal if source.chosen == "latest" else pl.min_horizontal)(values)
    pairs = list(zip(texts, values, strict=True))
    unread = [pl.when(value.is_null()).then(text) for text, value in pairs]
    return pl.coalesce(*unread, *(pl.when(value == best).then(text) for text, value in pairs))


def _product(text: pl.Expr, times: pl.Expr, decimal: str) -> pl.Expr:
    """Two numbers multiplied, as text with a decimal point; what is no number stays, and cannot be read."""
    first = _clock(text) if decimal == ":" else _plain(text)
    numbers = (first, _plain(times))
    product = (numbers[0].cast(pl.Float64) * numbers[1].cast(pl.Float64)).cast(pl.Decimal(38, _SCALE), strict=False)
    return pl.coalesce(product.cast(pl.String), pl.concat_str(text, pl.lit(" × "), times))


def _plain(text: pl.Expr) -> pl.Expr:
    """A number with a point or a comma."""
    return text.str.replace(",", ".", literal=True).cast(pl.Decimal(38, _SCALE), strict=False)


def _clock(text: pl.Expr) -> pl.Expr:
    """Hours of a text such as 3:30, which is three and a half; a whole number without minutes is refused."""
    parts = [text.str.extract(r"^(\d{1,4}):([0-5]\d)$", group).cast(pl.Float64) for group in (1, 2)]
    return (parts[0] + parts[1] / 60).cast(pl.Decimal(38, _SCALE), strict=False)


def converted(kind: Kind, source: FieldSource, timezone: str, text: pl.Expr) -> pl.Expr:
    """A cleaned text as a canonical value of `kind`, empty where there is none or it cannot be read."""
    dated = _DATED.get(kind)
    if dated is not None:
        found = [dated(text, written, timezone) for written in source.formats]
        read = found[0] if len(found) == 1 else pl.coalesce(found)
        return read + pl.duration(days=source.days) if source.days else read
    reader = _READERS.get(kind)
    return text if reader is None else reader(text, source)


def fitted(kind: Kind, source: FieldSource, timezone: str, text: pl.Expr) -> pl.Expr:
    """Which of the source's formats a day, instant or month is read in, counted from nought; empty where none fits."""
    reads = [_DATED[kind](text, written, timezone).is_not_null() for written in source.formats]
    return pl.coalesce([pl.when(fits).then(pl.lit(place, pl.UInt8)) for place, fits in enumerate(reads)])


def _plausible(day: pl.Expr) -> pl.Expr:
    return pl.when(day.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(day)


def _day(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    if written == DEFAULTS["day"]:  # the column may hold instants as well
        instants = polars_format("instant", DEFAULTS["instant"])
    elif has_clock(written):
        instants = written
    else:
        return _plausible(text.str.to_date(written, strict=False))
    return _plausible(read_day(text, written, instants, timezone))


def _instant(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    return _plausible(read_instant(text, written, timezone))


def _month(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    if has_clock(written):
        return _day(text, written, timezone).dt.strftime("%Y-%m")
    if written == DEFAULTS["month"]:  # the column may hold days and instants as well
        whole = _day(text, DEFAULTS["day"], timezone).dt.strftime("%Y-%m")
        return pl.coalesce(_month_alone(text, written), whole)
    return _month_alone(text, written)


def _month_alone(text: pl.Expr, written: str) -> pl.Expr:
    if "%d" not in written:  # a month is read as its first day
        text, written = pl.concat_str(pl.lit("01 "), text), f"%d {written}"
    return _plausible(text.str.to_date(written, strict=False)).dt.strftime("%Y-%m")


def _hours(text: pl.Expr, source: FieldSource) -> pl.Expr:
    mark = "." if source.times is not None else source.decimal  # a product is written with a point
    plain = text.str.contains(r"^[+-]?\d+(,\d+)?$" if mark == "," else r"^[+-]?\d+(\.\d+)?$")
    number = _clock(text) if mark == ":" else _plain(pl.when(plain).then(text))
    if source.multiply != source.divide:
        number = (number.cast(pl.Float64) * source.multiply / source.divide).cast(pl.Decimal(38, _SCALE), strict=False)
    return number.round(2, mode="half_away_from_zero").cast(DTYPES["hours"], strict=False)


def _count(text: pl.Expr, source: FieldSource) -> pl.Expr:
    number = text.cast(DTYPES["count"], strict=False)
    return number + source.add if source.add else number


def _organisation(text: pl.Expr, _source: FieldSource) -> pl.Expr:
    digits = text.str.replace_all(r"\s", "")
    # IPLOS 3.7 allows a tenth digit 0 for a department (domain § 8.3)
    return pl.when(digits.str.contains(r"^\d{9}0?$") & _is_not_zero(digits)).then(digits.str.slice(0, 9))


def _municipality(text: pl.Expr, _source: FieldSource) -> pl.Expr:
    return _digits(text, 4)


def _district(text: pl.Expr, _source: FieldSource) -> pl.Expr:
    return _digits(text, 2)


def _digits(text: pl.Expr, length: int) -> pl.Expr:
    padded = text.str.zfill(length)
    return pl.when(padded.str.contains(rf"^\d{{{length}}}$") & _is_not_zero(padded)).then(padded)


def _is_not_zero(digits: pl.Expr) -> pl.Expr:
    return ~digits.str.contains(r"^0+$")  # zeros only are entered where a form demands a number and there is none


def _code(text: pl.Expr, source: FieldSource) -> pl.Expr:
    """An official code is written with a nought in front in many systems; a local one is what the code file says."""
    if source.codes is not None:
        return text
    two_signs = text.str.starts_with("0") & (text.str.len_bytes() == 2)  # noqa: PLR2004 (no list has codes of three digits)
    return pl.when(two_signs).then(text.str.slice(1)).otherwise(text)


def _person_number(text: pl.Expr, source: FieldSource) -> pl.Expr:
    """A nought lost in front is put back, but not where columns are put together: it may be lost in front of any of them."""
    read = normalised(text)
    if all(len(columns_in(column)) == 1 for column in (source.column or "", *source.otherwise)):
        return read
    digits = text.str.replace_all(r"\D", "")
    return pl.when(digits.str.len_chars() == _A_DIGIT_SHORT).then(digits).otherwise(read)


_DATED: dict[str, Callable[[pl.Expr, str, str], pl.Expr]] = {"day": _day, "instant": _instant, "month": _month}
"""How the kinds that have formats are read in one of them."""

_READERS: dict[str, Callable[[pl.Expr, FieldSource], pl.Expr]] = {
    "hours": _hours,
    "count": _count,
    "organisation": _organisation,
    "municipality": _municipality,
    "district": _district,
    "person_number": _person_number,
    "code": _code,
}
"""How each other kind is read; a kind that is not here is text and is not converted."""
