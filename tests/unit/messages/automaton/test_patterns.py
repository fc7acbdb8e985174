"""Patterns of a JSON Schema: the language holds what the receiver's engine takes, and what is not understood is said."""

from __future__ import annotations

import re

import jsonschema_rs
import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from ktt.messages.automaton import characters
from ktt.messages.automaton.characters import CONTROL, DIGITS, PLAIN, one
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.patterns import Run, admits, class_of, single_run, texts_of

ODD = [
    "",
    "a",
    "A1",
    "a1",
    "ab",
    "abab",
    "a-b",
    "12",
    "123",
    "٣",
    "é",
    "\u2028",
    "\n",
    "a\n",
    "]",
    "[",
    "^",
    "$",
    "a.b",
    "x" * 30,
]


def takes(texts):
    pattern = re2.compile(texts.language)
    return lambda text: pattern.fullmatch(text.encode()) is not None


@pytest.mark.parametrize(
    ("pattern", "inside"),
    [
        ("^[0-9]+$", ["1", "123"]),
        (r"^\d{2,3}$", ["12", "123"]),
        ("^[A-Z]{1,3}[0-9]{2}$", ["A12", "ABC00"]),
        ("^(?:NO|SE)?[0-9]{3}$", ["NO123", "123"]),
        (r"^a\.b\/c\-$", ["a.b/c-"]),
        ("^[^a-z]$", ["A", "1", "é"]),
        ("^[-a]{2}$", ["-a"]),
        ("^[a-]{2}$", ["-a"]),
        (r"^[\w.]+$", ["a_1.Z"]),
        (r"^\u00e6\x41$", ["æA"]),
        ("^[1-9]", ["1", "9 og mer"]),
        ("^(a|b)(cd)*$", ["a", "bcdcd"]),
        ("^(a|)$", ["", "a"]),
        ("^.{2}$", ["ab", "éé"]),
        ("^$", [""]),
    ],
)
def test_texts_are_those_of_the_engine(pattern: str, inside: list[str]):
    texts = texts_of(pattern, PLAIN)
    fits, engine = takes(texts), jsonschema_rs.Draft202012Validator({"pattern": pattern})
    assert all(map(fits, inside))
    for text in [*ODD, *inside, *(text + "\n" for text in inside), *(text[1:] for text in inside)]:
        assert not fits(text) or engine.is_valid(text), text
        assert not fits(text) or (texts.shortest <= len(text) and (texts.longest is None or len(text) <= texts.longest))


@pytest.mark.parametrize(
    "pattern",
    [
        "^a|b$", "(", ")", "(a", "a)", "[a", "[]", "[]a]", "[^]", "[b-a]", "[a-z&&[b]]", "[[:alpha:]]", "a**", "a+?", "a{2}{3}",
        "{2}", "a{3,2}", "a{0}", "a{,2}", "(?=a)", "(?i)a", "(?<n>a)", r"(a)\1", r"\bA", r"\s", r"\D", r"\p{L}", r"[^\d]", r"[^\w]",
        r"\u12", r"\ud83d", "a^b", "a$b", "(a$)", "[0-9]", "a$", "^[0-9]*[0-9]$", "^(a+)+$", "^(a|ab)c$", "^(a?)*$", "^a*ab$",
        "^((((((((((((((((((((((a))))))))))))))))))))))$", "a" * 2000, "^\u0000$", '^"$', "^]$",
    ],
)  # fmt: skip
def test_what_is_not_understood_or_has_several_ways(pattern: str):
    with pytest.raises(NotRegular):
        texts_of(pattern, PLAIN)


@given(st.text("ab01.-^$[](){}|?*+,\\dw\n", max_size=10))
def test_no_pattern_takes_more_than_the_engine(pattern: str):
    try:
        fits = takes(texts_of(pattern, PLAIN))
        engine = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (NotRegular, ValueError):
        return
    for text in [*ODD, "b", "0", "01", "b0", "aa", "bb", ".", "-", ",", "d", "w", "a0a0"]:
        assert not fits(text) or engine.is_valid(text), text


def test_a_class_is_read_exactly_or_not_at_all():
    assert class_of(r"[\u0000-\u001f\u007f-\u009f]") == CONTROL
    assert class_of("[.:]") == characters.of([*one("."), *one(":")])
    assert class_of("[^a]") == characters.others(one("a"))
    for pattern in (r"[\d]", r"[\w]", "[a]+", "^[a]", "a", "", "[a]b", "[a&&b]", r"[\S]", r"[\ud83d\ude00]"):
        with pytest.raises(NotRegular):
            class_of(pattern)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_free_texts(text: str):
    allowed = takes(single_run(Run(characters.common(PLAIN, characters.others(one("."))), 1, 10)))
    bad = re.search(r'[."\\\]\x00-\x1f\x7f-\x9f]', text)
    assert allowed(text) is (not bad and 1 <= len(text) <= 10)


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xa2", b"\xf4\x90\x80\x80", b"\x80"])
def test_what_is_no_utf_8_is_no_text(raw: bytes):
    assert re2.compile(Run(PLAIN, 1, 10).language).fullmatch(b"a" + raw + b"b") is None


def test_sets_of_characters():
    assert characters.of([(3, 5), (1, 2), (9, 9), (4, 7)]) == ((1, 7), (9, 9))
    assert characters.others(characters.others(DIGITS)) == DIGITS
    assert characters.others(()) == ((0, 0x10FFFF),)
    assert characters.common(((1, 5),), ((4, 9),)) == ((4, 5),)
    assert characters.common(DIGITS, CONTROL) == ()


@pytest.mark.parametrize(
    ("pattern", "count", "all_fit"),
    [("^[0-9]{11}$", 11, True), (r"^\d+$", 11, True), ("^[0-9]{9,12}$", 11, True), ("^[0-9]{5}[0-9]{6}$", 11, True),
     ("^[1-9][0-9]{10}$", 11, False), ("^[0-9]{12}$", 11, False), ("^(0|1)[0-9]{10}$", 11, False), ("^[0-7][0-9]*$", 11, False)],
)  # fmt: skip
def test_whether_all_numbers_of_some_digits_fit(pattern: str, count: int, all_fit: bool):
    assert admits(texts_of(pattern, PLAIN).runs, [DIGITS] * count) is all_fit
