"""What the commands about coverage share: the day that is asked about, the vendor, and the software of a unit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import told
from ktt.core.clock import OSLO, SystemClock, norwegian_day

if TYPE_CHECKING:
    from ktt.registry.coverage.software import Software
    from ktt.registry.two_clocks import AsOf

Vendor = Annotated[
    str | None,
    typer.Option(
        "--vendor",
        help=told(
            nb="Bare enheter som sender med et program fra denne leverandøren (en del av navnet er nok).",
            en="Only units that send with a program of this vendor (a part of the name is enough).",
        ),
    ),
]


def day_of(as_of: AsOf) -> dt.date:
    """The day that is asked about: today unless one is named, or the day of the instant."""
    return as_of.day or norwegian_day(as_of.known_at or SystemClock().now())


def instant_of(as_of: AsOf) -> dt.datetime | None:
    """The instant before which something must have happened to count: the end of a day that is past; None: now."""
    if as_of.day is None or as_of.day >= norwegian_day(SystemClock().now()):
        return as_of.known_at
    over = dt.datetime.combine(as_of.day + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    return over if as_of.known_at is None else min(over, as_of.known_at)


def software_facts(software: Software | None) -> dict[str, Any]:
    """The four as facts of a row."""
    names = ("vendor", "system", "version", "export_version")
    return {name: software and getattr(software, name) for name in names}


def of_vendor(software: Software | None, wanted: str | None) -> bool:
    """Whether the software is of the vendor that is asked for."""
    return wanted is None or (software is not None and wanted.casefold() in software.vendor.casefold())
