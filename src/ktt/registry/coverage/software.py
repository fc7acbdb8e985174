"""The program that sends: as its five headers name it, which the receiver keeps as one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

SEPARATOR = " | "
_COLUMNS = ("vendor", "system", "version", "export_version")
BY: Mapping[str, tuple[str, ...]] = {
    "vendor": _COLUMNS[:1],
    "system": _COLUMNS[:2],
    "version": _COLUMNS,
}
"""What each grouping tells apart."""


@dataclass(frozen=True, slots=True)
class Software:
    """Vendor and record system with its version, and the version of the program that exports."""

    vendor: str
    system: str
    version: str
    export_version: str


def software_of(text: str | None) -> Software | None:
    """The four of the receiver's text; None without one. What is missing is empty."""
    if text is None:
        return None
    return Software(*[*text.split(SEPARATOR, 3), "", "", ""][:4])


def with_software(frame: pl.DataFrame) -> pl.DataFrame:
    """`software` taken apart into vendor, system, version and export_version."""
    parts = pl.col("software").fill_null("").str.splitn(SEPARATOR, 4).struct.rename_fields(list(_COLUMNS))
    return frame.with_columns(parts.alias("_parts")).unnest("_parts").with_columns(pl.col(*_COLUMNS).fill_null(""))
