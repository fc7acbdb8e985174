"""Messages of the suite's own, for a sender that is given one at a time: services of a synthetic person."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.drivers.driver import NotPrepared
from ktt.testing.conformance.sender.preparation import LETTERS, Preparation, PreparationKind

MESSAGE_TYPE, VERSION = "KTT_Tjeneste", "1"
_NUMBER = 23915820158  # a synthetic person
_LARGE = 12_500_000  # bytes of JSON; more than 15 MB of body in either reading
_NOTHING_BEFORE = Text("Ingenting er levert ennå i denne prøven.", "Nothing is delivered in this case yet.")


@dataclass(slots=True)
class PreparedMessage:
    """One message that is ready to be handed over, with its day of extraction."""

    content: bytes = field(repr=False)
    day: dt.date = field(default_factory=lambda: norwegian_day(SystemClock().now()))


class MessageFactory:
    """Makes the messages of one scenario. `waiting` is the queue, which the suite keeps for such a sender."""

    def __init__(self, unit: ReportingUnit) -> None:
        self._unit = unit
        self._services: list[dict[str, Any]] = []
        self._month = 0
        self.waiting: list[PreparedMessage] = []

    def prepare(self, preparation: Preparation) -> None:
        """Make the messages that are asked for; NotPrepared when they are about records that were never made."""
        kind = preparation.kind
        if kind in {PreparationKind.CHANGE, PreparationKind.DELETE} and not self._services:
            raise NotPrepared(_NOTHING_BEFORE)
        if kind is PreparationKind.MEND:
            self._mend()
            return
        makers = {
            PreparationKind.NEW: self._pair,
            PreparationKind.MONTHS: self._pair,
            PreparationKind.LETTERS: lambda: self._message([self._service(LETTERS)]),
            PreparationKind.LARGE: self._large,
            PreparationKind.CHANGE: self._changed,
            PreparationKind.DELETE: self._deleted,
        }
        self.waiting += [PreparedMessage(makers[kind]()) for _ in range(preparation.count)]

    def _pair(self) -> bytes:
        self._month += 1
        return self._message([self._service(), self._service()])

    def _changed(self) -> bytes:
        self._services[0] = {**self._services[0], "sluttDato": "2026-02-20"}
        return self._message([self._services[0]])

    def _deleted(self) -> bytes:
        return self._message([], [self._services.pop(0)["tjenesteId"]])

    def _large(self) -> bytes:
        one = len(json.dumps(self._service("x" * 60)))
        return self._message([self._service("x" * 60) for _ in range(_LARGE // one)])

    def _mend(self) -> None:
        """Change the content of the first message in the queue; the ids of its records stay."""
        if not self.waiting:
            raise NotPrepared(_NOTHING_BEFORE)
        root = json.loads(self.waiting[0].content)
        for service in root[0].get("tjeneste", []):
            service["sluttDato"] = "2026-02-21"
        self.waiting[0] = PreparedMessage(json.dumps(root, ensure_ascii=False).encode())

    def _service(self, filler: str = "") -> dict[str, Any]:
        year, month = 2017 + self._month // 12, self._month % 12 + 1
        made = {
            "tjenesteId": f"K-{uuid.uuid4().hex}{filler}",
            "tjenesteType": 6,
            "startDato": f"{year}-{month:02}-02",
            "registrertTid": "2026-02-02T12:00:00+01:00",
            "person": {"personId": "1002", "fodselsNr": _NUMBER},
        }
        self._services.append(made)
        return made

    def _message(self, services: list[dict[str, Any]], deleted: list[str] | None = None) -> bytes:
        unit = self._unit
        district = {"bydelNr": unit.district} if unit.district else {}
        item: dict[str, Any] = {"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality), **district}
        if deleted:
            item["slettTjeneste"] = [{"tjenesteId": one, "erSlettet": True} for one in deleted]
        if services:
            item["tjeneste"] = services
        return json.dumps([item], ensure_ascii=False).encode()
