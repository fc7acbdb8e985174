"""A body is called legible for what it is, never by chance: one ciphertext in a hundred begins with a bracket."""

from __future__ import annotations

import os

import pybase64
import pytest

from ktt.testing.conformance.sender.cases.envelope import _legible

JSON = '[{"orgNr": "312000113", "sted": "Bodø"}]'.encode()


@pytest.mark.parametrize("body", [JSON, b"\n  " + JSON, pybase64.b64encode(JSON), b'{"a": 1}'], ids=range(4))
def test_json_and_base64_of_json_are_legible(body):
    assert _legible(body)


@pytest.mark.parametrize("beginning", [b"[", b"{", b" [", b'["', b'{"a":'], ids=repr)
@pytest.mark.parametrize("length", [32, 512, 10_000])
def test_ciphertext_that_begins_as_json_is_not(beginning, length):
    for _ in range(100):
        body = beginning + os.urandom(length - len(beginning))
        assert not _legible(body)
        assert not _legible(pybase64.b64encode(body))
