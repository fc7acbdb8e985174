"""Base64url in one form only, and never with a word to standard error."""

from __future__ import annotations

import pytest

from ktt.wire import base64url


@pytest.mark.parametrize(
    "text", ["AA+/", "A-_+", "QUJDRB==", "QUJD=", "A", "QU JD", "QUJD\n", "æøå!", "\ud800AAA", "QUK"]
)
def test_any_other_form_is_none(text: str):
    """Warnings are errors in this run, the library's own too."""
    assert base64url.decode(text) is None


@pytest.mark.parametrize("raw", [b"", b"A", b"\xff\xfe\xfd", bytes(range(256))])
def test_what_was_encoded_decodes(raw: bytes):
    assert base64url.decode(base64url.encode(raw)) == raw
