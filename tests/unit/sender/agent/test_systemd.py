"""A job as systemd has it: the files as they are written, systemd's own judgement of them, and what is read back."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from ktt.sender.agent.scheduler import Answer, Difference
from ktt.sender.agent.systemd import Systemd, service, timer
from support.agent_jobs import ON_LINUX, Machine

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("kind", "text"), [("service", service(ON_LINUX)), ("timer", timer(ON_LINUX))])
def test_what_is_written(kind, text):
    assert text == (GOLDEN / f"ktt-daily.{kind}").read_text(encoding="utf-8")


ODD = PurePosixPath('/srv/100 % "ktt"/$HOME/sender.toml')


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("config", [ON_LINUX.config, ODD, PurePosixPath("/home", "ktt", "sender.toml")], ids=str)
def test_systemd_itself_finds_nothing_wrong(tmp_path, config):
    if shutil.which("systemd-analyze") is None:
        assert not os.environ.get("CI"), "where every change is tested, systemd has to be there"
        pytest.skip("systemd is not installed here")
    job = dataclasses.replace(
        ON_LINUX, program=PurePosixPath(sys.executable), config=config, writes=(config.parent,), account="daemon"
    )
    for file in Systemd().files(job):
        (tmp_path / file.path.name).write_text(file.text, encoding="utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in said.stderr.splitlines() if "ktt-daily" in line]
    assert (said.returncode, ours) == (0, [])


def test_a_word_keeps_what_is_in_it():
    start = next(
        line for line in service(dataclasses.replace(ON_LINUX, config=ODD)).splitlines() if "ExecStart" in line
    )
    assert start == r'ExecStart=/opt/ktt/bin/ktt daily --config "/srv/100 %% \"ktt\"/$$HOME/sender.toml"'


@pytest.mark.parametrize(("top", "home"), [("/var", "yes"), ("/home", "read-only"), ("/homes", "yes")])
def test_homes_are_hidden_unless_something_of_ours_lies_there(top, home):
    assert f"ProtectHome={home}\n" in service(dataclasses.replace(ON_LINUX, config=PurePosixPath(top, "ktt", "s.toml")))


AS_ASKED = """\
Type=exec
Restart=on-abnormal
RuntimeMaxUSec=8h
ExecMainExitTimestamp=Sun 2026-11-29 04:31:07 CET
ExecMainStatus=3
ExecStart={ path=/opt/ktt/bin/ktt ; argv[]=/opt/ktt/bin/ktt daily --config /var/lib/ktt/avsender/sender.toml ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
UMask=0077
User=ktt
ReadWritePaths=/var/lib/ktt/avsender
NoNewPrivileges=yes
ProtectSystem=strict
Result=success
Id=ktt-daily-312111403-1114.service
LoadState=loaded
ActiveState=inactive
DropInPaths=
UnitFileState=static
NeedDaemonReload=no

TimersCalendar={ OnCalendar=*-*-* 04:17:00 Europe/Oslo ; next_elapse=Mon 2026-11-30 04:17:00 CET }
NextElapseUSecRealtime=Mon 2026-11-30 04:29:11 CET
LastTriggerUSec=Sun 2026-11-29 04:29:11 CET
RandomizedDelayUSec=20min
Persistent=yes
Id=ktt-daily-312111403-1114.timer
LoadState=loaded
ActiveState=active
DropInPaths=
UnitFileState=enabled
NeedDaemonReload=no
"""
GONE = "Id=ktt-daily-312111403-1114.service\nLoadState=not-found\n\nId=ktt-daily-312111403-1114.timer\nLoadState=not-found\n"


def standing(said):
    return Systemd().standing(ON_LINUX, Machine({"show": Answer(0, said)}).give)


def test_read_back_as_asked():
    found = standing(AS_ASKED)
    assert (found.installed, found.differences) == (True, [])
    assert found.facts == {
        "next": "Mon 2026-11-30 04:29:11 CET",
        "last": "Sun 2026-11-29 04:29:11 CET",
        "ended": "Sun 2026-11-29 04:31:07 CET",
        "result": "success",
        "exit_code": "3",
    }


@pytest.mark.parametrize(
    ("was", "became", "difference"),
    [
        ("Persistent=yes", "Persistent=no", ("timer.Persistent", "yes", "no")),
        ("User=ktt", "User=", ("service.User", "ktt", "")),
        ("UnitFileState=enabled", "UnitFileState=disabled", ("timer.UnitFileState", "enabled", "disabled")),
        ("04:17:00 Europe/Oslo ;", "02:30:00 ;", ("timer.TimersCalendar", "*-*-* 04:17:00 Europe/Oslo", None)),
        ("--config /var", "--config /tmp", ("service.ExecStart", None, None)),
        ("DropInPaths=\nUnitFileState=static", "DropInPaths=/etc/x.conf", ("service.DropInPaths", "", "/etc/x.conf")),
    ],
)  # fmt: skip
def test_read_back_as_something_else(was, became, difference):
    assert was in AS_ASKED
    (found,) = standing(AS_ASKED.replace(was, became)).differences
    assert isinstance(found, Difference)
    for value, wanted in zip((found.what, found.wanted, found.found), difference, strict=True):
        assert wanted in {None, value}


@pytest.mark.parametrize("said", [GONE, ""])
def test_read_back_as_nothing(said):
    assert not standing(said).installed
