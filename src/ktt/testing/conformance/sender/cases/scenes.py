"""Scenes that several groups judge."""

from __future__ import annotations

from ktt.testing.conformance.sender.case import RUNS, Scene, wants
from ktt.testing.conformance.sender.request import Kind

EVERYDAY = Scene("everyday", (wants(Kind.NEW, 3), RUNS))
"""Three ordinary messages, and nothing goes wrong."""

HISTORY = Scene("history", (wants(Kind.MONTHS, 4), RUNS, RUNS))
"""Four months of history, and then nothing more to send."""
