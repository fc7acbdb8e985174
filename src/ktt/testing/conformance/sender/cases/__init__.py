"""The cases for a sender, one module for each group of requirements."""

from __future__ import annotations

from ktt.testing.conformance.sender.case import SenderCase
from ktt.testing.conformance.sender.cases import (
    content,
    envelope,
    error_codes,
    headers,
    keys,
    proof,
    queue,
    receiver_failures,
    token,
    token_failures,
    whole_run,
)

_GROUPS = (
    token.GROUP,
    token_failures.GROUP,
    proof.GROUP,
    headers.GROUP,
    envelope.GROUP,
    keys.GROUP,
    content.GROUP,
    queue.GROUP,
    receiver_failures.GROUP,
    error_codes.GROUP,
    whole_run.GROUP,
)

SENDER_CASES: tuple[SenderCase, ...] = tuple(case for group in _GROUPS for case in group.cases)
"""All of them, in the order in which they are checked; those about the whole run come last."""
