"""The registry: what was accepted, as current state and history for each record type, with identities apart."""

from __future__ import annotations

from ktt.registry.ingest.held_units import HeldUnit, HeldUnits
from ktt.registry.ingest.ingest import IngestReport
from ktt.registry.ingest.quarantine import SetAside
from ktt.registry.registry import Registry
from ktt.registry.tables import SCHEMA
from ktt.registry.two_clocks import NOW, AsOf

__all__ = ["NOW", "SCHEMA", "AsOf", "HeldUnit", "HeldUnits", "IngestReport", "Registry", "SetAside"]
