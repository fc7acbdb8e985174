"""The demonstration itself: a world, a load, some days, and two descriptions of the same state held side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ktt.core.settings import SandboxSettings, SenderSettings
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.registry.errors import UnitsHeld
from ktt.sender.daily import run_daily
from ktt.sender.initial_load import run_load
from ktt.sender.outbox.message import QueuedMessage
from ktt.sender.report import RunReport
from ktt.testing.demo.errors import ProofFailed
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.synthetic.record_system.advance import advance_day
from ktt.testing.synthetic.record_system.create import write_epj
from ktt.wiring import sender_from

FIRST_DAY = dt.date(2017, 1, 1)
CUT = dt.date(2026, 2, 28)  # fixed, so that the same seed always shows the same demonstration
MUNICIPALITY = "1114"  # Bjerkreim

Tell = Callable[[Text, int, int | None], None]
"""Is told what is being done, how far it has come, and of how many (None when that is not known)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How large the demonstration is: history from `since`, and `days` daily runs after the initial load."""

    recipients: int = 400
    days: int = 7
    seed: int = 1
    since: dt.date = FIRST_DAY


@dataclass(frozen=True, slots=True)
class Likeness:
    """One record type: how many records each side counts, and whether their content is the same."""

    record_type: str
    records: int
    epj: str
    registry: str

    @property
    def same(self) -> bool:
        """Whether the two content hashes are equal."""
        return self.epj == self.registry


@dataclass(slots=True)
class Outcome:
    """What happened on the road, and the proof."""

    folder: Path
    unit: ReportingUnit
    first_day: dt.date
    last_day: dt.date
    runs: list[RunReport] = field(default_factory=list)
    proof: list[Likeness] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether the registry equals the record system in every record type, and nothing is left in the line."""
        return bool(self.proof) and all(one.same for one in self.proof) and not self.left

    @property
    def messages(self) -> int:
        """Messages accepted."""
        return sum(run.messages for run in self.runs)

    @property
    def left(self) -> int:
        """Messages that stand in the line after the last run."""
        return self.runs[-1].undelivered if self.runs else 0

    @property
    def rejected(self) -> int:
        """Runs that a rejection stopped."""
        return sum(run.stopped is not None for run in self.runs)

    def sent(self, record_type: str) -> dict[str, int]:
        """Over all runs: how many records of one type went as new, as changed and as deleted."""
        counts = [run.types[record_type] for run in self.runs if record_type in run.types]
        return {kind: sum(getattr(one, kind) for one in counts) for kind in ("new", "changed", "gone")}

    def _sent_types(self) -> list[str]:
        return sorted({name for run in self.runs for name in run.types})

    def check(self) -> None:
        """Raise what stopped a run, or ProofFailed when the proof does not hold."""
        for run in self.runs:
            run.check()
        if not self.holds:
            raise ProofFailed(types=", ".join(one.record_type for one in self.proof if not one.same) or "–")

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "unit": asdict(self.unit),
            "days_covered": {"from": self.first_day, "to": self.last_day},
            "messages": {"accepted": self.messages, "rejected": self.rejected, "left_in_line": self.left},
            "runs": [run.as_data() for run in self.runs],
            "sent": {name: self.sent(name) for name in self._sent_types()},
            "proof": [{**asdict(one), "same": one.same} for one in self.proof],
            "holds": self.holds,
        }


class Road:
    """One demonstration in one folder. `world` is the sandbox, running; whoever made the road stops it."""

    def __init__(self, folder: Path, scene: Scene, tell: Tell) -> None:
        self._folder, self._scene, self._tell = folder, scene, tell
        self._epj = folder / "epj"

    def write_epj(self) -> ReportingUnit:
        """The municipality's record system, as of the cut day."""
        words = Text(nb="Lager et syntetisk EPJ", en="Making a synthetic record system")
        answers = write_epj(
            self._epj,
            recipients=self._scene.recipients,
            municipality=MUNICIPALITY,
            start=self._scene.since,
            seed=self._scene.seed,
            until=CUT,
            progress=lambda done, *_: self._tell(words, done, None),
        )
        return ReportingUnit(**answers["unit"])

    def open_world(self, unit: ReportingUnit) -> Sandbox:
        """A HelseID, a receiver and a registry that the unit may report to; not started yet."""
        settings = SandboxSettings(folder=self._folder / "sandbox", helseid_port=0, mottak_port=0)
        return Sandbox(settings, units=(unit,))

    def travel(self, world: Sandbox, unit: ReportingUnit) -> Outcome:
        """The initial load, the daily runs with a day of changes before each, and the proof."""
        config = world.write_sender(self._folder / "sender", epj=self._epj, unit=unit)
        settings = SenderSettings.load(config)
        outcome = Outcome(self._folder, unit, self._scene.since, CUT)
        outcome.runs.append(self._run(settings, CUT, daily=False))
        answers = advance_day(self._epj) if self._scene.days else self._answers()
        for ahead in range(1, self._scene.days + 1):
            outcome.last_day = CUT + dt.timedelta(days=ahead)
            outcome.runs.append(self._run(settings, outcome.last_day, daily=True))
            if ahead < self._scene.days:
                answers = advance_day(self._epj)
        self._tell(Text(nb="Sammenligner register og EPJ", en="Comparing registry and record system"), 0, None)
        outcome.proof = self._prove(world, unit, answers)
        return outcome

    def _answers(self) -> Any:
        import json

        return json.loads((self._epj / "answers.json").read_text(encoding="utf-8"))

    def _run(self, settings: SenderSettings, day: dt.date, *, daily: bool) -> RunReport:
        words = (
            Text(nb=f"Daglig kjøring {day}", en=f"Daily run {day}")
            if daily
            else Text(nb="Initiell last, måned for måned", en="Initial load, month by month")
        )
        sent = 0

        def delivered(message: QueuedMessage) -> None:
            nonlocal sent
            sent += 1
            self._tell(Text(nb=f"{words.nb}: {message.period}", en=f"{words.en}: {message.period}"), sent, None)

        self._tell(words, 0, None)
        with sender_from(settings) as sender:
            told = replace(sender, pace=replace(sender.pace, delivered=delivered))
            return run_daily(told, day) if daily else run_load(told, day)

    def _prove(self, world: Sandbox, unit: ReportingUnit, answers: Any) -> list[Likeness]:
        """The record system's own account of itself (`answers.json`) against the registry's tables.

        The account is written by the synthetic record system from its own tables, and never passes through mapping,
        delta, messages or ingest: it shares nothing with the road but the hash.
        """
        world.settle()
        assert world.registry is not None
        if held := world.registry.held():
            raise UnitsHeld(count=len(held), units=", ".join(f"{one.unit} ({one.code})" for one in held))
        found = world.registry.content_hashes(unit, who="ktt demo", why="proof")
        content, counts = answers["content"], answers["counts"]
        return [Likeness(name, counts[name], content[name], found.get(name, "")) for name in sorted(content)]
