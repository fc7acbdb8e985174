"""Stored messages read anew by the packs of today: what would be otherwise, and how it becomes so (ADR 0025)."""

from __future__ import annotations

from ktt.registry.reprocessing.differences import Differences, UnitMovedOn
from ktt.registry.reprocessing.read_anew import ReadAnew, Reading, Who, reading_anew

__all__ = ["Differences", "ReadAnew", "Reading", "UnitMovedOn", "Who", "reading_anew"]
