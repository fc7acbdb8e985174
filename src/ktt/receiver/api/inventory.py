"""`GET /units/{organisation}/inventory`: what the registry holds of one unit, as ids and keyed hashes (ADR 0017).

It is there only where the receiver has a registry. A caller sees the units that its holder may send for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import CursorUnknown
from ktt.messages.inventory import MOST, Digest, Inventory, InventoryDigests, InventoryPage, RegistryProgress
from ktt.receiver.api import answer_models as models
from ktt.receiver.api import answers, queries
from ktt.receiver.api.authenticator import Authenticator
from ktt.receiver.api.lookups import ORGANISATION, raw_path, unavailable, visible_units
from ktt.receiver.api.query_parameters import read_parameters, refuse_parameters
from ktt.receiver.http.refusal import refuse_with_status
from ktt.receiver.pipeline.stages import Caller
from ktt.receiver.store.signs import UnitSigns
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable

CURSOR = r"[A-Za-z0-9_-]{1,2000}"
_FORMS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(form, re.ASCII)
    for name, form in {
        "municipality": r"[0-9]{4}",
        "district": r"[0-9]{2}",
        "after": CURSOR,
        "limit": r"[0-9]{1,5}",
        "as": r"records|digests|progress",
    }.items()
}


_Found = InventoryPage | InventoryDigests | RegistryProgress


@dataclass(frozen=True, slots=True)
class _Question:
    """Which unit is asked about, and how the answer shall be."""

    unit: ReportingUnit
    after: str | None
    limit: int
    form: str

    def ask(self, inventory: Inventory, who: str) -> _Found:
        """The registry's own answer."""
        if self.form == "progress":
            return inventory.progress(self.unit)
        if self.form == "digests":
            return inventory.digests(self.unit, who)
        return inventory.page(self.unit, who, self.after, self.limit)


class InventoryEndpoint:
    """The endpoint, over the receiver's own database and the registry's inventory."""

    def __init__(
        self, authenticator: Authenticator, database: Database, inventory: Inventory, signs: UnitSigns
    ) -> None:
        self._authenticator, self._database = authenticator, database
        self._inventory, self._signs = inventory, signs

    async def get(self, request: Request) -> Response:
        """One page, the digests, or how far the registry has come."""
        organisation = str(request.path_params["organisation"])
        with self._authenticator.checks(request, raw_path(request)) as checks:
            caller = (await checks.authenticate_alone()).caller
            if ORGANISATION.fullmatch(organisation) is None:
                raise refuse_with_status(404, why="no such form")
            question = read_question(organisation, request.query_params.multi_items())
            found = await self._authenticator.in_thread(lambda: self._answer(caller, question))
        return answers.json_response(request, found)

    def _answer(self, caller: Caller, question: _Question) -> models.Inventory:
        try:
            self._check_visible(caller, question.unit)
            found = question.ask(self._inventory, f"{caller.client_id} ({caller.supplier or caller.holder})")
            progress = found if isinstance(found, RegistryProgress) else found.progress
            with self._database.reading() as connection:
                accepted = queries.accepted(connection, question.unit, progress.position)
        except CursorUnknown as fault:
            raise refuse_parameters({"after"}) from fault
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            raise unavailable(lost) from lost
        self._signs.heard([question.unit.key])
        return _shown(question.unit, found, progress, accepted)

    def _check_visible(self, caller: Caller, unit: ReportingUnit) -> None:
        with self._database.reading() as connection:
            if unit not in visible_units(connection, caller):
                raise refuse_with_status(404, why="no such unit for this caller")


def read_question(organisation: str, query: list[tuple[str, str]]) -> _Question:
    """What is asked; 400 with the parameter's name for what cannot be read."""
    given = read_parameters(query, _FORMS, required=("municipality",))
    limit = int(given.get("limit", MOST))
    if not 1 <= limit <= MOST:
        raise refuse_parameters({"limit"})
    unit = ReportingUnit(organisation, given["municipality"], given.get("district"))
    return _Question(unit, given.get("after"), limit, given.get("as", "records"))


def _shown(
    unit: ReportingUnit, found: _Found, progress: RegistryProgress, accepted: queries.Accepted
) -> models.Inventory:
    page = found if isinstance(found, InventoryPage) else None
    return models.Inventory(
        **queries.unit_members(unit),
        salt=None if isinstance(found, RegistryProgress) else found.salt,
        position=accepted.last,
        pending=accepted.not_ingested + progress.held,
        held=progress.held,
        records=[] if page is None else _records(page.records),
        digests=_digests(found.digests) if isinstance(found, InventoryDigests) else None,
        next=None if page is None else page.after,
    )


def _digests(found: Mapping[str, Digest]) -> list[models.InventoryDigest]:
    return [models.InventoryDigest(record_type=name, records=one.records, hash=one.hash) for name, one in found.items()]


def _records(page: pl.DataFrame) -> list[models.InventoryRecords]:
    return [
        models.InventoryRecords(
            record_type=str(name), local_ids=frame["local_id"].to_list(), hashes=frame["hash"].to_list()
        )
        for (name,), frame in page.group_by("record_type", maintain_order=True)
    ]
