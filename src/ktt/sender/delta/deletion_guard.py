"""Stop and ask before deleting much: a source that lost its records looks just like records that were deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ktt.sender.delta.compare import Changes
from ktt.sender.delta.errors import TooManyGone

DEFAULT_DROP_MAX = 0.20
"""The share that may be gone when the mapping says nothing else."""

_FEW = 2
"""Records that may always be gone without a question: in a small type one deletion is a large share."""


def guard_gone(changes: Mapping[str, Changes], drop_max: Mapping[str, float], accept: Collection[str]) -> None:
    """TooManyGone for the first type that lost more than its share, or all it had, unless accepted by name."""
    for record_type, change in changes.items():
        gone, expected = len(change.gone), change.expected_count
        share = drop_max.get(record_type, DEFAULT_DROP_MAX)
        allowed = 0 if gone == expected else max(_FEW, int(expected * share))
        if gone > allowed and record_type not in accept:
            raise TooManyGone(record_type=record_type, gone=gone, expected=expected, allowed=allowed)
