"""A municipality whose days are lived in the tests."""

from __future__ import annotations

import pytest

from support.sender_municipality import open_municipality


@pytest.fixture
def town(tmp_path, clock):
    with open_municipality(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def loaded(town):
    """A municipality whose initial load is accepted."""
    town.load().check()
    return town
