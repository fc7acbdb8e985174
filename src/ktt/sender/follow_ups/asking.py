"""Asking the receiver what the registry waits for. Nothing that goes wrong here is a fault of the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.messages.follow_ups import FollowUp
from ktt.sender.client.lookups import Found, LookUp, LookupAnswer
from ktt.sender.follow_ups.sql import SqlFollowUps

_MOST = 1000  # characters of a sentence that are kept


def ask_follow_ups(store: SqlFollowUps, look_up: LookUp, unit: ReportingUnit) -> LookupAnswer:
    """Ask, and keep what is told in the place of what was told before; the answer. One without cases changes nothing."""
    answer = look_up(f"/units/{unit.organisation}/outstanding?as=summary")
    told = answer.body.get("follow_ups") if isinstance(answer, Found) else None
    if isinstance(told, list):
        store.replace(unit, [one for one in _read(told) if one.unit == unit.key])
    return answer


def ask_after_run(store: SqlFollowUps | None, look_up: LookUp, unit: ReportingUnit, exit_code: int) -> None:
    """Ask when a run has ended, unless it has shown that nobody answers."""
    if store is not None and exit_code not in {EXIT_NETWORK, EXIT_ACCESS}:
        ask_follow_ups(store, look_up, unit)


def _read(told: list[Any]) -> Iterator[FollowUp]:
    """Those that can be read: what a receiver of another kind says is passed over."""
    for one in told:
        try:
            yield FollowUp(
                number=int(one["number"]),
                unit=str(one["unit"]),
                cause=str(one["cause"]),
                since=dt.date.fromisoformat(one["since"]),
                deadline=dt.date.fromisoformat(one["deadline"]),
                says=_text(one["says"]),
                remedy=_text(one["remedy"]),
            )
        except (KeyError, TypeError, ValueError):
            continue


def _text(told: Mapping[str, Any]) -> Text:
    return Text(nb=str(told["nb"])[:_MOST], en=str(told["en"])[:_MOST])
