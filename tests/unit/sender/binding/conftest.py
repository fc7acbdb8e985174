from __future__ import annotations

import pytest

from support.sender_bindings import Place


@pytest.fixture
def place(tmp_path, clock):
    place = Place(tmp_path, f"sqlite:///{tmp_path / 'outbox.sqlite'}", clock)
    yield place
    place.close()
