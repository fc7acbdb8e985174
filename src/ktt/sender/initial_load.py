"""The initial load: the history since 2017, month by month, oldest first (messages § 7.5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ktt.sender.follow_ups.asking import ask_after_run
from ktt.sender.outbox.dispatch import locked
from ktt.sender.outcomes.recorded import recorded
from ktt.sender.plausibility.question import NOTHING_ACCEPTED, Acceptance
from ktt.sender.report import RunReport
from ktt.sender.run import Run, RunRequest
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.guard import check_may_report
from ktt.sender.validation import ValidatedExtract


def run_load(sender: Sender, cut: dt.date, *, accept: Acceptance = NOTHING_ACCEPTED) -> RunReport:
    """Send everything up to the day `cut`, or the rest of it when an earlier run was stopped.

    The load is finished when all of it is accepted; running it again then reads and sends nothing. QueueBusy when
    another run works on the queue; PredecessorsNotWithdrawn and the like when the unit may not report (`guard`); a
    source's own errors when it is not whole.
    """
    with locked(sender.outbox, sender.unit):
        report = recorded(sender.outcomes, sender.unit, "load", cut, lambda: _load(sender, cut, accept))
        ask_after_run(sender.follow_ups, sender.look_up, sender.unit, report.exit_code)
        return report


def _load(sender: Sender, cut: dt.date, accept: Acceptance) -> RunReport:
    bound = sender.binding.check()
    check_may_report(sender.changes.changes(), sender.unit)
    queue = sender.outbox.queue(sender.unit)
    if queue.load is not None and queue.load.finished_at is not None:
        return RunReport("load", sender.unit, cut, 0, queue.undelivered, queue.load, bound=bound)
    run = Run(sender, RunRequest("load", cut, "months", accept), bound)
    read = run.send_queued_and_read()
    return read if isinstance(read, RunReport) else _send_history(run, read)


def _send_history(run: Run, validated: ValidatedExtract) -> RunReport:
    outbox, unit = run.sender.outbox, run.sender.unit
    outbox.begin_load(unit, run.request.on)
    report = run.send(validated)
    return report if report.stopped else replace(report, load=outbox.finish_load(unit))
