"""Every fault of the outbox and of the sender says what, why and what to do, in both languages, under a code of its own."""

from __future__ import annotations

import string

import pytest

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.sender import errors as sender_errors
from ktt.sender.outbox import errors as outbox_errors

ERRORS = [
    kind
    for module in (outbox_errors, sender_errors)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, KttError) and kind is not KttError
]
FACTS = {
    "unit": "312000008-1114",
    "sequence": 7,
    "answer": "HTTP 400",
    "by": "ola",
    "offset": Text(nb="93 sekunder for sent", en="93 seconds slow"),
    "reason": "x",
    "found": 1,
    "since": "2026-03-01 06:00",
    "span": "2 d",
    "advice": "y",
    "undelivered": 3,
    "count": 2,
    "rules": "KTT-ID-03 (2)",
}


def test_codes_are_unique():
    codes = [kind.code for kind in ERRORS]
    assert len(codes) == len(set(codes)) > 15
    assert all(code.startswith(("KTT-OUT-", "KTT-SND-")) for code in codes)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.code)
def test_both_languages_name_the_same_facts(kind):
    def named(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for text in (kind.what, kind.remedy):
        assert text.nb
        assert text.en
        assert named(text.nb) == named(text.en) <= set(FACTS)
    assert kind.exit_code > 1
    fault = kind(**FACTS)
    assert "{" not in fault.says().nb + fault.says().en + fault.advises().nb + fault.advises().en
