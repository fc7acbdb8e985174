"""The demonstration: a record system, an initial load, daily runs, and the registry's content compared with the source."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import BUILT_IN
from ktt.registry.errors import UnitsHeld
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.message import QueuedMessage
from ktt.sender.report import RunReport
from ktt.sender.settings import SenderSettings
from ktt.testing.demo.errors import ContentDiffers
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from ktt.wiring.sender import sender_from

FIRST_DAY = dt.date(2017, 1, 1)
LOAD_DAY = dt.date(2026, 2, 28)  # fixed, so that the same seed always shows the same demonstration
MUNICIPALITY = "1114"  # Bjerkreim

Progress = Callable[[Text, int, int | None], None]
"""Is called with what is being done, how far it has come, and of how many (None when that is not known)."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How large the demonstration is: history from `since`, and `days` daily runs after the initial load."""

    recipients: int = 400
    days: int = 7
    seed: int = 1
    since: dt.date = FIRST_DAY
    packs: tuple[str, ...] = (BUILT_IN,)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One record type: how many records the record system counts, and the hash of their content at both ends."""

    record_type: str
    records: int
    epj: str
    registry: str

    @property
    def same(self) -> bool:
        """Whether the two content hashes are equal."""
        return self.epj == self.registry


@dataclass(slots=True)
class DemoResult:
    """The reports of the runs, and the comparison of the registry with the record system."""

    folder: Path
    unit: ReportingUnit
    first_day: dt.date
    last_day: dt.date
    runs: list[RunReport] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether the registry equals the record system in every record type, and the queue is empty."""
        return bool(self.comparisons) and all(one.same for one in self.comparisons) and not self.left

    @property
    def messages(self) -> int:
        """How many messages were accepted."""
        return sum(run.messages for run in self.runs)

    @property
    def left(self) -> int:
        """How many messages are in the queue after the last run."""
        return self.runs[-1].undelivered if self.runs else 0

    @property
    def rejected(self) -> int:
        """How many runs a rejection stopped."""
        return sum(run.stopped is not None for run in self.runs)

    def sent(self, record_type: str) -> dict[str, int]:
        """How many records of one type all runs together sent as new, as changed and as deleted."""
        counts = [run.types[record_type] for run in self.runs if record_type in run.types]
        return {kind: sum(getattr(one, kind) for one in counts) for kind in ("new", "changed", "gone")}

    def check(self) -> None:
        """Raise what stopped a run, or ContentDiffers when the registry does not equal the record system."""
        for run in self.runs:
            run.check()
        if not self.holds:
            raise ContentDiffers(types=", ".join(one.record_type for one in self.comparisons if not one.same) or "–")

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        types = sorted({name for run in self.runs for name in run.types})
        return {
            "unit": asdict(self.unit),
            "days_covered": {"from": self.first_day, "to": self.last_day},
            "messages": {"accepted": self.messages, "rejected": self.rejected, "left_in_line": self.left},
            "runs": [run.as_data() for run in self.runs],
            "sent": {name: self.sent(name) for name in types},
            "proof": [{**asdict(one), "same": one.same} for one in self.comparisons],
            "holds": self.holds,
        }


class Demo:
    """One demonstration in one folder. The caller starts and stops the sandbox."""

    def __init__(self, folder: Path, size: DemoSize, progress: Progress) -> None:
        self._folder, self._size, self._progress = folder, size, progress
        self._epj = folder / "epj"

    def write_epj(self) -> ReportingUnit:
        """Write the municipality's record system as of the load day; returns the unit that reports from it."""
        words = Text(nb="Lager en syntetisk EPJ", en="Making a synthetic record system")
        answers = write_epj(
            self._epj,
            recipients=self._size.recipients,
            municipality=MUNICIPALITY,
            start=self._size.since,
            seed=self._size.seed,
            until=LOAD_DAY,
            progress=lambda done, *_: self._progress(words, done, None),
        )
        return ReportingUnit(**answers["unit"])

    def sandbox(self, unit: ReportingUnit) -> Sandbox:
        """A HelseID, a receiver and a registry that the unit may report to; not started yet."""
        folder, packs = self._folder / "sandbox", self._size.packs
        settings = SandboxSettings(folder=folder, helseid_port=0, mottak_port=0, packs=packs)
        return Sandbox(settings, units=(unit,))

    def run(self, sandbox: Sandbox, unit: ReportingUnit) -> DemoResult:
        """Run the initial load, then the daily runs with a day of changes before each, and compare both ends."""
        settings = SenderSettings.load(sandbox.write_sender(self._folder / "sender", epj=self._epj, unit=unit))
        result = DemoResult(self._folder, unit, self._size.since, LOAD_DAY)
        result.runs.append(self._send(settings, LOAD_DAY, daily=False))
        for ahead in range(1, self._size.days + 1):
            advance_day(self._epj)
            result.last_day = LOAD_DAY + dt.timedelta(days=ahead)
            result.runs.append(self._send(settings, result.last_day, daily=True))
        self._progress(Text(nb="Sammenligner register og EPJ", en="Comparing registry and record system"), 0, None)
        result.comparisons = self.compare(sandbox, unit)
        return result

    def _send(self, settings: SenderSettings, day: dt.date, *, daily: bool) -> RunReport:
        words = (
            Text(nb=f"Daglig kjøring {day}", en=f"Daily run {day}")
            if daily
            else Text(nb="Initiell last, måned for måned", en="Initial load, month by month")
        )
        sent = 0

        def delivered(message: QueuedMessage) -> None:
            nonlocal sent
            sent += 1
            self._progress(Text(nb=f"{words.nb}: {message.period}", en=f"{words.en}: {message.period}"), sent, None)

        self._progress(words, 0, None)
        with sender_from(settings, on=day) as sender:
            observed = replace(sender, options=replace(sender.options, on_delivered=delivered))
            return run_daily(observed, day) if daily else run_load(observed, day)

    def compare(self, sandbox: Sandbox, unit: ReportingUnit) -> list[Comparison]:
        """Compare the record system's own account of itself (`answers.json`) with the registry's tables.

        The record system writes the account from its own tables. It never passes through mapping, delta, messages or
        ingest, so only the hash function is common to both sides.
        """
        sandbox.wait_for_ingest()
        assert sandbox.registry is not None
        if held := sandbox.registry.held():
            raise UnitsHeld(count=len(held), units=", ".join(f"{one.unit} ({one.code})" for one in held))
        answers = json.loads((self._epj / "answers.json").read_text(encoding="utf-8"))
        found = sandbox.registry.content_hashes(unit, who="ktt demo", why="proof")
        content, counts = answers["content"], answers["counts"]
        return [Comparison(name, counts[name], content[name], found.get(name, "")) for name in sorted(content)]
