"""The daily run: send what differs today from what the registry holds."""

from __future__ import annotations

import datetime as dt

from ktt.sender.errors import LoadNotFinished
from ktt.sender.follow_ups.asking import ask_after_run
from ktt.sender.outbox.dispatch import locked
from ktt.sender.outcomes.recorded import recorded
from ktt.sender.plausibility.question import NOTHING_ACCEPTED, Acceptance
from ktt.sender.report import RunReport
from ktt.sender.run import Run, RunRequest
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.guard import check_may_report


def run_daily(sender: Sender, on: dt.date, *, accept: Acceptance = NOTHING_ACCEPTED) -> RunReport:
    """Send the changes as of the day `on`; without any, the report has 0 changes.

    LoadNotFinished before the initial load is accepted; UnitRetired and the like when the unit may not report (`guard`);
    QueueBusy when another run works on the queue; a source's own errors when it is not whole. What is odd must be accepted,
    or nothing is sent. Nothing is planned behind a queue that has stopped: the report says why it stopped. A queue held by a
    message whose records are corrected since is made anew. However it ends, its outcome is recorded.
    """
    with locked(sender.outbox, sender.unit):
        report = recorded(sender.outcomes, sender.unit, "daily", on, lambda: _daily(sender, on, accept))
        ask_after_run(sender.follow_ups, sender.look_up, sender.unit, report.exit_code)
        return report


def _daily(sender: Sender, on: dt.date, accept: Acceptance) -> RunReport:
    bound = sender.binding.check()
    check_may_report(sender.changes.changes(), sender.unit)
    load = sender.outbox.queue(sender.unit).load
    if load is None or load.finished_at is None:
        raise LoadNotFinished(unit=sender.unit.key)
    run = Run(sender, RunRequest("daily", on, "day", accept), bound)
    read = run.send_queued_and_read()
    return read if isinstance(read, RunReport) else run.send(read)
