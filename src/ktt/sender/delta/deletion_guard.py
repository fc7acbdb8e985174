"""Stop and ask before deleting much: a source that lost its records looks just like records that were deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ktt.sender.delta.compare import Changes
from ktt.sender.delta.errors import TooManyDeletions
from ktt.sender.thresholds import allowed_drop


def check_deletions(changes: Mapping[str, Changes], drop_max: Mapping[str, float], accept: Collection[str]) -> None:
    """TooManyDeletions for the first type that lost more than its share, or all it had, unless accepted by name."""
    for record_type, change in changes.items():
        gone, expected = len(change.gone), change.expected_count
        allowed = allowed_drop(expected, expected - gone, drop_max[record_type])
        if gone > allowed and record_type not in accept:
            raise TooManyDeletions(record_type=record_type, gone=gone, expected=expected, allowed=allowed)
