"""The status of a fleet as text: the verdict, the units that need someone, worst first, then what must be done by whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ktt.cli.sender.monitoring.status_report import shown as shown_status
from ktt.cli.show import language
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.monitoring.overview import Status

_WELL = Text(
    nb="{n:enhet|enheter} trenger ingen, og er ikke vist.", en="{n:unit needs|units need} nobody, and are not shown."
)


def shown(status: Status, *, every: bool) -> RenderableType:
    """The whole status; `every` shows also the units that need nobody."""
    from rich.console import Group

    some = status.units if every else tuple(unit for unit in status.units if unit.things)
    well = len(status.units) - len(some)
    words = [_WELL.format(n=well).in_(language())] if well else []
    return Group(*words, shown_status(replace(status, units=some)))
