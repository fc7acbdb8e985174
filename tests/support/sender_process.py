"""A sender in a process of its own, killed with SIGKILL at a chosen step of a chosen message.

The steps are those of `outbox.dispatch`, and three between them: `enqueuing` (in the middle of putting messages in the
queue), `sent` (every byte is gone, nothing of the answer is read) and `committing` (the transaction that settles, and
marks the next, is about to commit). Everything else is the sender as `ktt load` and `ktt daily` run it.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from httpcore2._sync.http11 import HTTP11Connection

from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.settings import SenderSettings
from ktt.wiring.sender import sender_from

STEPS = ("enqueuing", "marking", "sending", "sent", "answered", "committing", "settled")


@dataclass
class Death:
    """Kills this process when a step has come a number of times."""

    step: str | None = None
    count: int = 1

    def at(self, step: str) -> None:
        if step != self.step:
            return
        self.count -= 1
        if self.count == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(death: Death) -> None:
    """Listen at the places that are inside a transaction or a request."""
    insert, accept, send = SqlOutbox._insert, SqlOutbox._accept, HTTP11Connection._send_request_body

    def inserted(store, *arguments):
        insert(store, *arguments)
        death.at("enqueuing")

    def accepted(store, connection, *arguments):
        accept(store, connection, *arguments)
        sa.event.listen(connection, "commit", lambda _connection: death.at("committing"))

    def sent(connection, request):
        send(connection, request)
        if request.url.target.endswith(b"/message"):
            death.at("sent")

    SqlOutbox._insert, SqlOutbox._accept, HTTP11Connection._send_request_body = inserted, accepted, sent


def main(order: dict) -> None:
    """Carry out one order (settings, kind, on, die: a step and a count, or None); the exit code is the report's."""
    death = Death(*order["die"]) if order["die"] else Death()
    watch(death)
    run = run_load if order["kind"] == "load" else run_daily
    options = SendOptions(NO_RETRIES, on_step=lambda step, _number: death.at(step))
    with sender_from(SenderSettings.load(Path(order["settings"])), options=options) as sender:
        report = run(sender, dt.date.fromisoformat(order["on"]))
    sys.exit(report.exit_code)
