"""The cases for a receiver, one module for each group of requirements."""

from __future__ import annotations

from ktt.testing.conformance.receiver.case import ReceiverCase
from ktt.testing.conformance.receiver.cases import (
    access,
    content,
    envelope,
    everyday,
    failures,
    framework,
    headers,
    keys,
    proof,
    proof_key,
    sequence,
    size,
    token,
)

_GROUPS = (
    everyday.GROUP,
    keys.GROUP,
    token.GROUP,
    proof.GROUP,
    proof_key.GROUP,
    headers.GROUP,
    access.GROUP,
    envelope.GROUP,
    content.GROUP,
    size.GROUP,
    sequence.GROUP,
    framework.GROUP,
    failures.GROUP,
)

RECEIVER_CASES: tuple[ReceiverCase, ...] = tuple(case for group in _GROUPS for case in group.cases)
"""All of them, in the order they are played."""
