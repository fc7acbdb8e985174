"""`GET /receipts/{correlation}` and `GET /units/{organisation}/outstanding`: what was received, and what is still wrong.

A caller sees the units that its holder may send for, and nothing tells it whether there are others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from ktt.domain.unit import ReportingUnit
from ktt.receiver.api import answer_models as models
from ktt.receiver.api import answers, records
from ktt.receiver.api.authenticator import AUTHENTICATION, Lock
from ktt.receiver.http.refusal import Refusal, by_status, refuse
from ktt.receiver.pipeline.submission import Caller, Submission
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.wire.answers import AnswerCode, AnswerError

_CORRELATION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ORGANISATION = re.compile(r"[0-9]{9}", re.ASCII)
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_LIMIT = re.compile(r"[0-9]{1,4}", re.ASCII)
USUAL, MOST = 200, 1000
"""Findings on a page when nothing is said, and at most."""


class Lookups:
    """Both doors."""

    def __init__(self, lock: Lock, database: Database) -> None:
        self._lock, self._database = lock, database

    async def receipt(self, request: Request) -> Response:
        """The receipt of one accepted message."""
        correlation = str(request.path_params["correlation"])
        async with self._lock.entered(request, _asked(request), AUTHENTICATION) as submission:
            if _CORRELATION.fullmatch(correlation) is None:
                raise by_status(404, why="no such form")
            found = await self._lock.in_thread(lambda: self._receipt(submission, correlation))
        return answers.fresh(request, found)

    async def outstanding(self, request: Request) -> Response:
        """What was received last from an organisation's units, and every finding that still stands."""
        organisation = str(request.path_params["organisation"])
        async with self._lock.entered(request, _asked(request), AUTHENTICATION) as submission:
            if _ORGANISATION.fullmatch(organisation) is None:
                raise by_status(404, why="no such form")
            page = read_page(request.query_params.multi_items())
            found = await self._lock.in_thread(lambda: self._outstanding(submission, organisation, page))
        return answers.fresh(request, found)

    def _receipt(self, submission: Submission, correlation: str) -> models.Receipt:
        try:
            with self._database.reading() as connection:
                found = records.receipt(connection, correlation)
                if found is None or found.unit not in {unit.key for unit in _seen(connection, submission)}:
                    raise by_status(404, why="no such receipt for this caller")
                return found
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            raise _lost(lost) from lost

    def _outstanding(self, submission: Submission, organisation: str, page: records.Page) -> models.Outstanding:
        try:
            with self._database.reading() as connection:
                units = [unit for unit in _seen(connection, submission) if unit.organisation == organisation]
                if not units:
                    raise by_status(404, why="no such unit for this caller")
                return records.outstanding(connection, organisation, units, page)
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            raise _lost(lost) from lost


def _seen(connection: Any, submission: Submission) -> list[ReportingUnit]:
    caller = submission.caller
    assert isinstance(caller, Caller), "authentication comes first"
    granted = records.granted(connection, caller.holder, caller.supplier)
    return [unit for unit in granted if unit.organisation in caller.organisations]


def _asked(request: Request) -> str:
    """The address as it was written: what a proof names is compared before anything in it is decoded."""
    written: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return written.partition(b"?")[0].decode("latin-1")


def _lost(fault: Exception) -> Refusal:
    return refuse(AnswerCode.STORAGE_ERROR, why=f"lookup: {type(fault).__name__}")


def read_page(query: list[tuple[str, str]]) -> records.Page:
    """The page that is asked for; 400 with the parameter's name for what cannot be read."""
    given = dict(query)
    wrong = {name for name in given if name not in _FORMS} | {name for name, _ in query if len(query) != len(given)}
    wrong |= {name for name, form in _FORMS.items() if name in given and form.fullmatch(given[name]) is None}
    limit = int(given.get("limit", USUAL)) if "limit" not in wrong else 0
    if not wrong and not 1 <= limit <= MOST:
        wrong.add("limit")
    if wrong:
        says = "The query parameter cannot be used"
        faults = [AnswerError(None, "BadRequest", says, property_name=_shown(name)) for name in sorted(wrong)]
        raise Refusal(400, *faults, why="query")
    cursor = _CURSOR.fullmatch(given.get("after", "0.0"))
    assert cursor is not None, "its form was seen to above"
    return records.Page(limit, (int(cursor[1]), int(cursor[2])), given.get("type"))


_FORMS: Mapping[str, re.Pattern[str]] = {"limit": _LIMIT, "after": _CURSOR, "type": _TYPE}


def _shown(name: str) -> str:
    return name if name in _FORMS else "?"
