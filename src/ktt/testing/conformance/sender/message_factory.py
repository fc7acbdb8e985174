"""Messages of the suite's own, for a sender that is given one at a time: synthetic services, mended and withdrawn."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.cases.content import LETTERS
from ktt.testing.conformance.sender.driver import Unfulfilled
from ktt.testing.conformance.sender.request import Kind, Wish

MESSAGE_TYPE, VERSION = "KTT_Tjeneste", "1"
_NUMBER = 23915820158  # a synthetic person
_LARGE = 12_500_000  # bytes of JSON; more than 15 MB of body in either reading
_NOTHING_BEFORE = Text("Ingenting er levert ennå i denne prøven.", "Nothing is delivered in this case yet.")


@dataclass(slots=True)
class Ready:
    """One message that waits to be handed over."""

    content: bytes = field(repr=False)
    day: dt.date = field(default_factory=lambda: norwegian_day(SystemClock().now()))


class Maker:
    """What waits for the sender, in order, in one scene. The suite is the line here."""

    def __init__(self, unit: ReportingUnit) -> None:
        self._unit = unit
        self._services: list[dict[str, Any]] = []
        self._month = 0
        self.waiting: list[Ready] = []

    def fulfil(self, wish: Wish) -> None:
        """Make what is wished for; Unfulfilled when it is about what was never made."""
        if wish.kind in {Kind.CHANGE, Kind.DELETE} and not self._services:
            raise Unfulfilled(_NOTHING_BEFORE)
        if wish.kind is Kind.MEND:
            self._mend()
        else:
            makers = {
                Kind.NEW: self._pair,
                Kind.MONTHS: self._pair,
                Kind.LETTERS: lambda: self._message([self._service(LETTERS)]),
                Kind.LARGE: self._large,
                Kind.CHANGE: self._changed,
                Kind.DELETE: self._deleted,
            }
            self.waiting += [Ready(makers[wish.kind]()) for _ in range(wish.count)]

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
        """The head again, with other content under the same ids."""
        if not self.waiting:
            raise Unfulfilled(_NOTHING_BEFORE)
        root = json.loads(self.waiting[0].content)
        for service in root[0].get("tjeneste", []):
            service["sluttDato"] = "2026-02-21"
        self.waiting[0] = Ready(json.dumps(root, ensure_ascii=False).encode())

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

    def _message(self, services: list[dict[str, Any]], gone: list[str] | None = None) -> bytes:
        unit = self._unit
        district = {"bydelNr": unit.district} if unit.district else {}
        head: dict[str, Any] = {"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality), **district}
        if gone:
            head["slettTjeneste"] = [{"tjenesteId": one, "erSlettet": True} for one in gone]
        if services:
            head["tjeneste"] = services
        return json.dumps([head], ensure_ascii=False).encode()
