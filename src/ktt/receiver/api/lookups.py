"""`GET /receipts/{correlation}` and `GET /units/{organisation}/outstanding`: what was received, and what is still wrong.

A caller sees the units that its holder may send for, and nothing tells it whether there are others.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from ktt.domain.unit import ReportingUnit
from ktt.messages.follow_ups import FollowUp, FollowUps
from ktt.receiver.api import answer_models as models
from ktt.receiver.api import answers, queries
from ktt.receiver.api.authenticator import Authenticator
from ktt.receiver.api.query_parameters import read_parameters, refuse_parameters
from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status
from ktt.receiver.pipeline.stages import Caller
from ktt.receiver.store.signs import UnitSigns
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.wire.answers import AnswerCode

_log = logging.getLogger(__name__)
_CORRELATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
ORGANISATION = re.compile(r"[0-9]{9}", re.ASCII)
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_LIMIT = re.compile(r"[0-9]{1,4}", re.ASCII)
USUAL, MOST = 200, 1000
"""Findings on a page when no limit is given, and at most."""


class LookupEndpoints:
    """The endpoints of both."""

    def __init__(
        self,
        authenticator: Authenticator,
        database: Database,
        signs: UnitSigns,
        vault: Vault,
        follow_ups: FollowUps | None = None,
    ) -> None:
        self._authenticator, self._database, self._signs, self._vault = authenticator, database, signs, vault
        self._follow_ups = follow_ups

    async def receipt(self, request: Request) -> Response:
        """The receipt of one accepted message."""
        correlation = str(request.path_params["correlation"])
        with self._authenticator.checks(request, raw_path(request)) as checks:
            caller = (await checks.authenticate_alone()).caller
            if _CORRELATION.fullmatch(correlation) is None:
                raise refuse_with_status(404, why="no such form")
            found = await self._authenticator.in_thread(lambda: self._receipt(caller, correlation))
        return answers.json_response(request, found)

    async def outstanding(self, request: Request) -> Response:
        """What was received last from an organisation's units, and every finding that is still open."""
        organisation = str(request.path_params["organisation"])
        with self._authenticator.checks(request, raw_path(request)) as checks:
            caller = (await checks.authenticate_alone()).caller
            if ORGANISATION.fullmatch(organisation) is None:
                raise refuse_with_status(404, why="no such form")
            page = read_page(request.query_params.multi_items())
            found = await self._authenticator.in_thread(lambda: self._outstanding(caller, organisation, page))
        return answers.json_response(request, found)

    def _receipt(self, caller: Caller, correlation: str) -> models.Receipt:
        try:
            with self._database.reading() as connection:
                found = queries.receipt(connection, correlation, self._vault)
                if found is None or found.unit not in {unit.key for unit in visible_units(connection, caller)}:
                    raise refuse_with_status(404, why="no such receipt for this caller")
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            raise unavailable(lost) from lost
        self._signs.heard([found.unit])
        return found

    def _outstanding(self, caller: Caller, organisation: str, page: queries.Page) -> models.Outstanding:
        try:
            with self._database.reading() as connection:
                units = [unit for unit in visible_units(connection, caller) if unit.organisation == organisation]
                if not units:
                    raise refuse_with_status(404, why="no such unit for this caller")
                waited_for = self._waited_for([unit.key for unit in units])
                found = queries.outstanding(connection, organisation, units, page, waited_for)
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            raise unavailable(lost) from lost
        if page.limit:  # a summary is what a person looks at; it is no sign that the unit reports
            self._signs.heard(unit.key for unit in units)
        return found

    def _waited_for(self, units: Sequence[str]) -> list[models.FollowUp] | None:
        """What the registry waits for; None without a registry, and when its database is away: the rest is told all the same."""
        if self._follow_ups is None:
            return None
        try:
            return [_follow_up(one) for one in self._follow_ups.of_units(units)]
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            _log.warning("follow-up cases not read: %s", type(lost).__name__)
            return None


def _follow_up(one: FollowUp) -> models.FollowUp:
    return models.FollowUp(
        number=one.number,
        unit=one.unit,
        cause=one.cause,
        since=one.since.isoformat(),
        deadline=one.deadline.isoformat(),
        says=one.says,
        remedy=one.remedy,
    )


def visible_units(connection: Connection, caller: Caller) -> list[ReportingUnit]:
    """The units that a caller may see."""
    granted = queries.granted(connection, caller.holder, caller.supplier)
    return [unit for unit in granted if unit.organisation in caller.organisations]


def raw_path(request: Request) -> str:
    """The address as it was written: what a proof names is compared before anything in it is decoded."""
    written: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return written.partition(b"?")[0].decode("latin-1")


def unavailable(fault: Exception) -> Refusal:
    """503: a database gave no answer."""
    return refuse(AnswerCode.STORAGE_ERROR, why=f"lookup: {type(fault).__name__}")


def read_page(query: list[tuple[str, str]]) -> queries.Page:
    """The page that is asked for; 400 with the parameter's name for what cannot be read."""
    given = read_parameters(query, _FORMS)
    limit = int(given.get("limit", USUAL))
    if not 1 <= limit <= MOST:
        raise refuse_parameters({"limit"})
    cursor = _CURSOR.fullmatch(given.get("after", "0.0"))
    assert cursor is not None, "its form is checked above"
    limit = 0 if given.get("as") == "summary" else limit
    return queries.Page(limit, (int(cursor[1]), int(cursor[2])), given.get("type"))


_AS = re.compile(r"findings|summary", re.ASCII)
_FORMS: Mapping[str, re.Pattern[str]] = {"limit": _LIMIT, "after": _CURSOR, "type": _TYPE, "as": _AS}
