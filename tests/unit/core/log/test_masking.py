"""Personal numbers are masked, and numbers that only look like them are left."""

from __future__ import annotations

import uuid

import pytest

from ktt.core.log.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("41815012345", "•••"),
        ("418150 12345", "•••"),
        ("418150.12345", "•••"),
        ("201812345678", "•••"),
        ("a41815012345b 41815012345", "a•••b •••"),
        ("orgnr 312000008, kommune 1114", "orgnr 312000008, kommune 1114"),
        ("2026-03-02T06:00:00.123456", "2026-03-02T06:00:00.123456"),
        (str(uuid.UUID("9f1c2a34-0000-4000-8000-123456789012")), "9f1c2a34-0000-4000-8000-123456789012"),
        ("9f1c2a34-0000-4000-8000-123456789012 41815012345", "9f1c2a34-0000-4000-8000-123456789012 •••"),
    ],
)
def test_what_is_masked(text, shown):
    assert masked(text) == shown
