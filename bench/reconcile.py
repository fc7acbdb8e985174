"""How long does `ktt reconcile` take for a municipality of 400 recipients, and the comparison at the end of a run?

The whole work of the command: the record system read and validated, its records written and read back, the inventory over
HTTP with token and proof from a receiver on the same machine, both hashed and compared. Beside it stand the 5 s that it
may take, and the same comparison as it is usually begun: row by row, a dictionary and a hash for each record at both ends,
in one process and without a network.

`python -m bench.reconcile 1000` takes that many recipients.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.harness import Figure, publish, seconds
from ktt.core.clock import SystemClock
from ktt.sender.reconcile import run_reconcile
from ktt.sender.reconciliation.compare import compare_after_run
from ktt.sender.sender import Sender
from ktt.sender.settings import SenderSettings
from ktt.sender.validation import validate_extract
from ktt.testing.demo.demo import LOAD_DAY, Demo, DemoSize
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.synthetic.answers import describe
from ktt.wiring.sender import sender_from

_RECIPIENTS, _SECONDS = 400, 5.0


def whole_command(settings: SenderSettings) -> Callable[[], object]:
    """What the command does after its arguments are read."""

    def reconcile() -> None:
        with sender_from(settings, clock=SystemClock(), on=LOAD_DAY) as sender:
            assert run_reconcile(sender, LOAD_DAY).found.state == "equal"

    return reconcile


def at_the_end_of_a_run(sender: Sender, day: dt.date) -> Callable[[], object]:
    """The comparison alone, of an extract that the run has read already."""
    extract = sender.source.read(sender.unit, day, sender.environment)
    validated = validate_extract(extract, sender.environment, sender.versions)
    return lambda: compare_after_run(sender, validated)


def row_by_row(folder: Path, sandbox: Sandbox) -> Callable[[], object]:
    """Both ends' own account of themselves, one record at a time."""

    def compare() -> None:
        with closing(sqlite3.connect(folder / "epj" / "epj.sqlite")) as connection:
            mine = describe(connection)["content"]
        assert sandbox.registry is not None
        assert sandbox.registry.content_hashes(sandbox.units[0], "bench", "measuring") == mine

    return compare


def main() -> None:
    recipients = int(sys.argv[1]) if len(sys.argv) > 1 else _RECIPIENTS
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        demo = Demo(folder, DemoSize(recipients=recipients, days=0), lambda *_: None)
        unit = demo.write_epj()
        with demo.sandbox(unit) as sandbox:
            result = demo.run(sandbox, unit)
            result.check()
            records = sum(one.records for one in result.comparisons)
            settings = SenderSettings.load(folder / "sender" / "sender.toml")
            whole = seconds(whole_command(settings))
            with sender_from(settings, clock=SystemClock(), on=LOAD_DAY) as sender:
                after = seconds(at_the_end_of_a_run(sender, LOAD_DAY))
            plain = seconds(row_by_row(folder, sandbox))
    command = f"the whole command, {recipients} recipients, {records} records, {whole:.2f} s"
    figures = [
        Figure(command, records / whole, "records/s", f"{_SECONDS:g} s", records / _SECONDS, "> 1"),
        Figure(command, records / whole, "records/s", "row by row, without a network", records / plain),
        Figure(
            f"at the end of a run, {after:.2f} s", records / after, "records/s", "the whole command", records / whole
        ),
    ]
    publish("reconcile", (__doc__ or "").split("\n\n")[0], figures)


if __name__ == "__main__":
    main()
