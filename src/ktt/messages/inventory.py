"""The registry's inventory of a unit as it tells it to the unit itself: ids and keyed hashes, never content (ADR 0017).

The receiver serves it and the registry makes it; neither knows the other, so the form of it is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from ktt.domain.unit import ReportingUnit

MOST = 10_000
"""Records on a page, at most."""

RECORD = {"record_type": pl.String(), "local_id": pl.String(), "hash": pl.String()}
"""The columns of a page."""


@dataclass(frozen=True, slots=True)
class RegistryProgress:
    """How far the registry had read the inbox when it made its answer, and how many messages of the unit are held."""

    position: int
    held: int


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """A page in key order. `salt` is the key of its hashes, and `after` asks for the next page; None after the last."""

    salt: str = field(repr=False)
    progress: RegistryProgress
    records: pl.DataFrame = field(repr=False)
    after: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Digest:
    """How many records of a type there are, and one hash of all of them (`domain.fingerprint.digest`)."""

    records: int
    hash: str


@dataclass(frozen=True, slots=True)
class InventoryDigests:
    """The whole inventory as one digest for each record type that has any record."""

    salt: str = field(repr=False)
    progress: RegistryProgress
    digests: Mapping[str, Digest]


class Inventory(Protocol):
    """What a registry holds of a unit. Each listing has a salt of its own, and leaves one row in the log of looks."""

    def page(self, unit: ReportingUnit, who: str, after: str | None, limit: int) -> InventoryPage:
        """Up to `limit` records; CursorUnknown when `after` is not one that this registry gave for this unit."""
        ...

    def digests(self, unit: ReportingUnit, who: str) -> InventoryDigests:
        """All of it, as one hash for each record type."""
        ...

    def progress(self, unit: ReportingUnit) -> RegistryProgress:
        """How far the registry has come, and nothing of what it holds; nothing is logged."""
        ...
