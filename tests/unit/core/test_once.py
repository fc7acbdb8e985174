"""Made once for each object, told apart by what it is and not by what is in it."""

from __future__ import annotations

from ktt.core import once
from ktt.core.once import once_for_each


def test_it_is_made_once_for_each_object_also_where_two_hold_the_same(monkeypatch):
    monkeypatch.setattr(once, "_MOST", 2)
    asked: list[list[int]] = []
    made = once_for_each(lambda numbers: asked.append(numbers) or sum(numbers))
    first, same = [1, 2], [1, 2]
    assert [made(first), made(first), made(same), made(same)] == [3] * 4
    assert len(asked) == 2  # unhashable lists, alike and not the same
    assert made([5]) == 5  # and then all are forgotten, so that nothing grows for ever
    assert made(first) == 3
    assert [id(one) for one in asked].count(id(first)) == 2
