"""The daily run: what is different today from what the registry holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from ktt.sender.errors import LoadNotFinished
from ktt.sender.outbox.dispatch import hold
from ktt.sender.report import RunReport
from ktt.sender.run import Order, Run
from ktt.sender.sender import Sender


def run_daily(sender: Sender, on: dt.date, *, accept_drop: Collection[str] = ()) -> RunReport:
    """Send the changes as of the day `on`. No change is an answer too: a report of 0 changes.

    LoadNotFinished before the initial load is accepted; LineBusy when another run is at it; a source's own errors when
    it is not whole. A line that stands is not planned on top of: the report says why it stands.
    """
    with hold(sender.store, sender.unit):
        load = sender.store.line(sender.unit).load
        if load is None or load.finished_at is None:
            raise LoadNotFinished(unit=sender.unit.key)
        run = Run(sender, Order("daily", on, "day", accept_drop))
        return run.empty_line() or run.send(run.read())
