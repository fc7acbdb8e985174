"""What the registry itself says that it still holds of a unit, where the receiver offers that (transport § 18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.domain.records import RECIPIENT
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Send
from ktt.sender.client.lookups import Found, LookUp, NotKnown, NotOffered
from ktt.sender.unit_changes.errors import RegistryNotChecked

_PAGE = 4000  # with ids of the greatest length it is below what an answer may have
_WAIT, _STEP = 60.0, 0.5  # seconds in all, and between two questions

_NO_ANSWER = Text(nb="den svarte ikke ({reason})", en="it did not answer ({reason})")
_BEHIND = Text(
    nb="{count:godtatt melding|godtatte meldinger} er ikke lest inn ennå",
    en="{count:accepted message is|accepted messages are} not ingested yet",
)
_HELD = Text(
    nb="{count:godtatt melding|godtatte meldinger} venter på at noen der slipper enheten fri",
    en="{count:accepted message waits|accepted messages wait} until somebody there releases the unit",
)


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the receiver for one unit: to send, and to ask."""

    send: Send = field(repr=False)
    look_up: LookUp = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegistryRest:
    """What is left of one unit. `sleep` waits while the registry has not ingested everything yet."""

    unit: ReportingUnit
    look_up: LookUp = field(repr=False)
    sleep: Callable[[float], object] = field(repr=False)

    def ids(self) -> dict[str, list[str]] | None:
        """The ids of the records by record type, none of them empty; None when the receiver does not tell.

        RegistryNotChecked when there is no answer, or the registry has not ingested everything.
        """
        page, waited = self._ask(""), 0.0
        while page is not None and page["pending"] > page["held"] and waited < _WAIT:
            self.sleep(_STEP)
            page, waited = self._ask(""), waited + _STEP
        if page is None:
            return None
        if page["pending"]:
            why = _HELD if page["held"] else _BEHIND
            raise RegistryNotChecked(unit=self.unit.key, why=why.format(count=page["held"] or page["pending"]))
        return self._all(page)

    def _all(self, page: Mapping[str, Any]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        while True:
            for one in page["records"]:
                if one["record_type"] != RECIPIENT.name:  # they come and go with their records
                    found.setdefault(one["record_type"], []).extend(one["local_ids"])
            following = self._ask(f"&after={page['next']}") if page["next"] is not None else None
            if following is None:
                return {name: ids for name, ids in found.items() if ids}
            page = following

    def _ask(self, after: str) -> Mapping[str, Any] | None:
        unit = self.unit
        district = f"&district={unit.district}" if unit.district else ""
        which = f"municipality={unit.municipality}{district}&as=records&limit={_PAGE}{after}"
        answer = self.look_up(f"/units/{unit.organisation}/inventory?{which}")
        if isinstance(answer, NotKnown | NotOffered):
            return None
        if not isinstance(answer, Found):
            raise RegistryNotChecked(unit=unit.key, why=_NO_ANSWER.format(reason=answer.reason))
        return answer.body
