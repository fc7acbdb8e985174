"""How the values of one column are written in JSON, and read again: columns to JSON text, JSON values to columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from ktt.domain.codes import code_list
from ktt.domain.schema import DTYPES, Column, Kind
from ktt.messages.mapping.language import MemberEntry

JsonType = Literal["string", "integer", "number", "boolean"]

PADDED: Mapping[Kind, int] = {"organisation": 9, "municipality": 4, "district": 2, "person_number": 11}
"""Kinds that are numbers with leading zeros, and how many digits they have unless a member says another number."""

_ESCAPES = {'"': '\\"', "\\": "\\\\"} | {chr(n): f"\\u{n:04x}" for n in range(32)}
_QUOTE = pl.lit('"')
_PLAIN, _ESCAPED = (
    pl.lit(pl.Series([[*signs]])) for signs in (_ESCAPES, _ESCAPES.values())
)  # made once, which takes long
_WHOLE = "^(0|[1-9][0-9]*)$"  # a number as JSON writes it
_NUMBER_WITH_ZEROS = "^0*[1-9][0-9]*$"  # one that comes back when the zeros are put on again
_JSON_VALUES: Mapping[JsonType, re.Pattern[str]] = {
    "integer": re.compile(r"-?(0|[1-9][0-9]*)\Z"),
    "number": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?\Z"),
    "boolean": re.compile(r"(true|false)\Z"),
}
_ISO_DAY, _DIGIT_DAY = "%Y-%m-%d", "%Y%m%d"
_ISO_MONTH, _DIGIT_MONTH = "%Y-%m", "%Y%m"
_ISO_INSTANT = "%Y-%m-%dT%H:%M:%S%.f%:z"
_ANY_OFFSET = "%+"  # RFC 3339 with any offset
_NORWAY = "Europe/Oslo"

Write = Callable[[pl.Expr], pl.Expr]


def texts(values: Sequence[Any]) -> pl.Series:
    """Values as text: 1 and 1.0 are "1" (JSON Schema counts both as integers), true is "true"."""
    try:
        return pl.Series(values, dtype=pl.String, strict=True)
    except TypeError:
        pass
    try:
        return pl.Series(values, dtype=pl.Int64, strict=True).cast(pl.String)
    except (TypeError, OverflowError):
        return pl.Series([None if value is None else text_of(value) for value in values], dtype=pl.String)


def whole_numbers(values: Sequence[Any]) -> pl.Series:
    """Whole numbers as text; TypeError or ValueError when one is not, though 1.0 is."""
    try:
        return pl.Series(values, dtype=pl.Int64, strict=True).cast(pl.String)
    except TypeError:
        return pl.Series([None if value is None else _whole_number(value) for value in values], dtype=pl.Int64).cast(
            pl.String
        )


def _whole_number(value: Any) -> int:
    if isinstance(value, str) or value != int(value):
        raise ValueError
    return int(value)


def text_of(value: Any) -> str:
    """One JSON value as text; TypeError for an object or a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise TypeError
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


@dataclass(frozen=True, slots=True)
class Form:
    """`write` makes a column JSON text, null where it is empty; `writable` tells of which values it can, None that of all.

    `read` makes text of JSON values (`raw` makes the text) a column; PolarsError when one is of another form.
    """

    json_type: JsonType
    read: Write
    write: Write
    writable: Write | None = None
    raw: Callable[[Sequence[Any]], pl.Series] = texts


def form_of(column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    """The form of a column at a place whose schema asks for that JSON type; NotExpressible when there is none."""
    make = _coded if column.kind == "code" or entry.codes is not None else _FORMS[column.kind]
    form = make(column, json_type, entry)
    return replace(form, raw=whole_numbers) if json_type == "integer" and form.raw is texts else form


class NotExpressible(Exception):
    """A column cannot stand at a place as the member's entry says. The argument says why, for the compiler's error."""


# ── columns to JSON text ────────────────────────────────────────────────────────────────────────────────────────────


def quoted(column: pl.Expr) -> pl.Expr:
    """Text as a JSON string."""
    return pl.concat_str(_QUOTE, column.str.replace_many(_PLAIN, _ESCAPED), _QUOTE)


def _matches(pattern: str) -> Write:
    return lambda column: column.str.contains(pattern)


# ── one maker for each kind of column ───────────────────────────────────────────────────────────────────────────────


def _need(json_type: JsonType, *allowed: JsonType) -> None:
    if json_type not in allowed:
        raise NotExpressible(f"{json_type} ≠ {'/'.join(allowed)}")


def _text(_column: Column, json_type: JsonType, _entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer")
    if json_type == "integer":
        return Form(json_type, _as_it_is, lambda column: column, _matches(_WHOLE))
    return Form(json_type, _as_it_is, quoted)


def codes_of(entry: MemberEntry) -> Mapping[str, str]:
    """Value in the JSON → our code, `""` for none. Of a list of ours it is the first."""
    return {theirs: ours if isinstance(ours, str) else ours[0] for theirs, ours in (entry.codes or {}).items()}


def _coded(column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    """Codes: ours as they are, or the pack's own values for them."""
    if entry.codes is not None:
        return _translated(column, json_type, entry.codes)
    if json_type == "boolean" and column.code_list == "1101":
        return _translated(column, json_type, {"true": "1", "false": "2"})
    _need(json_type, "string", "integer", "number")
    if json_type != "string":
        return Form(json_type, _as_it_is, _as_it_is, _matches(_WHOLE))
    if entry.digits:
        width = entry.digits
        return Form(json_type, _without_zeros, lambda column: quoted(column.str.zfill(width)), _number_of(width))
    return Form(json_type, _as_it_is, quoted)


def _without_zeros(text: pl.Expr) -> pl.Expr:
    return text.str.replace("^0+([0-9])", "$1")


def _number_of(digits: int) -> Write:
    """A number without leading zeros of so many digits at the most."""
    return _matches(f"^(0|[1-9][0-9]{{0,{digits - 1}}})$")


def _translated(column: Column, json_type: JsonType, codes: Mapping[str, str | list[str]]) -> Form:
    each = [(theirs, [ours] if isinstance(ours, str) else ours) for theirs, ours in codes.items()]
    _check_codes(column, json_type, each)
    first = {ours: theirs for theirs, several in reversed(each) for ours in several if ours}
    written = {
        ours: json.dumps(theirs, ensure_ascii=False) if json_type == "string" else theirs
        for ours, theirs in first.items()
    }
    theirs, ours = [theirs for theirs, _ in each], [several[0] or None for _, several in each]
    keys, values = list(written), list(written.values())
    return Form(
        json_type,
        lambda text: text.replace_strict(theirs, ours, return_dtype=pl.String),
        lambda column: column.replace_strict(keys, values, default=None, return_dtype=pl.String),
        lambda column: column.is_in(keys),
        _booleans if json_type == "boolean" else texts,
    )


def _check_codes(column: Column, json_type: JsonType, each: Sequence[tuple[str, list[str]]]) -> None:
    known = code_list(column.code_list).values() if column.code_list is not None else None
    for theirs, several in each:
        if not several:
            raise NotExpressible(f"codes: {theirs!r} = []")
        for ours in several:
            if known is not None and ours and ours not in known:
                raise NotExpressible(f"codes: {ours!r} ∉ {column.code_list}")
        if json_type != "string" and not _JSON_VALUES[json_type].match(theirs):
            raise NotExpressible(f"codes: {theirs!r} ≠ {json_type}")


def _padded(column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer")
    width = entry.digits or PADDED[column.kind]

    def read(text: pl.Expr) -> pl.Expr:
        return text.str.zfill(width)

    if json_type == "integer":
        return Form(json_type, read, lambda column: column.str.strip_chars_start("0"), _matches(_NUMBER_WITH_ZEROS))
    if entry.digits == 0:
        return Form(
            json_type, read, lambda column: quoted(column.str.strip_chars_start("0")), _matches(_NUMBER_WITH_ZEROS)
        )
    return Form(json_type, read, quoted)


def _day(_column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer")
    if json_type == "integer":
        return _by_pattern(json_type, entry.day or _DIGIT_DAY, lambda text, form: text.str.to_date(form))
    return _by_pattern(json_type, entry.day or _ISO_DAY, lambda text, form: text.str.to_date(form))


def _by_pattern(json_type: JsonType, form: str, read: Callable[[pl.Expr, str], pl.Expr]) -> Form:
    shown = form if json_type == "integer" else f'"{form}"'
    return Form(json_type, lambda text: read(text, form), lambda column: column.dt.to_string(shown))


def _month(_column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer")
    form = entry.month or (_ISO_MONTH if json_type == "string" else _DIGIT_MONTH)
    if form == _ISO_MONTH:
        return Form(json_type, _as_it_is, quoted)
    shown = form if json_type == "integer" else f'"{form}"'

    def write(column: pl.Expr) -> pl.Expr:
        return pl.concat_str(column, pl.lit("-01")).str.to_date(_ISO_DAY, strict=False).dt.to_string(shown)

    return Form(
        json_type,
        lambda text: (text + "01").str.to_date(f"{form}%d").dt.to_string(_ISO_MONTH),
        write,
        _matches("^[0-9]{4}-[0-9]{2}$"),
    )


def _instant(_column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    """With Norway's offset unless said otherwise: `utc` for Z, a pattern without an offset for Norway's clock."""
    _need(json_type, "string")
    form = entry.instant or "offset"
    if form == "offset":
        return Form(json_type, _any_offset, lambda column: _in(column, _NORWAY).dt.to_string(f'"{_ISO_INSTANT}"'))
    if form == "utc":
        return Form(json_type, _any_offset, lambda column: column.dt.to_string('"%Y-%m-%dT%H:%M:%S%.fZ"'))
    if "z" in form.replace("%:", "%"):
        return _by_pattern(
            json_type, form, lambda text, given: text.str.to_datetime(given, time_unit="us", time_zone="UTC")
        )
    return Form(
        json_type,
        lambda text: _from_norway(text.str.to_datetime(form, time_unit="us")),
        lambda column: _in(column, _NORWAY).dt.to_string(f'"{form}"'),
    )


def _any_offset(text: pl.Expr) -> pl.Expr:
    return text.str.to_datetime(_ANY_OFFSET, time_unit="us", time_zone="UTC")


def _in(column: pl.Expr, zone: str) -> pl.Expr:
    return column.dt.convert_time_zone(zone)


def _from_norway(local: pl.Expr) -> pl.Expr:
    zoned = local.dt.replace_time_zone(_NORWAY, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC")


def _hours(_column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer", "number")
    if json_type != "string":
        return Form(
            json_type,
            lambda number: number.cast(DTYPES["hours"]),
            lambda column: column.cast(pl.Float64).cast(pl.String),
            None if json_type == "number" else lambda column: column == column.floor(),
            _numbers,
        )
    mark = entry.decimal or "."
    return Form(
        json_type,
        lambda text: text.str.replace(mark, ".", literal=True).cast(DTYPES["hours"]),
        lambda column: quoted(column.cast(pl.Float64).cast(pl.String).str.replace(".", mark, literal=True)),
    )


def _count(_column: Column, json_type: JsonType, entry: MemberEntry) -> Form:
    _need(json_type, "string", "integer", "number")
    if json_type == "string" and entry.digits:
        width = entry.digits
        return Form(
            json_type,
            _whole,
            lambda column: quoted(column.cast(pl.String).str.zfill(width)),
            lambda column: column.is_between(0, 10**width - 1),
        )
    if json_type == "string":
        return Form(json_type, _whole, lambda column: quoted(column.cast(pl.String)))
    return Form(json_type, _whole, lambda column: column.cast(pl.String))


def _whole(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64)


def _booleans(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Boolean, strict=True).cast(pl.String)


def _numbers(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64, strict=False)


def _as_it_is(text: pl.Expr) -> pl.Expr:
    return text


_FORMS: Mapping[Kind, Callable[[Column, JsonType, MemberEntry], Form]] = {
    "id": _text,
    "text": _text,
    "code": _coded,
    "day": _day,
    "instant": _instant,
    "month": _month,
    "hours": _hours,
    "count": _count,
    "organisation": _padded,
    "municipality": _padded,
    "district": _padded,
    "person_number": _padded,
}
