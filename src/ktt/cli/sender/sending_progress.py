"""How far a run has come: a live line where a person looks, else a line in the log each minute."""

from __future__ import annotations

import datetime as dt
import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ktt.cli.show import Steps, language
from ktt.core.log.handler import speak
from ktt.core.text import Text, rough_duration

if TYPE_CHECKING:
    from ktt.sender.outbox.dispatch import SendOptions
    from ktt.sender.outbox.message import QueuedMessage

_LOG_EACH = 60.0
"""Seconds between two lines in the log."""
_TELLS, _PART = 5.0, 20
"""Seconds, and the part of all records, before a rate says anything: messages are made some dozens at a time, then sent."""

_RATE = Text(
    nb="{period} {type}, {rate:post|poster} i sekundet, {left} igjen",
    en="{period} {type}, {rate:record|records} a second, {left} left",
)

_log = logging.getLogger("ktt.sender.progress")


class SendingProgress:
    """Counts the records of accepted messages against all that the run has found to send."""

    def __init__(self, steps: Steps, seconds: Callable[[], float] = time.monotonic) -> None:
        self._steps, self._seconds = steps, seconds
        self._total: int | None = None
        self._messages, self._records = 0, 0
        self._begun = self._logged = seconds()

    def told_by(self, options: SendOptions) -> SendOptions:
        """The options of a run that tells this of its progress."""
        from dataclasses import replace

        return replace(options, on_planned=self.planned, on_delivered=self.delivered)

    def planned(self, records: int) -> None:
        """The run has read and compared, and will send so many records. What went before was left from an earlier run."""
        self._total, self._records, self._begun = records, 0, self._seconds()

    def delivered(self, message: QueuedMessage) -> None:
        """A message was accepted."""
        self._messages += 1
        self._records += message.upserts + message.deletions
        self._steps(self._records, total=self._total, text=self._words(message).in_(language()))
        if self._seconds() - self._logged >= _LOG_EACH:
            self._log(message)

    def _log(self, message: QueuedMessage) -> None:
        """An operator follows by the journal; on a terminal the line itself is seen."""
        self._logged = self._seconds()
        if sys.stderr.isatty():
            return
        speak(logging.INFO)
        told = self._words(message).en
        _log.info("%d messages, %d of %s records: %s", self._messages, self._records, self._total or "?", told)

    def _words(self, message: QueuedMessage) -> Text:
        """The month or day under way, and from when a rate can be told, that and the time left."""
        spent = self._seconds() - self._begun
        where = f"{message.period} {message.message_type}"
        if self._total is None or spent < _TELLS or self._records * _PART < self._total:
            return Text(nb=where, en=where)
        rate = self._records / spent
        left = rough_duration(dt.timedelta(seconds=max(0.0, (self._total - self._records) / rate)))
        return _RATE.format(period=message.period, type=message.message_type, rate=round(rate), left=left)
