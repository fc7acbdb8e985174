"""What the receiver counts and measures. No label can name a person, an organisation or a client.

Every label has a bounded set of values: steps, checks, statuses, FHI's codes and our own addresses. With
PROMETHEUS_MULTIPROC_DIR set, all processes of a receiver write to that folder and any of them can answer for all.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ktt.receiver.http.refusal import Refusal

_CHECK = re.compile(r"(?:A|D)\d{1,2}(?= )")  # a row of table A or D, as `Refusal.why` names it
_UNAUTHORIZED = 401
_ONE_IN = 16
_STEP_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
_ANSWER_SECONDS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_BYTES = (2_000, 8_000, 32_000, 128_000, 512_000, 2_000_000, 8_000_000, 16_000_000)
_WRITES = (1, 2, 4, 8, 16, 32, 64, 128)
_AGES = (-5, -2, -1, 0, 1, 2, 5, 10, 15)  # seconds; below zero the sender's clock is ahead of ours


class Metrics:
    """The metrics of one process. Cheap to call: labelled metrics are looked up once, and one submission in 16 is timed."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of = cache(lambda metric, *labels: metric.labels(*labels))  # `labels` takes five times as long
        self._timed = count()
        self._steps = self._histogram(
            "step_seconds", "Time of one step of the checks, in one submission of sixteen", _STEP_SECONDS, "step"
        )
        self._refused = self._counter("refusals", "Refusals by step, status and FHI's code", "step", "status", "code")
        self._unproven = self._counter("unproven", "Tokens and proofs refused, by the row that did not hold", "check")
        self._answers = self._counter("answers", "Answers by address, status and FHI's code", "path", "status", "code")
        self._seconds = self._histogram("answer_seconds", "From headers to answer", _ANSWER_SECONDS, "path")
        self._bytes = self._histogram("body_bytes", "Size of request bodies", _BYTES, "path")
        self._resent = self._counter("resent", "Messages that were accepted before, answered with the first receipt")
        self._groups = self._histogram("group_writes", "Writes that shared one transaction", _WRITES)
        self._ages = self._histogram("proof_age_seconds", "Age of accepted proofs by our clock", _AGES)
        self._validated = self._histogram(
            "judged_seconds", "Time to validate one message by all rules", _ANSWER_SECONDS, "door"
        )
        self._open = Gauge(
            "ktt_receiver_open_requests",
            "Requests being answered now",
            ["path"],
            registry=self.registry,
            multiprocess_mode="livesum",
        )

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"ktt_receiver_{name}", documentation, labels, registry=self.registry)

    def _histogram(self, name: str, documentation: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"ktt_receiver_{name}", documentation, labels, registry=self.registry, buckets=buckets)

    def times_next(self) -> bool:
        """Whether the steps of the next submission are timed: the first, and then one in sixteen."""
        return next(self._timed) % _ONE_IN == 0

    def step_passed(self, step: str, seconds: float) -> None:
        """A step of a submission that is timed ended well."""
        self._of(self._steps, step).observe(seconds)

    def proof_accepted(self, age: float) -> None:
        """A proof held; `age` is in seconds, by our clock, when it came."""
        self._ages.observe(age)

    def step_refused(self, step: str, refusal: Refusal) -> None:
        """A step refused."""
        code = refusal.errors[0].code if refusal.errors else None
        self._of(self._refused, step, refusal.status, code or "").inc()
        if refusal.status == _UNAUTHORIZED:
            check = _CHECK.match(refusal.why)
            self._of(self._unproven, check[0] if check else "form").inc()

    def group_committed(self, writes: int) -> None:
        """A transaction with so many writes was committed."""
        self._groups.observe(writes)

    def message_validated(self, where: str, seconds: float) -> None:
        """A message was validated by all rules: at "validate", at "check" or by the "follower"."""
        self._of(self._validated, where).observe(seconds)

    def request_started(self, path: str) -> None:
        """A request came. `path` is one of our addresses, or "other"."""
        self._of(self._open, path).inc()

    def request_ended(self, path: str, *, seconds: float, body: int) -> None:
        """Its answer was given, or nobody waits for one any more; `body` is the size of the request's, in bytes."""
        self._of(self._open, path).dec()
        self._of(self._seconds, path).observe(seconds)
        if body:
            self._of(self._bytes, path).observe(body)

    def request_answered(self, path: str, status: int, code: int | None, *, resent: bool = False) -> None:
        """What was answered; `code` is FHI's code in a refusal."""
        self._of(self._answers, path, status, code or "").inc()
        if resent:
            self._resent.inc()
