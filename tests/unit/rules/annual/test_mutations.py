"""Mutilated annual messages: each is validated, or refused with a known fault; nothing else ever happens.

How many stands in `support.effort`.
"""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ktt.core.errors import KttError
from ktt.testing.synthetic import annual_message
from ktt.validate.message import message_document
from ktt.validate.report.words import about
from ktt.validate.rule_selection import validation_request
from support import effort
from support.annual_messages import written

LEAST, EACH = effort.ANNUAL_MESSAGES, 20
QUESTION = validation_request(dt.date(2026, 1, 10), values=True)
MESSAGE = written(annual_message.people(2, 2025))

_BITS = st.sampled_from(
    [
        b"", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"<", b">", b"</", b"/>", b"&", b"&amp;", b"&x;", b"&#0;", b"&#x110000;",
        b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x>", b"<?x?>", b"<a>" * 60, b"<PERSON>", b"</PERSON>", b"</IPLOS>",
        b'"', b"'", b"=", b"\n", b"\r", b"\t", b"x" * 12_000, b' xmlns=""', b"<n:a/>", "ø".encode(), "ø".encode("cp1252"),
        b"08844110015", b"9" * 40, b"-1", b"99991231", b"20250230", b'<TJENESTE tjPeID="1"/>', b"<peFnr>1</peFnr>",
        b"\xed\xa0\x80", "\ufffe".encode(), b"{}",
    ]
)  # fmt: skip
_TOKEN = re.compile(rb"<[^>]*>|[\w.-]+")
_EDIT = st.tuples(st.just("bytes"), st.integers(0, len(MESSAGE)), st.integers(0, 40), _BITS)
_SWAP = st.tuples(st.just("token"), st.integers(0, 4000), st.just(0), _BITS)
_MUTATION = st.tuples(st.lists(_EDIT | _SWAP, min_size=1, max_size=3), st.integers(0, 24))

_counted: list[str] = []


def _mutated(edits, whole):
    message = MESSAGE
    for how, at, length, instead in edits:
        found = list(_TOKEN.finditer(message)) if how == "token" else []
        begins, ends = found[at % len(found)].span() if found else (at, at + length)
        message = message[:begins] + instead + message[ends:]
    if whole == 0:
        return message.decode("utf-8", "replace").encode("utf-16")
    return message[: len(message) // 2] if whole == 1 else message


def _reviewed(data):
    try:
        return message_document("m.xml", data, QUESTION)
    except KttError as fault:
        return fault


def _outcome(data):
    found = _reviewed(data)
    if isinstance(found, KttError):
        assert found.code.startswith(("KTT-XML-", "KTT-VAL-")), found.code
        assert "{" not in found.says().nb + found.advises().nb
        return found.code
    assert found.totals.reconciles
    assert found.totals.findings == found.findings.height
    assert set(found.findings["rule"]) <= set(about())
    assert "08844110015" not in str(found.findings.to_dicts())
    return "validated"


@settings(
    max_examples=-(-LEAST // EACH),
    phases=[Phase.explicit, Phase.generate],
)
@given(st.lists(_MUTATION, min_size=EACH, max_size=EACH))
def _try_many(mutations):
    for edits, whole in mutations:
        _counted.append(_outcome(_mutated(edits, whole)))


def test_mutated_messages():
    _counted.clear()
    _try_many()
    assert len(_counted) >= LEAST
    often = {outcome for outcome in set(_counted) if _counted.count(outcome) >= LEAST // 100}
    assert {"validated", "KTT-XML-01", "KTT-XML-02", "KTT-XML-03"} <= often
