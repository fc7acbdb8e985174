"""Group commit: which items share a write, that none overtakes another about the same thing, and who hears of a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.receiver.store.submissions import group_commit
from ktt.receiver.store.submissions.group_commit import GroupCommit, NotStored

Item = tuple[str, str]
"""A name, and the keys of what it is about, one letter each."""


class Journal:
    """A database that writes down its groups; an item whose name is in `broken` fails its whole group."""

    def __init__(self, *broken: str, unavailable: bool = False) -> None:
        self.groups: list[list[str]] = []
        self.stored: list[Item] = []
        self._broken, self._unavailable = set(broken), unavailable

    async def write(self, items: Sequence[Item]) -> list[str]:
        await asyncio.sleep(0)
        self.groups.append([name for name, _ in items])
        if self._unavailable:
            raise NotStored("away")
        if self._broken & {name for name, _ in items}:
            raise ValueError("broken")
        self.stored += items
        return [f"receipt of {name}" for name, _ in items]


def submit(journal: Journal, *items: Item) -> list[object]:
    """All at the same time, in this order."""

    async def main() -> list[object]:
        commit = GroupCommit[Item, str](journal.write, lambda item: item[1])
        return await asyncio.gather(*map(commit.submit, items), return_exceptions=True)

    return asyncio.run(main())


GROUPS = [
    # submitted together, as name and keys                  the groups they are written in
    ([("a", "1"), ("b", "2"), ("c", "3")], [["a", "b", "c"]]),
    ([("a", "1"), ("b", "1"), ("c", "1")], [["a"], ["b"], ["c"]]),
    ([("a", "1"), ("b", "1"), ("c", "2")], [["a", "c"], ["b"]]),
    # b waits for a; c is about the same as b, and must wait for b although nothing in the first group is in its way
    ([("a", "1"), ("b", "12"), ("c", "2")], [["a"], ["b"], ["c"]]),
    ([("a", "1"), ("b", "12"), ("c", "23"), ("d", "3"), ("e", "4")], [["a", "e"], ["b"], ["c"], ["d"]]),
]


@pytest.mark.parametrize(("items", "groups"), GROUPS)
def test_what_goes_in_one_write(items: list[Item], groups: list[list[str]]):
    journal = Journal()
    assert submit(journal, *items) == [f"receipt of {name}" for name, _ in items]
    assert journal.groups == groups


@given(st.lists(st.text("1234", min_size=1, max_size=3), max_size=12))
def test_no_waiting_write_is_overtaken(keys: list[str]):
    """For each key the items are stored in the order in which they were submitted."""
    journal = Journal()
    items = [(f"m{number:02}", key) for number, key in enumerate(keys)]
    submit(journal, *items)
    for key in "1234":
        stored = [name for name, about in journal.stored if key in about]
        assert stored == [name for name, about in items if key in about]


def test_a_group_is_bounded_and_keeps_the_order(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(group_commit, "_MOST", 2)
    journal = Journal()
    submit(journal, ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "3"))
    assert journal.groups == [["a", "b"], ["c", "d"], ["e"]]


def test_one_bad_item_harms_no_other():
    journal = Journal("b")
    a, b, c = submit(journal, ("a", "1"), ("b", "2"), ("c", "3"))
    assert (a, c) == ("receipt of a", "receipt of c")
    assert isinstance(b, ValueError)
    assert journal.groups == [["a", "b", "c"], ["a"], ["b"], ["c"]]


def test_a_database_that_is_away_is_not_asked_again_for_each():
    journal = Journal(unavailable=True)
    found = submit(journal, ("a", "1"), ("b", "2"))
    assert [type(one) for one in found] == [NotStored, NotStored]
    assert journal.groups == [["a", "b"]]


def test_a_submitter_that_is_cancelled_stops_nobody():
    async def main() -> tuple[str, Journal]:
        journal = Journal()
        commit = GroupCommit[Item, str](journal.write, lambda item: item[1])
        gone, stays = (asyncio.ensure_future(commit.submit((name, name))) for name in "ab")
        await asyncio.sleep(0)
        gone.cancel()
        return await stays, journal

    receipt, journal = asyncio.run(main())
    assert receipt == "receipt of b"
    assert journal.stored == [("a", "a"), ("b", "b")], "what was submitted is written all the same"


def test_it_can_be_used_from_one_loop_after_another():
    journal = Journal()
    commit = GroupCommit[Item, str](journal.write, lambda item: item[1])
    assert [asyncio.run(commit.submit((name, "1"))) for name in "ab"] == ["receipt of a", "receipt of b"]


def test_the_size_of_each_group_is_told():
    sizes: list[int] = []

    async def main() -> None:
        commit = GroupCommit[Item, str](Journal().write, lambda item: item[1], sizes.append)
        await asyncio.gather(*(commit.submit((name, about)) for name, about in [("a", "1"), ("b", "2"), ("c", "1")]))

    asyncio.run(main())
    assert sizes == [2, 1]
