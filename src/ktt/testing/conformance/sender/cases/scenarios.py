"""Scenarios that cases of several groups share."""

from __future__ import annotations

from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.scenario import RUNS, Scenario, prepares

EVERYDAY = Scenario("everyday", (prepares(PreparationKind.NEW, 3), RUNS))
"""Three ordinary messages, and nothing goes wrong."""

HISTORY = Scenario("history", (prepares(PreparationKind.MONTHS, 4), RUNS, RUNS))
"""Four months of history, and then nothing more to send."""
