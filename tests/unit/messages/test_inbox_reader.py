"""Pages of an inbox: in order, bounded in number and in weight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages import inbox_reader
from ktt.messages.contract import AcceptedMessage
from ktt.messages.inbox_reader import InboxReader

NOW = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)
UNIT = ReportingUnit("312000008", "1114")


class Listed:
    """An inbox with messages of these sizes, in bytes."""

    def __init__(self, *sizes: int) -> None:
        self._all = [
            AcceptedMessage(position, f"c-{position}", (UNIT,), "KTT_Vedtak", "1", NOW, bytes(size))
            for position, size in enumerate(sizes, start=1)
        ]

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        return [message for message in self._all if message.position > position][:limit]


def pages(inbox: Listed, *, first: int, most: int, limit: int | None = None) -> list[list[int]]:
    """The positions in each page, to the end."""
    reader, found, position = InboxReader(inbox, first=first, most=most), [], 0
    while page := reader.page(position, limit):
        found.append([message.position for message in page])
        position = page[-1].position
    return found


SIZES = [
    # messages                first, most, limit       pages
    ((), (2, 4, None), []),
    ((1,) * 7, (2, 4, None), [[1, 2], [3, 4, 5, 6], [7]]),  # small ones: as many as are allowed
    ((1,) * 5, (2, 4, 1), [[1], [2], [3], [4], [5]]),
    ((40,) * 6, (1, 9, None), [[1], [2, 3], [4, 5], [6]]),  # two of 40 bytes weigh 80 of 100
    ((500, 500, 1, 1, 1), (1, 9, None), [[1], [2], [3], [4, 5]]),  # a large one alone, and then small pages no longer
]


@pytest.mark.parametrize(("sizes", "bounds", "found"), SIZES)
def test_pages(monkeypatch: pytest.MonkeyPatch, sizes, bounds, found):
    monkeypatch.setattr(inbox_reader, "_PAGE_BYTES", 100)
    first, most, limit = bounds
    assert pages(Listed(*sizes), first=first, most=most, limit=limit) == found
