"""What may befall a municipality for days, at its own command line: in the end the registry is the record system.

The proof is the record system's own account of itself, written from its tables, against the registry's content hashes.
Nothing else may be called right: whatever is wrong meanwhile, no command says “✓”.
"""

from __future__ import annotations

import shutil

import pytest

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK, EXIT_QUEUE
from ktt.sender.outbox.retry_policy import RetryPolicy
from ktt.testing.sandbox.faults.faults import read_fault
from support.centre import Centre
from support.sender_desk import Desk
from support.sender_municipality import MONDAY

APART = 17


@pytest.fixture(scope="module")
def only_centre(tmp_path_factory):
    centre = Centre(tmp_path_factory.mktemp("centre"))
    yield centre
    centre.down()


@pytest.fixture
def centre(only_centre):
    only_centre.empty()
    return only_centre


@pytest.fixture
def desk(tmp_path, centre, capsys, monkeypatch):
    """A desk whose load is done, at which a run tries a message once, since nobody waits for seconds here."""
    monkeypatch.setattr(RetryPolicy, "delay", lambda *_: None)
    (tmp_path / "desk").mkdir()
    desk = Desk(tmp_path / "desk", centre.sandbox, capsys)
    assert desk.asks("load", *desk.day(0))["load"]["finished_at"]
    assert desk.epj.content() == centre.content()
    return desk


def change(epj, day):
    """A day in the record system: something new, changed, gone, and a record that belonged to somebody else."""
    epj.service(f"N{day}", "P0", MONDAY)
    epj.run("UPDATE tjeneste SET slutt = ? WHERE id = 'T1b'", f"2026-03-0{day}")
    epj.run("DELETE FROM tjeneste WHERE id = ?", f"N{day - 1}")
    epj.run("UPDATE diagnose SET person = CASE person WHEN 'P1' THEN 'P2' ELSE 'P1' END WHERE id = 'D1'")


def lose_the_store(folder):
    for path in folder.glob("outbox.sqlite*"):
        if path.suffix != ".witness":
            path.unlink()


def refused(desk, *words):
    """A command that does not go well, and does not look as if it did; its exit code and error code."""
    code, out, err = desk.type(*words)
    assert code != 0
    assert "✓" not in out + err
    return code, err.split(":")[0]


def mend(desk, centre, day):
    """`ktt reconcile --mend`, the proof, and a quiet day after it."""
    assert desk.asks("reconcile", "--mend", *desk.day(day))["mended"]["comparison"]["state"] == "equal"
    assert desk.epj.content() == centre.content()
    quiet = desk.asks("daily", *desk.day(day))
    assert (quiet["changes"], quiet["messages"]) == (0, 0)


def test_a_lost_store(desk, centre):
    change(desk.epj, 1)
    assert desk.asks("daily", *desk.day(1))["messages"] > 0
    change(desk.epj, 2)
    lose_the_store(desk.folder)
    assert refused(desk, "daily", *desk.day(2)) == (APART, "KTT-BND-03")
    mend(desk, centre, 2)


def test_a_store_from_yesterday(desk, centre):
    shutil.copytree(desk.folder, desk.folder.parent / "copy")
    change(desk.epj, 1)
    assert desk.asks("daily", *desk.day(1))["messages"] > 0
    lose_the_store(desk.folder)
    shutil.copy(desk.folder.parent / "copy" / "outbox.sqlite", desk.folder)
    change(desk.epj, 2)
    assert refused(desk, "daily", *desk.day(2)) == (APART, "KTT-BND-02")
    mend(desk, centre, 2)


def test_a_whole_machine_from_yesterday(desk, centre):
    """The witness is as old as the store: only the registry can tell."""
    shutil.copytree(desk.folder, desk.folder.parent / "copy")
    change(desk.epj, 1)
    assert desk.asks("daily", *desk.day(1))["messages"] > 0
    lose_the_store(desk.folder)
    for path in (desk.folder.parent / "copy").glob("outbox.sqlite*"):
        shutil.copy(path, desk.folder)
    change(desk.epj, 2)
    assert refused(desk, "daily", *desk.day(2)) == (APART, "KTT-BND-12")
    mend(desk, centre, 2)


def test_two_stores_for_one_unit(desk, centre, capsys):
    """A copy of the whole folder is taken into use beside it. Each finds the other, and either can go on alone."""
    shutil.copytree(desk.folder, desk.folder.parent / "other")
    other = desk.at(desk.folder.parent / "other")
    assert refused(other, "daily", *desk.day(0)) == (APART, "KTT-BND-05")
    assert other.asks("store", "bind", "--reason", "flyttet til ny server")["binding"]["act"] == "bound"
    change(desk.epj, 1)
    assert other.asks("daily", *desk.day(1))["messages"] > 0
    assert desk.epj.content() == centre.content()
    change(desk.epj, 2)
    assert refused(desk, "daily", *desk.day(2)) == (APART, "KTT-BND-12")
    mend(desk, centre, 2)
    change(desk.epj, 3)
    assert refused(other, "daily", *desk.day(3)) == (APART, "KTT-BND-12")


def test_a_rejected_message_is_corrected_in_the_record_system(desk, centre):
    before = len(centre.received())
    centre.sandbox.control.faults.add(read_fault("2008"), 1)
    change(desk.epj, 1)
    assert refused(desk, "daily", *desk.day(1))[0] == EXIT_QUEUE
    assert refused(desk, "daily", *desk.day(2))[0] == EXIT_QUEUE, "nothing is corrected yet"
    assert len(centre.received()) == before
    desk.epj.run("UPDATE tjeneste SET start = '2026-02-27' WHERE id = 'N1'")
    desk.epj.run("UPDATE tjeneste SET slutt = '2026-03-04' WHERE id = 'T1b'")
    desk.epj.run("UPDATE diagnose SET person = 'P2' WHERE id = 'D1'")
    code, out, err = desk.type("daily", *desk.day(3))
    assert (code, "✓" in out) == (0, True)
    assert "rettet" in err
    assert desk.epj.content() == centre.content()


def test_an_emptied_registry(desk, centre):
    centre.empty()
    assert refused(desk, "daily", *desk.day(1)) == (APART, "KTT-BND-11")
    mend(desk, centre, 1)


def test_a_receiver_that_is_down_for_two_days(desk, centre):
    before = len(centre.received())
    centre.down()
    for day in (1, 2):
        change(desk.epj, day)
        assert refused(desk, "daily", *desk.day(day)) == (EXIT_NETWORK, "KTT-OUT-06")
    centre.up()
    change(desk.epj, 3)
    assert desk.asks("daily", *desk.day(3))["undelivered"] == 0
    assert desk.epj.content() == centre.content()
    new = centre.received()[before:]
    assert len(new) == len(set(new)) > 2
    assert b'"N1"' in new[0], "what was planned on the first day comes first"


def test_a_clock_that_is_wrong(desk, centre):
    change(desk.epj, 1)
    centre.sandbox.control.set_clock(-90)
    code, name = refused(desk, "daily", *desk.day(1))
    assert (code, name) == (EXIT_ACCESS, "KTT-OUT-13")
    assert "for fort" in desk.written
    centre.sandbox.control.set_clock(0)
    assert desk.asks("daily", *desk.day(2))["undelivered"] == 0
    assert desk.epj.content() == centre.content()
