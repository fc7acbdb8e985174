"""The plan of an initial load: the messages that it will send, made by the load's own code and thrown away.

Nothing is sent, queued or recorded.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.extract.mapping.model import LimitedHistory
from ktt.sender.load_plan.estimate import Estimate, estimate
from ktt.sender.outbox.message import LoadState, QueueStatus
from ktt.sender.plausibility.asked import Questions
from ktt.sender.report import FindingCount, TypeCounts, finding_counts, type_counts
from ktt.sender.run import Run, RunRequest, records_to_send
from ktt.sender.sender import Sender
from ktt.sender.unit_changes.guard import check_may_report

_TELL_EACH = 100
"""Messages between two looks at the progress."""


@dataclass(frozen=True, slots=True)
class PeriodPlan:
    """One month of the load, or the extraction day for what is changed or gone: messages, bytes of JSON, and records by type."""

    period: str
    messages: int = 0
    payload_bytes: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    deletions: int = 0


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What a load would send if it began now. `queued` is what an earlier one left in the queue, which goes first.

    `rejection` is why nothing of the extract may be sent, `questions` what somebody must accept first.
    """

    unit: ReportingUnit
    on: dt.date
    periods: list[PeriodPlan]
    types: Mapping[str, TypeCounts]
    findings: list[FindingCount]
    limited: list[LimitedHistory]
    questions: Questions
    rejection: KttError | None
    queued: int
    load: LoadState | None
    estimate: Estimate

    @property
    def messages(self) -> int:
        """All messages."""
        return sum(one.messages for one in self.periods)

    @property
    def records(self) -> int:
        """All records that are sent, each once."""
        return sum(sum(one.records.values()) for one in self.periods)

    @property
    def payload_bytes(self) -> int:
        """Bytes of JSON in all messages."""
        return sum(one.payload_bytes for one in self.periods)

    @property
    def months(self) -> list[PeriodPlan]:
        """The months with something to send, oldest first."""
        return [one for one in self.periods if len(one.period) == len("2017-01")]

    @property
    def stopped(self) -> KttError | None:
        """Why the load would send nothing as things are."""
        return self.questions.stop() or self.rejection

    @property
    def exit_code(self) -> int:
        """That with which the load would leave before it sends anything, else 0."""
        return self.stopped.exit_code if self.stopped else 0

    def as_data(self) -> dict[str, Any]:
        """The plan as plain data."""
        totals = {"messages": self.messages, "records": self.records, "payload_bytes": self.payload_bytes}
        return {
            "unit": self.unit.key,
            "on": self.on,
            **totals,
            "periods": [asdict(one) for one in self.periods],
            "types": {name: asdict(one) for name, one in self.types.items()},
            "findings": [asdict(one) for one in self.findings],
            "limited": [asdict(one) for one in self.limited],
            "questions": self.questions.as_data(),
            "rejection": self.rejection and {"code": self.rejection.code, "what": self.rejection.says()},
            "exit_code": self.exit_code,
            "queued": self.queued,
            "load": self.load and asdict(self.load),
            "estimate": asdict(self.estimate),
        }


def plan_load(sender: Sender, on: dt.date, told: Callable[[int, int], object] = lambda _done, _total: None) -> LoadPlan:
    """Read, validate and plan as the load of this day would. `told` hears how many records are planned, of how many.

    What stops a load before it reads stops this too, as do a source's own errors.
    """
    refusal = sender.binding.refusal()
    if refusal is not None:
        raise refusal
    check_may_report(sender.changes.changes(), sender.unit)
    queue = sender.outbox.queue(sender.unit)
    run, begun = Run(sender, RunRequest("load", on, "months")), time.perf_counter()
    validated = run.read()
    changes = run.changes(validated.extract)
    questions = run.questions(validated.extract, changes)
    ready = run.ready(validated, changes)
    periods, largest = _counted(run.messages(ready), records_to_send(ready.changes), told)
    prepared = dt.timedelta(seconds=time.perf_counter() - begun)
    return LoadPlan(
        unit=sender.unit,
        on=on,
        periods=periods,
        types=type_counts(ready.validated.extract, ready.changes),
        findings=finding_counts(ready.validated.findings),
        limited=sender.source.mapping.limited(),
        questions=questions,
        rejection=ready.validated.rejection,
        queued=queue.undelivered,
        load=queue.load,
        estimate=estimate(_sizes(periods, queue), sender.outbox.messages(sender.unit), prepared, largest),
    )


def _sizes(periods: Sequence[PeriodPlan], queue: QueueStatus) -> tuple[int, int]:
    """Messages and bytes that are to be sent. What is queued already counts as messages of the average size."""
    messages, size = sum(one.messages for one in periods), sum(one.payload_bytes for one in periods)
    each = size // messages if messages else 0
    return messages + queue.undelivered, size + each * queue.undelivered


def _counted(
    messages: Iterable[PlannedMessage], total: int, told: Callable[[int, int], object]
) -> tuple[list[PeriodPlan], bytes]:
    """What is in each period, in order, and the largest payload. One message at a time is in memory."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = {}
    largest, done = b"", 0
    for number, message in enumerate(messages, 1):
        records, sums = found.setdefault(message.period, (Counter(), Counter()))
        records.update({name: len(some) for name, some in message.upserts.items() if "@" not in name})
        deleted = sum(map(len, message.deletions.values()))
        sums.update(messages=1, payload_bytes=len(message.payload), deletions=deleted)
        largest = max(largest, message.payload, key=len)
        done += sum(map(len, message.upserts.values())) + deleted
        if number % _TELL_EACH == 0:
            told(done, total)
    return [PeriodPlan(period, records=dict(records), **sums) for period, (records, sums) in found.items()], largest
