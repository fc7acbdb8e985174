"""A pointer leads to its line, however the message is laid out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.validate.line_numbers import lines_of

LAID_OUT = b'[\n {"a": 1,\n  "b\\"c": [1, "x:,]",\n   {"d":null} ],\n\n "e": {}}\n]'


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1),
        ("/0", 2),
        ("/0/a", 2),
        ('/0/b"c', 3),
        ('/0/b"c/1', 3),
        ('/0/b"c/2', 4),
        ('/0/b"c/2/d', 4),
        ("/0/e", 6),
        ("/0/e/missing", 6),
        ("/0/missing/further", 2),
        ('/0/b"c/7', 3),
    ],
)
def test_a_pointer_has_a_line(pointer, line):
    assert lines_of(LAID_OUT, [pointer]) == {pointer: line}


def test_one_walk_finds_them_all():
    assert lines_of(LAID_OUT, ["/0/e", "/0/a", ""]) == {"/0/e": 6, "/0/a": 2, "": 1}
    assert lines_of(LAID_OUT, []) == {}


def test_a_message_in_one_line_is_not_walked():
    assert lines_of(b"not even JSON", ["/0/a"]) == {"/0/a": 1}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4).filter(lambda name: "/" not in name), inner, max_size=4)
    ),
    max_leaves=25,
)


@given(_VALUES)
def test_the_lines_are_those_of_a_plain_printer(value):
    """With an indentation, every value begins a line of its own, so the places can be counted."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    expected = dict(_counted(value, "", [1]))
    assert lines_of(text.encode(), expected) == (expected if "\n" in text else dict.fromkeys(expected, 1))


def _counted(value, path, line):
    """Every pointer with its line: a child begins a line, and what is not empty ends on a line of its own."""
    yield path, line[0]
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        line[0] += 1
        yield from _counted(inner, f"{path}/{step}", line)
    if isinstance(value, dict | list) and value:
        line[0] += 1
