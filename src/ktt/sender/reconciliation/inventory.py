"""The registry's inventory as the receiver tells it: asked for through lookups, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.sender.client.lookups import Found, LookUp, NotKnown, NotOffered
from ktt.sender.outbox.answer_words import in_words
from ktt.sender.reconciliation.errors import InventoryMoved, InventoryNotAnswered, InventoryNotOffered

_PAGE = 4000
"""Records on a page: with ids of the greatest length it is still below what an answer may have."""
_FIRST_STEP, _STEP = 0.05, 0.5
"""Seconds between two questions whether all is ingested: at first, and at most."""
_TRIES = 3
"""Listings that are begun when the inventory moves meanwhile."""
_RECORD = {"record_type": pl.String(), "local_id": pl.String(), "hash": pl.String()}


@dataclass(frozen=True, slots=True)
class Progress:
    """The last accepted message of the unit, how many are not ingested, and how many of these are held."""

    position: int
    pending: int
    held: int


@dataclass(frozen=True, slots=True)
class Listing:
    """All that the registry holds: `record_type`, `local_id`, `hash` under the salt."""

    salt: bytes = field(repr=False)
    records: pl.DataFrame = field(repr=False)


@dataclass(frozen=True, slots=True)
class Digests:
    """The same as one hash by record type."""

    salt: bytes = field(repr=False)
    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RemoteInventory:
    """One unit's inventory at the receiver. Each question raises InventoryNotOffered or InventoryNotAnswered."""

    look_up: LookUp = field(repr=False)
    unit: ReportingUnit
    sleep: Callable[[float], object] = field(repr=False)

    def progress(self) -> Progress:
        """How far the registry has come."""
        return _progress(self._ask("progress"))

    def settled(self, seconds: float, found: Progress | None = None) -> Progress:
        """The same, when all that is not held is ingested, or as it is after so many seconds. `found` was asked already."""
        found, step, waited = found or self.progress(), _FIRST_STEP, 0.0
        while found.pending > found.held and waited < seconds:
            self.sleep(step)
            found, step, waited = self.progress(), min(2 * step, _STEP), waited + step
        return found

    def digests(self) -> Digests:
        """One hash for each record type."""
        answer = self._ask("digests")
        return Digests(bytes.fromhex(answer["salt"]), {one["record_type"]: one["hash"] for one in answer["digests"]})

    def listing(self) -> Listing:
        """All records, at one instant; InventoryMoved when messages of the unit keep arriving."""
        for _ in range(_TRIES):
            if (found := self._listed()) is not None:
                return found
        raise InventoryMoved(unit=self.unit.key)

    def _listed(self) -> Listing | None:
        page = self._ask("records")
        first, frames = _progress(page), [_records(page)]
        while (after := page["next"]) is not None:
            page = self._ask("records", f"&after={after}")
            frames.append(_records(page))
        same = _progress(page) == first and first.pending == first.held
        return Listing(bytes.fromhex(page["salt"]), pl.concat(frames)) if same else None

    def _ask(self, form: str, after: str = "") -> Mapping[str, Any]:
        unit = self.unit
        district = f"&district={unit.district}" if unit.district else ""
        asked = f"municipality={unit.municipality}{district}&limit={_PAGE}&as={form}{after}"
        answer = self.look_up(f"/units/{unit.organisation}/inventory?{asked}")
        if isinstance(answer, NotKnown | NotOffered):
            raise InventoryNotOffered(unit=unit.key)
        if not isinstance(answer, Found):
            raise InventoryNotAnswered(unit=unit.key, reason=in_words(answer.reason))
        return answer.body


def _progress(answer: Mapping[str, Any]) -> Progress:
    return Progress(answer["position"], answer["pending"], answer["held"])


def _records(page: Mapping[str, Any]) -> pl.DataFrame:
    frames = [
        pl.DataFrame(
            {"record_type": one["record_type"], "local_id": one["local_ids"], "hash": one["hashes"]}, schema=_RECORD
        )
        for one in page["records"]
    ]
    return pl.concat([pl.DataFrame(schema=_RECORD), *frames])
