"""A small record system to change and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.sources_epj import Epj


@pytest.fixture
def epj(tmp_path: Path) -> Epj:
    return Epj(tmp_path)
