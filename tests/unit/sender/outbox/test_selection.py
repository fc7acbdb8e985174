"""Which messages are listed."""

from __future__ import annotations

import pytest

from ktt.sender.outbox.selection import is_in


@pytest.mark.parametrize(
    ("period", "wanted", "found"),
    [
        ("2024-03", "2024-03", True),
        ("2024-03-05", "2024-03", True),
        ("2024-03-05", "2024-03-05", True),
        ("2024-03", "2024", True),
        ("2024-03", "2024-03-05", False),
        ("2024-03-05", "2024-0", False),
        ("2024-10", "2024-1", False),
    ],
)
def test_a_period_has_the_periods_in_it(period, wanted, found):
    assert is_in(period, wanted) is found
