"""The sandbox's settings have bounds."""

from __future__ import annotations

import pytest

from ktt.core.settings import SettingWrong
from ktt.testing.sandbox.settings import SandboxSettings


@pytest.mark.parametrize("line", ["token_seconds = 31", "mottak_port = 0", "helseid_port = 65535"])
def test_what_is_within_the_bounds_is_taken(tmp_path, line):
    (tmp_path / "sandbox.toml").write_text(f'folder = "world"\n{line}\n')
    assert SandboxSettings.load(tmp_path / "sandbox.toml").folder == tmp_path / "world"


@pytest.mark.parametrize("line", ["token_seconds = 30", "mottak_port = -1", "helseid_port = 65536"])
def test_what_is_outside_is_refused(tmp_path, line):
    (tmp_path / "sandbox.toml").write_text(f'folder = "world"\n{line}\n')
    with pytest.raises(SettingWrong):
        SandboxSettings.load(tmp_path / "sandbox.toml")
