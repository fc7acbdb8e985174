"""A municipality whose days are lived in the tests."""

from __future__ import annotations

import pytest

from support.sender_town import open_town


@pytest.fixture
def town(tmp_path, clock):
    with open_town(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def loaded(town):
    """A municipality whose initial load is accepted."""
    town.load().check()
    return town
