"""Over made-up schemas: a yes of the fast check is a yes of the schema, and a plain message that fits gets it."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema_rs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ktt.messages import strict_json
from ktt.messages.automaton.fast_check import fast_check
from support import effort
from support.message_schemas import Made, made, written

ODD = [
    "", " ", "x", "P", "0", "2024-02-30", "2026-01-31T00:00:60Z", "NO123", "A01\n", "å" * 13, "a:b", '"', "]", "\\", "\u0080",
    -1, 0, 1, 2, 17, 25, 30, 351, 0.005, 1.0, 1e3, 2**63, None, True, False, [], [0], [None] * 30, {}, {"x": 1},
]  # fmt: skip


def is_valid(schema: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(value)


def places(value: object, path: tuple = ()):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def mutated(draw: st.DrawFn, value: Any) -> Any:
    value = copy.deepcopy(value)
    path = draw(st.sampled_from([path for path in places(value) if path] or [()]))
    if not path:
        return value
    inside = value
    for step in path[:-1]:
        inside = inside[step]
    how = draw(st.sampled_from(["set", "set", "remove", "more"]))
    if how == "remove":
        del inside[path[-1]]
    elif how == "more" and isinstance(inside, list):
        inside += [inside[path[-1]]] * draw(st.sampled_from([1, 3, 30]))
    else:
        inside[path[-1]] = draw(st.sampled_from(ODD))
    return value


@st.composite
def cases(draw: st.DrawFn) -> tuple[Made, list[Any], list[Any]]:
    one = draw(made())
    plain = draw(st.lists(one.messages, min_size=1, max_size=3))
    changed = [mutated(draw, mutated(draw, value)) for value in plain for _ in range(3)]
    return one, plain, changed


@given(cases(), st.integers(0, 3))
@settings(max_examples=effort.FAST_CHECK)
def test_a_yes_is_a_yes_of_the_schema(case: tuple[Made, list[Any], list[Any]], style: int):
    one, plain, changed = case
    check = fast_check(one.schema, one.places)
    assume(check is not None)
    assert check is not None
    for value in plain + changed:
        message = written(value, style)
        unit = check(message)
        if unit is not None:
            assert strict_json.parse(message) == value
            assert is_valid(one.schema, value)
        if unit is not None and value in plain:
            assert unit == one.unit


@given(cases(), st.integers(0, 3))
@settings(max_examples=effort.FAST_CHECK)
def test_plain_messages_that_fit_take_the_fast_way(case: tuple[Made, list[Any], list[Any]], style: int):
    one, plain, _ = case
    fitting = [value for value in plain if is_valid(one.schema, value)]
    assume(fitting)
    check = fast_check(one.schema, one.places)
    assert check is not None, json.dumps(one.schema)
    for value in fitting:
        assert check(written(value, style)) == one.unit, json.dumps([one.schema, value])
