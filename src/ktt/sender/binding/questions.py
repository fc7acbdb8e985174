"""What is asked of the receiver about a unit: does it know what we sent last, and did anything come after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.client.lookups import Found, NotKnown, NotOffered, Receiver, Unanswered

Known = Literal["last", "not_last", "unknown", "not_offered"]
"""The registry's answer about one message: the unit's last there, known but something came later, not known, not a
question that the receiver takes."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a registry received last of a unit."""

    correlation_id: str
    at: str


def ask_receipt(receiver: Receiver, correlation_id: str) -> Known | Unanswered:
    """Ask for one receipt by its correlation id."""
    answer = receiver.look_up(f"/receipts/{quote(correlation_id, safe='')}")
    if isinstance(answer, NotKnown):
        return "unknown"
    if isinstance(answer, NotOffered):
        return "not_offered"
    if isinstance(answer, Refused | NotSent | Unknown):
        return answer
    last = answer.body.get("last_of_unit")
    if answer.body.get("correlation_id") != correlation_id or not isinstance(last, bool):
        return "not_offered"  # an address of that name, but another kind of answer
    return "last" if last else "not_last"


def registry_last(receiver: Receiver, unit: ReportingUnit) -> Received | None:
    """What the registry received last of the unit; None when it has nothing, or does not say."""
    answer = receiver.look_up(f"/units/{unit.organisation}/outstanding?limit=1")
    received = list(_received(answer.body, unit)) if isinstance(answer, Found) else []
    newest = max(received, key=lambda one: int(one["position"]), default=None)
    return Received(str(newest["correlation_id"]), str(newest["received_at"])) if newest else None


def _received(body: Mapping[str, Any], unit: ReportingUnit) -> list[Mapping[str, Any]]:
    """The newest message of each type; empty when the answer is of another kind."""
    units = body.get("units")
    mine = [one for one in units if one.get("unit") == unit.key] if isinstance(units, list) else []
    return list(mine[0].get("received", [])) if mine else []
