"""The quick tier says yes only where the schema says yes, and says it of everything that we and FHI's client write."""

from __future__ import annotations

import copy
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.register import pack

VERSIONS = {version.message_type: version for version in pack("ktt_v1")}
EXAMPLES = [(name, example, body) for name, version in VERSIONS.items() for example, body in version.examples().items()]


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("name", "example", "body"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_examples(name: str, example: str, body: bytes):
    version = VERSIONS[name]
    fits = version.quick(body) is not None
    assert not fits or version.check(body) == []
    if example.startswith("N") and b"null" not in body and b"\\" not in body:
        assert fits, "a message of the usual kind takes the quick way"


ODD = [
    "", " ", "x", "2026-02-29", "2026-13-01", "0999-01-01", "2026-01-20T25:00:00Z", "2026-01-20T12:02:60Z", "20260120",
    "2026-01-20T12:02:11", "2026-01-20t12:02:11z", "2026-01-20T12:02:11+24:00", "2026-01", "2026-00", "ÆØÅ", "a\u0080b", "a\u007fb",
    "a\nb", "a:b", "F.00", "٣٤", "x" * 101, -1, 0, 1, 2, 15, 15.0, 0.005, 167.99, 1e3, 10**11, 2**63, None, True, [], {}, [None],
]  # fmt: skip


def places(value: object, path: tuple = ()):
    """Every place in a JSON value, the containers too."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(value, path: tuple, how: str, odd: object):
    value = copy.deepcopy(value)
    if not path:
        return odd
    inside = value
    for step in path[:-1]:
        inside = inside[step]
    if how == "remove":
        del inside[path[-1]]
    elif how == "twice" and isinstance(inside, list):
        inside.append(inside[path[-1]])
    elif how == "add" and isinstance(inside, dict):
        inside["annet"] = odd
    else:
        inside[path[-1]] = odd
    return value


@st.composite
def mutated(draw: st.DrawFn):
    name, _, body = draw(st.sampled_from(EXAMPLES))
    try:
        value = json.loads(body)
    except ValueError:
        value = []
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(value))))
        value = changed(
            value, where, draw(st.sampled_from(["set", "set", "remove", "twice", "add"])), draw(st.sampled_from(ODD))
        )
    return name, value


@given(mutated())
@settings(max_examples=1500, deadline=None)
def test_a_quick_yes_is_the_schemas_yes(case):
    name, value = case
    body = written(value)
    if VERSIONS[name].quick(body) is not None:
        assert VERSIONS[name].check(body) == []


@pytest.mark.parametrize("name", VERSIONS)
def test_a_member_twice_is_never_a_quick_yes(name: str):
    body = next(body for which, example, body in EXAMPLES if which == name and example.startswith("N"))
    compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
    first = compact.index(b'"orgNr":')
    member = compact[first : compact.index(b",", first) + 1]
    assert VERSIONS[name].quick(compact[:first] + member + compact[first:]) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: body + b"x",
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.decode().encode("utf-16"),
        lambda body: body.replace(b'"', b"'"),
        lambda body: b"",
        lambda body: b"[]",
        lambda body: b"{}",
        lambda body: b"[" * 5000,
        lambda body: re.sub(rb"(Id\": *\")", lambda found: found[1] + b"\xff", body, count=1),
    ],
)
@pytest.mark.parametrize("name", VERSIONS)
def test_what_is_no_such_message_is_no_quick_yes(name: str, spoil):
    body = next(body for which, example, body in EXAMPLES if which == name and example.startswith("N"))
    assert VERSIONS[name].quick(spoil(body)) is None
