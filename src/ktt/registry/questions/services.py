"""How many care services of each type units have on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import CARE_SERVICE
from ktt.domain.unit import ReportingUnit
from ktt.registry.tables import LAYOUTS
from ktt.registry.two_clocks import AsOf, records_as_of


def services_by_type(connection: Connection, units: Sequence[str], on: dt.date) -> dict[str, Mapping[str, int]]:
    """Those that hold on the day, as they are known now, of each of the units."""
    layout = LAYOUTS[CARE_SERVICE.name]
    found: dict[str, Mapping[str, int]] = {}
    for unit in units:
        here = (layout.known.c.municipality == ReportingUnit.from_key(unit).municipality, layout.known.c.unit == unit)
        held = records_as_of(layout, AsOf(day=on), *here).subquery()
        query = sa.select(held.c.service_type, sa.func.count()).group_by(held.c.service_type)
        found[unit] = {kind: count for kind, count in connection.execute(query) if kind is not None}
    return found
