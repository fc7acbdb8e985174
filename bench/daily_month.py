"""What does a day cost a municipality of Oslo's size, and how much memory does it take?

Days of 40 000 recipients: each day the record system changes, and the run is a process of its own, from opening
to what it leaves in the store, with everything but the network: each message is accepted in the process. Beside it stands
what no run can be without, measured the same way: the same extract read, proved whole and fingerprinted, and nothing more.

`python -m bench.daily_month 40000 30` is a month of them, `1000 3` so many recipients and days; both write nothing down.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Self
from unittest.mock import patch

from bench.harness import Figure, publish
from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, OutgoingMessage
from ktt.sender.client import factory
from ktt.sender.client.lookups import NotOffered
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox.configuration_files import write_sender
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from ktt.wiring.sender import sender_from

RECIPIENTS, DAYS = 40_000, 7
SINCE, LOADED_ON = dt.date(2025, 9, 1), dt.date(2026, 2, 28)


class Accepting:
    """In the place of the client: every message is accepted, and nothing else is offered."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None: ...

    def prepare(self, _payload: bytes) -> None: ...

    def send(self, _message: OutgoingMessage) -> Accepted:
        return Accepted(str(uuid.uuid4()))

    def look_up(self, _path: str) -> NotOffered:
        return NotOffered()

    def reach(self) -> None: ...


@dataclass(frozen=True)
class Day:
    """What one process took: seconds of processor, seconds, megabytes at its peak, records read and records that differed."""

    processor: float
    wall: float
    megabytes: int
    records: int
    changes: int


def make(folder: Path, recipients: int) -> None:
    """The record system, the settings, and the history sent."""
    measure: dict[str, Any] = {"recipients": recipients, "municipality": "0301", "start": SINCE, "until": LOADED_ON}
    unit = ReportingUnit(**write_epj(folder / "epj", seed="oslo", **measure)["unit"])
    config = {
        "helseid": {"authority": "https://helseid.test", "client_id": "bench", "scope": "s", "private_jwk": {}},
        "mottak": {"base_url": "https://mottak.test"},
        "unit": {"orgnr": unit.organisation, "kommunenr": unit.municipality, "bydelnr": None},
        "packs": ["ktt_v1"],
    }
    write_sender(folder / "desk", config, folder / "epj")
    with sender(folder, LOADED_ON) as opened:
        run_load(opened, LOADED_ON).check()


def sender(folder: Path, on: dt.date) -> Any:
    return sender_from(SenderSettings.load(folder / "desk" / "sender.toml"), on=on)


def day(folder: Path, on: dt.date) -> Day:
    """A daily run."""
    with Stopwatch() as spent, sender(folder, on) as opened:
        report = run_daily(opened, on)
    report.check()
    records = sum(each.new + each.changed + each.unchanged + each.held for each in report.types.values())
    return spent.day(records, report.changes)


def bound(folder: Path, on: dt.date) -> Day:
    """The same extract, read and fingerprinted."""
    with Stopwatch() as spent, sender(folder, on) as opened:
        extract = opened.source.read(opened.unit, on, opened.environment)
        found = [fingerprint(extract.records, root, opened.fingerprint_key) for root in ROOTS]
    return spent.day(sum(one.height for one in found), 0)


class Stopwatch:
    began: float
    processor: float
    wall: float

    def __enter__(self) -> Self:
        self.began, self.processor = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_fault: object) -> None:
        self.wall, self.processor = time.perf_counter() - self.began, time.process_time() - self.processor

    def day(self, records: int, changes: int) -> Day:
        return Day(self.processor, self.wall, peak_megabytes(), records, changes)


def peak_megabytes() -> int:
    """Of this program alone: `ru_maxrss` would count what the process was before it became this one."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    return int(found[1]) >> 10 if found else 0


def in_a_process(what: str, folder: Path, on: dt.date) -> Day:
    """`day` or `bound` in a process of its own, since a peak is one of a process."""
    command = [sys.executable, "-m", "bench.daily_month", what, str(folder), on.isoformat()]
    return Day(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def month(recipients: int, days: int) -> tuple[list[Day], Day]:
    """Every day, and the bound on the last of them."""
    with tempfile.TemporaryDirectory(prefix="ktt-bench-") as name:
        folder, on, found = Path(name), LOADED_ON, []
        with patch.object(factory, "open_receiver_client", lambda *_: Accepting()):
            make(folder, recipients)
        for _ in range(days):
            on += dt.timedelta(days=1)
            with patch("ktt.testing.synthetic.advance.describe", return_value={}):  # the answer key is most of the time
                advance_day(folder / "epj")
            found.append(in_a_process("day", folder, on))
        return found, in_a_process("bound", folder, on)


def main() -> None:
    if sys.argv[1:2] in (["day"], ["bound"]):
        what, folder, on = sys.argv[1:]
        with patch.object(factory, "open_receiver_client", lambda *_: Accepting()):
            spent = {"day": day, "bound": bound}[what](Path(folder), dt.date.fromisoformat(on))
        print(json.dumps(vars(spent)))
        return
    recipients, days = (int(one) for one in sys.argv[1:]) if sys.argv[1:] else (RECIPIENTS, DAYS)
    found, least = month(recipients, days)
    processor, wall = median(one.processor for one in found), median(one.wall for one in found)
    rate = median(one.records / one.processor for one in found)
    what = f"a day of {found[-1].records:,} records".replace(",", " ")
    figure = Figure(what, rate, "records/s of processor", "read and fingerprint alone", least.records / least.processor)
    took = (
        f"{days} days, {recipients} recipients: {processor:.1f} s of processor a day (the median; {wall:.1f} s), of which"
        f" reading and fingerprinting {least.processor:.1f} s; {sum(one.changes for one in found)} records differed."
    )
    peak = (
        f"Peak memory of a day {max(one.megabytes for one in found)} MB (of the first {found[0].megabytes}, of the last"
        f" {found[-1].megabytes}); reading and fingerprinting {least.megabytes} MB."
    )
    if sys.argv[1:]:
        print(figure.row, took, peak, sep="\n")
    else:
        publish("daily_month", (__doc__ or "").split("\n\n")[0], [figure], [took, peak])


if __name__ == "__main__":
    main()
