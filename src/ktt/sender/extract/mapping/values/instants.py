"""Instants as databases write them: in local time, or with an offset from UTC in any of its spellings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ktt.domain.schema import DTYPES, engine_for
from ktt.sender.extract.mapping.values.formats import DEFAULTS, UNIX, ends_with_clock, polars_format

_OFFSET = r" ?([Zz]|UTC|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)$"
"""`Z`, `+02`, `+0200` and `+02:00`, at the end; no place on earth is more than 15 hours from UTC."""

_HOUR = pl.duration(hours=1)
_NO_OFFSET = pl.lit(None, pl.Duration("us"))
_ISO = polars_format("instant", DEFAULTS["instant"])


@dataclass(frozen=True, slots=True)
class WrittenInstant:
    """A column of instants as text: its time of day as written, and its offset from UTC, each empty where there is none."""

    local: pl.Expr
    offset: pl.Expr

    @property
    def _utc(self) -> pl.Expr:
        return (self.local - self.offset).dt.replace_time_zone("UTC")

    def instant(self, timezone: str) -> pl.Expr:
        """The instant. Without an offset the time is of `timezone`, where the first is taken of an hour that comes twice.

        A time in the hour that is skipped in spring is read by the clock before the jump: 02:30 is 03:30.
        """
        read = _in_zone(self.local, timezone, "earliest")
        skipped = _in_zone(self.local - _HOUR, timezone, "earliest") + _HOUR
        return pl.coalesce(self._utc, read, skipped).cast(DTYPES["instant"])

    def day(self, timezone: str) -> pl.Expr:
        """The calendar day of the instant in `timezone`."""
        return pl.coalesce(self._utc.dt.convert_time_zone(timezone).dt.date(), self.local.dt.date())

    def twice(self, timezone: str) -> pl.Expr:
        """True where the local time happens twice in `timezone`, since the clock is set back."""
        first, second = (_in_zone(self.local, timezone, which) for which in ("earliest", "latest"))
        return self.offset.is_null() & (first != second)

    def skipped(self, timezone: str) -> pl.Expr:
        """True where the local time never happens in `timezone`, since the clock is set forward."""
        never = _in_zone(self.local, timezone, "earliest").is_null()
        return self.offset.is_null() & self.local.is_not_null() & never


def _in_zone(local: pl.Expr, timezone: str, ambiguous: str) -> pl.Expr:
    zoned = local.dt.replace_time_zone(timezone, ambiguous=ambiguous, non_existent="null")  # type: ignore[arg-type]
    return zoned.dt.convert_time_zone("UTC")


def written_instant(text: pl.Expr, written: str) -> WrittenInstant:
    """How a text in a format (Polars' notation) is read. A format with `%z` demands an offset; others allow one.

    ISO, the format of a column of which a mapping says nothing, allows a `T` between day and time as well.
    """
    clock = written.removesuffix("%z").rstrip()
    if "%z" in clock or not ends_with_clock(clock):  # where a date stands last, its end would look like an offset
        return WrittenInstant(
            _parsed(text, written), pl.lit(dt.timedelta() if "%z" in written else None, pl.Duration("us"))
        )
    if clock == _ISO:
        text = text.str.replace(r"^(\d+-\d+-\d+)T", "${1} ")
    found = text.str.extract(_OFFSET)
    local = _parsed(text.str.replace(_OFFSET, ""), f"{clock}%.f" if clock.endswith("%S") else clock)
    return WrittenInstant(pl.when(found.is_not_null()).then(local) if "%z" in written else local, _offset(found))


def _parsed(text: pl.Expr, written: str) -> pl.Expr:
    """Local time; with `%z` among the rest, time in UTC."""
    read = text.str.to_datetime(written, time_unit="us", strict=False)
    return read.dt.replace_time_zone(None) if "%z" in written else read


def _offset(found: pl.Expr) -> pl.Expr:
    """The offset as a duration: zero for `Z`, empty where none was found."""
    digits = found.str.replace(":", "", literal=True)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    sign = pl.when(found.str.starts_with("-")).then(-1).otherwise(1)
    return pl.when(found.is_not_null()).then(pl.duration(minutes=sign * (hours * 60 + minutes)))


def _since_1970(text: pl.Expr, written: str) -> pl.Expr:
    number = pl.when(text.str.contains(r"^-?\d{1,16}$")).then(text).cast(pl.Int64, strict=False)
    return (number * UNIX[written]).cast(pl.Datetime("us", "UTC")).cast(DTYPES["instant"])


def read_instant(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    """The instants of a column."""
    if written in UNIX:
        return _since_1970(text, written)
    if "%z" in written:
        return written_instant(text, written).instant(timezone)

    def plain(texts: pl.Expr) -> pl.Expr:
        return _in_zone(_parsed(texts, written), timezone, "earliest").cast(DTYPES["instant"])

    def whole(texts: pl.Expr) -> pl.Expr:
        return written_instant(texts, written).instant(timezone)

    return _where_needed(text, plain, whole, DTYPES["instant"])


def read_day(text: pl.Expr, written: str, instants: str, timezone: str) -> pl.Expr:
    """The days of a column; where a text is no day in this format, the day in `timezone` of an instant in the other."""
    if written in UNIX:
        return _since_1970(text, written).dt.convert_time_zone(timezone).dt.date()
    if "%z" in written:
        return written_instant(text, written).day(timezone)

    def plain(texts: pl.Expr) -> pl.Expr:
        return texts.str.to_date(written, strict=False)

    def whole(texts: pl.Expr) -> pl.Expr:
        return written_instant(texts, instants).day(timezone)

    return _where_needed(text, plain, whole, pl.Date())


def comes_twice(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    """True where an instant is written in the hour that comes twice in autumn."""
    return _flagged(text, written, lambda at: at.twice(timezone))


def is_skipped(text: pl.Expr, written: str, timezone: str) -> pl.Expr:
    """True where an instant is written in the hour that is skipped in spring."""
    return _flagged(text, written, lambda at: at.skipped(timezone))


def _flagged(text: pl.Expr, written: str, flag: Callable[[WrittenInstant], pl.Expr]) -> pl.Expr:
    if "%z" in written or written in UNIX:
        return pl.lit(value=False)

    def plain(texts: pl.Expr) -> pl.Expr:
        local = _parsed(texts, written)
        return pl.when(local.is_not_null()).then(flag(WrittenInstant(local, _NO_OFFSET)).fill_null(value=False))

    def whole(texts: pl.Expr) -> pl.Expr:
        return flag(written_instant(texts, written)).fill_null(value=False)

    return _where_needed(text, plain, whole, pl.Boolean())


def _where_needed(
    text: pl.Expr, plain: Callable[[pl.Expr], pl.Expr], whole: Callable[[pl.Expr], pl.Expr], dtype: pl.DataType
) -> pl.Expr:
    """What `plain` reads, and what `whole` makes of the rest: mostly there is none, and `whole` takes twenty times as long."""

    def read(column: pl.Series) -> pl.Series:
        texts = column.alias("text").to_frame()
        found = texts.select(plain(pl.col("text"))).to_series()
        left = column.is_not_null() & found.is_null()
        if not left.any():
            return found
        # lazily, so that what the expression has several times is computed once
        rest = texts.filter(left).lazy().select(whole(pl.col("text"))).collect(engine=engine_for(len(left))).to_series()
        return found.scatter(left.arg_true(), rest)

    return text.map_batches(read, return_dtype=dtype)
