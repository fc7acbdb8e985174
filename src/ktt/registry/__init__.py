"""The registry: what was accepted, current and history per record type, and who a person is apart from it."""

from __future__ import annotations

from ktt.registry.ingest import IngestReport
from ktt.registry.quarantine import SetAside
from ktt.registry.registry import Registry
from ktt.registry.tables import SCHEMA

__all__ = ["SCHEMA", "IngestReport", "Registry", "SetAside"]
