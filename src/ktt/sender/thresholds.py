"""What several parts share: the first day of the history, and how much may vanish when the mapping does not say."""

from __future__ import annotations

import datetime as dt

OPENING = dt.date(2017, 1, 1)
"""The first day of the history that is sent (messages § 7.5)."""

DEFAULT_DROP_MAX = 0.20
"""The share of rows or records that may vanish between two runs when the mapping does not say; our own choice."""
