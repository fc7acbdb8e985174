"""Mutilated messages: each is validated, or refused with a known fault; nothing else ever happens."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ktt.core.errors import KttError
from ktt.messages.register import pack
from ktt.validate.document import Document
from ktt.validate.message import message_document
from ktt.validate.report.report import Report
from ktt.validate.report.words import about
from ktt.validate.rule_selection import validation_request
from support import effort

LEAST, EACH = effort.MESSAGES, 24

MESSAGES = [
    text
    for version in pack("ktt_v1")
    for name, text in version.examples().items()
    if name[0] == "N" and len(text) < 4000
]
FEW = replace(
    validation_request(dt.date(2026, 3, 2), choices=["KTT-TJENESTE-01", "KTT-PERSON-01", "KTT-ENHET-01"]), choices=()
)
"""A few rules are enough: this is about reading, and rules have tests of their own."""

_BITS = st.sampled_from(
    [
        b"", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"NaN",
        b"-Infinity", b"1e999", b"9" * 30, b"-0", b"0.1", b"1.0", b"null", b"true", b"[" * 80, b'{"a":' * 80,
        b'"\\ud83e"', b'"\\u0000"', b"\xed\xa0\x80", "ø".encode(), "ø".encode("cp1252"), "😀".encode(), b'"2026-02-30"',
        b'"9999-12-31"', b'"0000-01-01"', b'"2026-01-20T25:00:00Z"', b'"2026-01-20T12:00:00+99:99"', b"9007199254740993",
        b'"vedtak":', b'"tjeneste":', b'"orgNr":1,', b"<?xml?>", b"PK\x03\x04", b"eyJ", b"<IPLOS/>", b"1" * 12, b"{}", b"[]",
    ]
)  # fmt: skip
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\w.+-]+')
_VALUES = st.sampled_from(
    [
        b"0", b"1", b"15", b"-1", b"1.0", b"1.5", b"null", b"true", b"{}", b"[]", b'""', b'"x"', b'"2026-02-30"', b'"2026-01-31"',
        b'"9999-12-31"', b'"2026-01-20T25:00:00Z"', b'"2026-01-20T12:00:00.123456789+01:00"', b"9" * 18, b"9" * 19, b"1e999",
        b"08844110015", b"8844110016", b'"08844110015"', b'"T-10001"', b'"a\\u0000"', b'"\\ud83e"', b"NaN", b'"orgNr"', b"1E2",
    ]
)  # fmt: skip
_EDIT = st.tuples(st.just("bytes"), st.integers(0, 4000), st.integers(0, 40), _BITS)
_SWAP = st.tuples(st.just("token"), st.integers(0, 4000), st.just(0), _VALUES)
_MUTATION = st.tuples(
    st.sampled_from(MESSAGES),
    st.lists(_EDIT, min_size=1, max_size=2) | st.lists(_SWAP, min_size=1, max_size=3),
    st.integers(0, 19),
)

_counted: list[str] = []


def _mutated(message: bytes, edits: list[tuple[str, int, int, bytes]], whole: int) -> bytes:
    for how, at, length, instead in edits:
        begins, ends = _token(message, at) if how == "token" else (at % (len(message) + 1), None)
        message = message[:begins] + instead + message[begins + length if ends is None else ends :]
    if whole == 0:
        return message.decode("utf-8", "replace").encode("utf-16")
    return message[: len(message) // 2] if whole == 1 else message


def _token(message: bytes, at: int) -> tuple[int, int]:
    """Where some name or value begins and ends."""
    found = list(_TOKEN.finditer(message))
    return found[at % len(found)].span() if found else (0, 0)


def _reviewed(data: bytes) -> Document | KttError:
    try:
        return message_document("m.json", data, FEW)
    except KttError as fault:
        return fault


def _outcome(data: bytes) -> str:
    found = _reviewed(data)
    if isinstance(found, KttError):
        assert found.code.startswith(("KTT-VAL-", "KTT-XML-")), found.code
        assert "{" not in found.says().nb + found.advises().nb
        return found.code
    assert found.totals.reconciles
    assert found.totals.findings == found.findings.height
    assert set(found.findings["rule"]) <= set(about())
    assert set(found.findings["consequence"]) <= {1, 2, 7, 9}
    return "validated" if found.totals.unjudged == 0 else "schema"


@settings(
    max_examples=-(-LEAST // EACH),
    phases=[Phase.explicit, Phase.generate],
)
@given(st.lists(_MUTATION, min_size=EACH, max_size=EACH))
def _try_many(mutations):
    for message, edits, whole in mutations:
        _counted.append(_outcome(_mutated(message, edits, whole)))


def test_ten_thousand_mutated_inputs():
    _counted.clear()
    _try_many()
    assert len(_counted) >= LEAST
    often = {outcome for outcome in set(_counted) if _counted.count(outcome) >= LEAST // 100}
    assert {"validated", "schema", "KTT-VAL-06", "KTT-VAL-07", "KTT-VAL-09"} <= often


def test_a_report_of_anything_can_be_told(document):
    all_rules = validation_request(dt.date(2026, 3, 2))
    spoilt = document("KTT_Tjeneste")
    spoilt[0]["tjeneste"][0]["startDato"] = "2027-01-01"
    report = Report((message_document("m.json", json.dumps(spoilt).encode(), all_rules),), all_rules)
    assert report.groups
