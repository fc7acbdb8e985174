"""Which message versions a receiver takes on which day."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest

from ktt.messages.register import register_of
from ktt.receiver.pipeline.deployed_versions import DeployedVersions
from support.settable_clock import SettableClock

BROUGHT = register_of().packs[0].folder.folder


@pytest.mark.parametrize(
    ("instant", "taken"),
    [
        ("2025-01-01T12:00:00+00:00", True),  # a test before the first day is welcome
        ("2026-12-31T22:59:59+00:00", True),
        ("2026-12-31T23:00:00+00:00", False),  # the new year begins in Norway
        ("2027-06-01T12:00:00+00:00", False),
    ],
)
def test_a_version_is_taken_until_the_last_day_of_its_pack(tmp_path, instant, taken):
    shutil.copytree(BROUGHT, tmp_path / "ending")
    file = tmp_path / "ending" / "pack.toml"
    text = file.read_text(encoding="utf-8").replace('"ktt_v1"', '"ending"').replace('version = "1"', 'version = "9"')
    file.write_text("valid_to = 2026-12-31\n" + text, encoding="utf-8")
    register = register_of(("ktt_v1", str(tmp_path / "ending")))
    find = DeployedVersions(register, SettableClock(dt.datetime.fromisoformat(instant)))
    assert (find("KTT_Vedtak", "9") is not None) is taken
    assert find("KTT_Vedtak", "1") is not None
    assert find("KTT_Vedtak", "2") is None
