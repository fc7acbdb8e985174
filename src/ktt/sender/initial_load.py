"""The initial load: the history since 2017, month by month, oldest first (messages § 7.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from ktt.sender.outbox.dispatch import hold
from ktt.sender.report import RunReport
from ktt.sender.run import Order, Run
from ktt.sender.sender import Sender


def run_load(sender: Sender, cut: dt.date, *, accept_drop: Collection[str] = ()) -> RunReport:
    """Send everything up to the day `cut`, or the rest of it when an earlier run was stopped.

    The load is finished when all of it is accepted; running it again then reads and sends nothing. LineBusy when
    another run is at it; a source's own errors when it is not whole.
    """
    with hold(sender.store, sender.unit):
        line = sender.store.line(sender.unit)
        if line.load is not None and line.load.finished_at is not None:
            return RunReport("load", sender.unit, cut, 0, line.undelivered, line.load)
        run = Run(sender, Order("load", cut, "months", accept_drop))
        return run.empty_line() or _load(run)


def _load(run: Run) -> RunReport:
    judged, store, unit = run.read(), run.sender.store, run.sender.unit
    store.begin_load(unit, run.order.on)
    report = run.send(judged)
    return report if report.stopped else replace(report, load=store.finish_load(unit))
