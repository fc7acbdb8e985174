"""A job as the Task Scheduler of Windows has it: the XML held against the shape of the published schema, and read back.

The schema's shape is written here by hand from its reference (settingsType, calendarTriggerType, principalType …): which
elements a place may have, in which order where the order counts, and which values they take.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from ktt.sender.agent.scheduler import Answer
from ktt.sender.agent.task_scheduler import NAMESPACE, TaskScheduler, task
from support.agent_jobs import ON_WINDOWS, Machine

GOLDEN = Path(__file__).parent / "golden" / "ktt-daily.xml"
BOOLEAN, DURATION, TEXT, NUMBER = r"true|false", r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?", r"(?s).+", r"\d+"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"

ORDERED = {
    "CalendarTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay", "ScheduleByDay"],
    "RestartOnFailure": ["Interval", "Count"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}  # fmt: skip
ANY_ORDER = {
    "Task": {"RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"},
    "RegistrationInfo": {"URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description", "Documentation"},
    "Triggers": {"CalendarTrigger"},
    "ScheduleByDay": {"DaysInterval"},
    "Principals": {"Principal"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel", "ProcessTokenSidType", "RequiredPrivileges"},
    "Settings": {
        "AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries", "AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName",
        "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter", "IdleSettings",
        "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle", "UseUnifiedSchedulingEngine",
        "DisallowStartOnRemoteAppSession",
    },
    "Actions": {"Exec"},
}  # fmt: skip
VALUES = {
    "Enabled": BOOLEAN, "AllowStartOnDemand": BOOLEAN, "DisallowStartIfOnBatteries": BOOLEAN,
    "StopIfGoingOnBatteries": BOOLEAN, "AllowHardTerminate": BOOLEAN, "StartWhenAvailable": BOOLEAN,
    "RunOnlyIfNetworkAvailable": BOOLEAN, "WakeToRun": BOOLEAN, "Hidden": BOOLEAN, "StartBoundary": INSTANT,
    "RandomDelay": DURATION, "ExecutionTimeLimit": DURATION, "Interval": DURATION, "Count": NUMBER, "Priority": r"[0-9]|10",
    "DaysInterval": NUMBER, "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
    "LogonType": "S4U|Password|InteractiveToken|InteractiveTokenOrPassword", "RunLevel": "LeastPrivilege|HighestAvailable",
    "Command": TEXT, "Arguments": TEXT, "WorkingDirectory": TEXT, "UserId": TEXT, "Description": TEXT, "URI": TEXT,
}  # fmt: skip


def name(element):
    namespace, _, local = element.tag.rpartition("}")
    assert namespace == f"{{{NAMESPACE}"
    return local


def check(element):
    own, children = name(element), [name(child) for child in element]
    assert len(children) == len(set(children)), own
    if own in ORDERED:
        assert children == [each for each in ORDERED[own] if each in children], own
    elif own in ANY_ORDER:
        assert set(children) <= ANY_ORDER[own], own
    else:
        assert re.fullmatch(VALUES[own], element.text), (own, element.text)
    for child in element:
        check(child)


def test_the_xml_has_the_shape_of_the_schema():
    root = ET.fromstring(task(ON_WINDOWS).partition("\n")[2])
    check(root)
    assert root.get("version") == "1.2"
    space = {"t": NAMESPACE}
    assert root.find("t:Principals/t:Principal", space).get("id") == root.find("t:Actions", space).get("Context")


def test_what_is_written():
    (file,) = TaskScheduler().files(ON_WINDOWS)
    assert file.text == GOLDEN.read_text(encoding="utf-8")
    assert file.text.encode(file.encoding)[:2] in {b"\xff\xfe", b"\xfe\xff"}  # as its first line says
    assert str(file.path) == r"C:\ProgramData\ktt & co\ktt-daily-312111403-1114.xml"


@pytest.mark.parametrize(("account", "password"), [("KOMMUNE\\ktt$", ""), ("KOMMUNE\\ktt", "*")])
def test_a_password_is_asked_for_and_never_on_the_command_line(account, password):
    (command,) = TaskScheduler().install(replace(ON_WINDOWS, account=account))
    assert command[-4:] == ("/ru", account, "/rp", password)
    assert "/f" in command  # made anew when it is there


def standing(output, code=0):
    return TaskScheduler().standing(ON_WINDOWS, Machine({"/query": Answer(code, output)}).give)


def as_windows_writes_it():
    """Without what is the default, with the account as a number, and with things of its own."""
    text = task(ON_WINDOWS)
    for left_out in (
        "Enabled",
        "AllowStartOnDemand",
        "AllowHardTerminate",
        "WakeToRun",
        "Hidden",
        "Priority",
        "RunLevel",
    ):
        text = re.sub(rf"\s*<{left_out}>.*?</{left_out}>", "", text)
    text = re.sub(r"<UserId>.*?</UserId>", "<UserId>S-1-5-21-1-2-3-1105</UserId>", text)
    return text.replace("</Settings>", "<UseUnifiedSchedulingEngine>true</UseUnifiedSchedulingEngine></Settings>")


def test_read_back_as_asked():
    found = standing(as_windows_writes_it())
    assert (found.installed, found.differences) == (True, [])


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("StartWhenAvailable", "false"),
        ("ExecutionTimeLimit", ""),
        ("StopIfGoingOnBatteries", "true"),
        ("LogonType", ""),
    ],
)
def test_a_setting_that_windows_lost_is_told(setting, found):
    lost = re.sub(rf"\s*<{setting}>.*?</{setting}>", "", as_windows_writes_it())
    (difference,) = standing(lost).differences
    assert difference.what.endswith(setting)
    assert difference.found == ""  # nothing is there, so its default holds, which is not what was asked for
    assert difference.wanted != found


def test_another_program_is_told():
    (difference,) = standing(as_windows_writes_it().replace("ktt.exe", "other.exe")).differences
    assert difference.what == "Actions/Exec/Command"


def test_read_back_as_nothing_or_as_no_xml():
    assert not standing("ERROR: The system cannot find the file specified.", code=1).installed
    assert standing("not XML").differences
