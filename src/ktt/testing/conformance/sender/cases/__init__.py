"""The cases for a sender, one module for each group of requirements."""

from __future__ import annotations

from ktt.testing.conformance.sender.case import SenderCase
from ktt.testing.conformance.sender.cases import (
    codes,
    content,
    envelope,
    headers,
    keys,
    line,
    proof,
    token,
    token_trouble,
    trouble,
    whole,
)

_GROUPS = (
    token.GROUP,
    token_trouble.GROUP,
    proof.GROUP,
    headers.GROUP,
    envelope.GROUP,
    keys.GROUP,
    content.GROUP,
    line.GROUP,
    trouble.GROUP,
    codes.GROUP,
    whole.GROUP,
)

SENDER_CASES: tuple[SenderCase, ...] = tuple(case for group in _GROUPS for case in group.cases)
"""All of them, in the order they are judged; those about the whole run come last."""
