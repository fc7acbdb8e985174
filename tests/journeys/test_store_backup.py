"""A backup made by `ktt store backup`, put back a day later: it is refused, and mended by what the registry has."""

from __future__ import annotations

import json
import shutil

import pytest

from ktt.cli import app
from ktt.sender.binding.errors import StoreOlder
from support.whole_road import whole_road


@pytest.fixture
def road(tmp_path, clock):
    with whole_road(tmp_path, clock) as road:
        road.desk.load().check()
        yield road


def put_back(road, copy):
    """As the how-to says: the store's file and what lies beside it away, the copy in its place."""
    road.desk.lose_the_store()
    shutil.copy2(copy, road.desk.store)


def test_backed_up_lost_put_back_and_mended(road, tmp_path, capsys):
    copy = tmp_path / "copy.sqlite"
    assert app.run(["store", "backup", str(copy), "--config", str(road.desk.settings), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(copy), "bytes": copy.stat().st_size}

    road.pass_days()
    road.epj.service("T9", "P0", road.today)
    road.epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    road.desk.daily().check()
    assert road.differences() == set()
    put_back(road, copy)

    road.pass_days()
    road.epj.run(
        "DELETE FROM tjeneste WHERE id = 'T9'"
    )  # sent since the copy was made, so the old store has not heard of it
    with pytest.raises(StoreOlder):
        road.desk.daily()
    report = road.desk.mend()
    assert report.exit_code == 0
    assert road.differences() == set()
    road.pass_days()
    after = road.desk.daily()
    after.check()
    assert (after.messages, road.differences()) == (0, set())


def test_a_copy_is_never_written_over_another(road, tmp_path, capsys):
    (tmp_path / "copy").touch()
    assert app.run(["store", "backup", str(tmp_path / "copy"), "--config", str(road.desk.settings)]) == 16
    assert "KTT-STO-11" in capsys.readouterr().err
