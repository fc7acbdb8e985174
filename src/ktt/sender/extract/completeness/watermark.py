"""The watermark: the source's own word for how far it has come."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.core.clock import OSLO
from ktt.core.text import Text
from ktt.sender.extract.completeness.errors import NotYetThrough
from ktt.sender.extract.errors import ProofUnreadable
from ktt.sender.extract.mapping.proof_model import Watermark
from ktt.sender.extract.mapping.values.instants import read_day, read_instant

_FORM = Text(nb="vannmerket er ikke én verdi i én rad", en="the watermark is not one value in one row")
_UNREAD = Text(
    nb="vannmerket er ikke skrevet slik koblingsfilen sier", en="the watermark is not written as the mapping says"
)
_FAR_AHEAD = Text(
    nb="vannmerket er mer enn et år fram i tid", en="the watermark is more than a year after the extraction day"
)
_LAST = Text(nb="den siste ble ferdig {at}", en="the last one was finished at {at}")
_NONE = Text(nb="ingen er ferdig", en="none is finished")
_YEAR = dt.timedelta(days=366)


def prove_watermark(rows: pl.DataFrame, watermark: Watermark, timezone: str, extracted_on: dt.date) -> None:
    """The source must have finished at midnight at the start of the extraction day, or later.

    One that is far ahead is no time of completion, and would prove every extract from then on.
    """
    if rows.width != 1 or rows.height > 1:
        raise ProofUnreadable(reason=_FORM)
    written = (rows.item() or "").strip() if rows.height else ""
    if not written:
        raise NotYetThrough(extracted_on=extracted_on, reason=_NONE)
    midnight = dt.datetime.combine(extracted_on, dt.time(), OSLO)
    reached = _read(written, watermark, timezone)
    if reached < midnight:
        shown = reached.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")
        raise NotYetThrough(extracted_on=extracted_on, reason=_LAST.format(at=shown))
    if reached > midnight + _YEAR:
        raise ProofUnreadable(reason=_FAR_AHEAD)


def _read(written: str, watermark: Watermark, timezone: str) -> dt.datetime:
    text = pl.DataFrame({"text": [written]})
    if watermark.date:
        day = text.select(read_day(pl.col("text"), watermark.date, watermark.instant, timezone)).item()
        reached = None if day is None else dt.datetime.combine(day, dt.time(), OSLO)
    else:
        reached = text.select(read_instant(pl.col("text"), watermark.instant, timezone)).item()
    if reached is None:
        raise ProofUnreadable(reason=_UNREAD)
    return reached
