"""Strict JSON: what one parser might read differently from another is refused, with one word for the reason."""

from __future__ import annotations

import gc
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ktt.messages import strict_json
from ktt.messages.errors import MessageNotJson
from support import effort

NOT_STRICT = {
    "nothing": (b"", "empty"),
    "only blanks": (b" \n ", "empty"),
    "byte order mark": (b"\xef\xbb\xbf[]", "bom"),
    "Windows-1252": ('["Bjørn"]'.encode("cp1252"), "utf8"),
    "UTF-16": ('["a"]'.encode("utf-16"), "utf8"),
    "a surrogate as bytes": (b'["\xed\xa0\x80"]', "utf8"),
    "half a surrogate pair": (b'["\\ud83e"]', "surrogate"),
    "half a surrogate pair as a name": (b'[{"\\ude7a": 1}]', "surrogate"),
    "cut short": (b'[{"a": 1', "syntax"),
    "single quotes": (b"['a']", "syntax"),
    "a comment": (b"[] // ok", "trailing"),
    "a comma too many": (b"[1,]", "syntax"),
    "two values": (b"[] []", "trailing"),
    "a leading zero": (b"[0301]", "syntax"),
    "a control character": (b'["a\x01b"]', "syntax"),
    "NUL, escaped": (b'["a\\u0000b"]', "nul"),
    "NUL in a name": (b'[{"a\\u0000b": 1}]', "nul"),
    "NaN": (b"[NaN]", "number"),
    "infinity": (b"[-Infinity]", "number"),
    "a number without end": (b"[1e999]", "number"),
    "the same name twice": (b'[{"a": 1, "b": 2, "a": 1}]', "duplicate_key"),
    "twice, one of them escaped": (b'[{"a": 1, "\\u0061": 1}]', "duplicate_key"),
    "twice, deep inside": (b'[{"a": {"b": [{"c": 1, "c": 2}]}}]', "duplicate_key"),
    "twice, made up for by an escaped colon": (b'[{"a": 1, "a": "\\u003a"}]', "duplicate_key"),
    "twice, the lost one holding more": (b'[{"a": {"x": ":"}, "a": "::"}]', "duplicate_key"),
    "twice, with null": (b'[{"a": null, "a": null}]', "duplicate_key"),
}
# These two are found by `examine`; a value that fits a schema keeps within both, so `parse` leaves them to it.
BEYOND = {
    "beyond 64 bits": (b"[9223372036854775808]", "number"),
    "below 64 bits": (b"[-9223372036854775809]", "number"),
    "a number of a thousand digits": (b"[" + b"9" * 1000 + b"]", "number"),
    "65 deep": (b"[" * 65 + b"]" * 65, "depth"),
}
STRICT = {
    "an escaped backslash before u0000": b'["\\\\u0000"]',
    "colons everywhere": b'[{"a:b": ":c:", "d": "\\":\\""}]',
    "an escaped colon": b'["\\u003A"]',
    "the largest": b"[9223372036854775807, -9223372036854775808]",
    "64 deep": b"[" * 64 + b"]" * 64,
    "an emoji by escapes": b'["\\ud83e\\ude7a"]',
}


@pytest.mark.parametrize(("message", "reason"), NOT_STRICT.values(), ids=NOT_STRICT)
def test_parse_and_examine_refuse(message, reason):
    for way in (strict_json.parse, strict_json.examine):
        with pytest.raises(MessageNotJson) as caught:
            way(message)
        assert caught.value.facts == {"reason": reason}


@pytest.mark.parametrize(("message", "reason"), BEYOND.values(), ids=BEYOND)
def test_examine_finds_what_is_too_large(message, reason):
    with pytest.raises(MessageNotJson) as caught:
        strict_json.examine(message)
    assert caught.value.facts == {"reason": reason}


def test_a_million_brackets_are_refused_without_falling_over():
    message = b"[" * 1_000_000 + b"]" * 1_000_000
    with pytest.raises(MessageNotJson, match="depth"):
        strict_json.parse(message)


@pytest.mark.parametrize("message", STRICT.values(), ids=STRICT)
def test_odd_but_strict(message):
    assert strict_json.parse(message) == json.loads(message)
    assert strict_json.examine(message) == json.loads(message)


class _Members(list):
    """An object as a list of members, where a name may come twice."""


_NAMES = st.sampled_from(["a", "b", ":", '"', "a:b", "æ"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text('a:"\\{}', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(_NAMES, inner), max_size=3).map(_Members),
    max_leaves=12,
)


def _write(value, space):
    if isinstance(value, _Members):
        members = (f"{json.dumps(name)}{space}:{space}{_write(inner, space)}" for name, inner in value)
        return "{" + f"{space},".join(members) + "}"
    if isinstance(value, list):
        return "[" + f",{space}".join(_write(inner, space) for inner in value) + "]"
    return json.dumps(value)


@settings(max_examples=effort.JSON_TEXTS)
@given(value=_VALUES, space=st.sampled_from(["", " ", "\n"]))
@example(value=_Members([("a", 1), ("a", 1)]), space=" ")
def test_counting_colons_finds_exactly_the_duplicates(value, space):
    message = _write(value, space).encode()
    try:
        expected = strict_json.examine(message)
    except MessageNotJson:
        with pytest.raises(MessageNotJson, match="duplicate_key"):
            strict_json.parse(message)
    else:
        assert strict_json.parse(message) == expected


@settings(max_examples=effort.JSON_TEXTS)
@given(message=st.binary(max_size=40) | st.text('[]{}",:\\u0e1d8a-.', max_size=30).map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_way(message):
    answers = []
    for way in (strict_json.parse, strict_json.examine):
        try:
            answers.append(repr(way(message)))
        except MessageNotJson as refusal:
            answers.append(refusal.facts["reason"])
    assert answers[0] == answers[1] or answers[1] in {"number", "depth"}


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was(was_on):
    (gc.enable if was_on else gc.disable)()
    try:
        with strict_json.collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
