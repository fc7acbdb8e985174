"""What reading and planning share: the first day of the history, and how much may vanish without a question."""

from __future__ import annotations

import datetime as dt

OPENING = dt.date(2017, 1, 1)
"""The first day of the history that is sent (messages § 7.5)."""

DEFAULT_DROP_MAX = 0.20
"""The share of rows or records that may vanish between two runs when the mapping does not say; our own choice."""

_FEW = 2
"""How many may always vanish without a question: of a small number, one deletion is a large share."""


def allowed_drop(before: int, now: int, share: float) -> int:
    """How many of `before` may be missing in `now` without a question. That all are missing is never allowed."""
    return 0 if now == 0 else max(_FEW, int(before * share))
