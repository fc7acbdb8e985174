"""How long an initial load will take, from a measured rate: the unit's own earlier messages, or else this machine."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, fmean, linear_regression
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.sender.outbox.message import QueuedMessage, State
from ktt.wire.envelope import ReceiverKey, seal

ASSUMED_ANSWER = 1.0
"""Seconds from a message is sealed until it is answered and written down, where nothing has been sent yet."""

ENOUGH, MOST = 20, 2000
"""Messages that tell a rate, and how many of the newest are looked at."""

_SEALED = 5
"""How many times one message is sealed to measure it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds to prepare (read, validate and make the messages: measured just now) and to send.

    `basis` is where the sending's rate comes from: `measured` on so many of the unit's own `samples`, or `assumed`: sealing
    was measured here, and each message takes `ASSUMED_ANSWER`. `memory_bytes` is the most that this plan had in memory,
    which is what the load needs; None where the operating system does not tell.
    """

    prepare_seconds: float
    send_seconds: float
    basis: Literal["measured", "assumed"]
    samples: int
    seconds_a_message: float
    seconds_a_megabyte: float
    memory_bytes: int | None

    @property
    def span(self) -> dt.timedelta:
        """Preparing and sending together."""
        return dt.timedelta(seconds=self.prepare_seconds + self.send_seconds)


def estimate(
    to_send: tuple[int, int], earlier: Sequence[QueuedMessage], prepared: dt.timedelta, largest: bytes
) -> Estimate:
    """The estimate for so many messages and bytes, where `largest` is one of the messages."""
    messages, size = to_send
    delivered = [one for one in earlier if one.state is State.DELIVERED and one.sent_at and one.settled_at][-MOST:]
    measured = len(delivered) >= ENOUGH
    each, each_byte = _rate(delivered) if measured else (ASSUMED_ANSWER, _sealing(largest))
    return Estimate(
        prepare_seconds=round(prepared.total_seconds(), 1),
        send_seconds=round(messages * each + size * each_byte, 1),
        basis="measured" if measured else "assumed",
        samples=len(delivered) if measured else 0,
        seconds_a_message=each,
        seconds_a_megabyte=each_byte * 1e6,
        memory_bytes=peak_memory(),
    )


def _rate(delivered: Sequence[QueuedMessage]) -> tuple[float, float]:
    """Seconds a message and seconds a byte: the line through what each took. Messages of one size tell only the first."""
    sizes = [float(one.payload_bytes) for one in delivered]
    times = [(one.settled_at - one.sent_at).total_seconds() for one in delivered if one.settled_at and one.sent_at]
    try:
        each_byte, each = linear_regression(sizes, times)
    except StatisticsError:
        each_byte, each = 0.0, -1.0
    return (each, each_byte) if each >= 0 and each_byte >= 0 else (fmean(times), 0.0)


def _sealing(payload: bytes) -> float:
    """Seconds a byte of sealing for a receiver, measured on one message; the key is made for this and thrown away."""
    if not payload:
        return 0.0
    key = ReceiverKey(
        "plan", rsa.generate_private_key(65537, 2048).public_key(), dt.datetime.max.replace(tzinfo=dt.UTC)
    )
    begun = time.perf_counter()
    for _ in range(_SEALED):
        seal(payload, key)
    return (time.perf_counter() - begun) / _SEALED / len(payload)


def peak_memory() -> int | None:
    """The most that this process has had in memory, in bytes; None where the operating system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if os.uname().sysname == "Darwin" else largest * 1024
