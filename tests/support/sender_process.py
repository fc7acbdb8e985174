"""A sender in a process of its own, killed with SIGKILL at a chosen step of a chosen message.

    python -m support.sender_process ORDER     ORDER is JSON: folder, registry, kind, on, and die (step and count) or null

The steps are those of `outbox.dispatch`, and three between them that only the world outside can show: `enqueuing` (in
the middle of putting messages in the line), `sent` (every byte is gone, the answer is not read) and `committing` (the
transaction that settles is about to commit).
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from ktt.clock import SystemClock
from ktt.messages.handover import Accepted, Outcome, OutgoingMessage, Rejected, Unknown
from ktt.messages.register import pack
from ktt.outbox.dispatch import Pace
from ktt.outbox.patience import IMPATIENT
from ktt.outbox.sql import SqlOutbox
from ktt.outbox.tables import SCHEMA
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.report import RunReport
from ktt.sender.sender import Sender
from ktt.sources.sql import open_source
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from support.sender_epj import UNIT

STEPS = ("enqueuing", "marking", "sending", "sent", "answered", "committing", "settled")


@dataclass
class Death:
    """Kills this process when a step has come a number of times."""

    step: str | None
    count: int = 1

    def at(self, step: str) -> None:
        if step != self.step:
            return
        self.count -= 1
        if self.count == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def post(url: str, message: OutgoingMessage, sent: Callable[[], object]) -> Outcome:
    """One request; `sent` is called when it is gone and before the answer is read."""
    address = urlsplit(url)
    headers = {"X-Unit": message.unit.key, "X-Type": message.message_type, "X-Version": message.version}
    with closing(http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)) as connection:
        try:
            connection.request("POST", "/message", message.payload, headers)
            sent()
            response = connection.getresponse()
            answer = json.loads(response.read())
        except OSError as fault:
            return Unknown(type(fault).__name__)
    if response.status == 200:
        return Accepted(answer["correlation"])
    return Rejected(response.status, answer["code"], "", "")


def open_sender(folder: Path, registry: str, death: Death | None = None) -> tuple[Sender, Database]:
    """A whole sender on the folder's record system and line."""
    death = death or Death(None)
    vault = Vault.from_file(folder / "store.key", create=True)
    database = Database.open(f"sqlite:///{folder / 'outbox.sqlite'}", SCHEMA)
    store = SqlOutbox(database, vault, SystemClock())
    sender = Sender(
        unit=UNIT,
        environment="sandbox",
        store=store,
        source=open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml"),
        send=lambda message: post(registry, message, lambda: death.at("sent")),
        versions=pack("ktt_v1"),
        key=vault.derive("fingerprint"),
        pace=Pace(IMPATIENT, steps=lambda step, _number: death.at(step)),
    )
    return sender, database


def watch(sender: Sender, database: Database, death: Death) -> None:
    """Listen at the two places inside the store's transactions."""
    insert, settle = SqlOutbox._insert, SqlOutbox._accept

    def inserted(store, *arguments):
        insert(store, *arguments)
        death.at("enqueuing")

    def accepted(store, connection, *arguments):
        settle(store, connection, *arguments)
        sa.event.listen(connection, "commit", lambda _connection: death.at("committing"))

    SqlOutbox._insert, SqlOutbox._accept = inserted, accepted


def run(sender: Sender, kind: str, on: dt.date) -> RunReport:
    """The run that was ordered."""
    return run_load(sender, on) if kind == "load" else run_daily(sender, on)


def main(order: dict) -> int:
    death = Death(*order["die"]) if order["die"] else Death(None)
    sender, database = open_sender(Path(order["folder"]), order["registry"], death)
    watch(sender, database, death)
    report = run(sender, order["kind"], dt.date.fromisoformat(order["on"]))
    database.close()
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
