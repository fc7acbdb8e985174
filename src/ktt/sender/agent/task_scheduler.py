"""A job as a task of the Task Scheduler of Windows, in the XML of its published schema (version 1.2).

The elements stand in the order of the schema. What Windows made of it is read back and compared value by value: it has
been seen to lose settings when a task was made again, and it writes nothing of a setting that has the schema's default.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from ktt.sender.agent.job import Job
from ktt.sender.agent.schedule import LONGEST_RUN, RANDOM_MINUTES, RETRIES, RETRY_AFTER
from ktt.sender.agent.scheduler import Command, Difference, Give, PlannedFile, Standing

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_FIRST_DAY = dt.date(2026, 1, 1)  # a daily trigger needs a day to begin on, and any past day is as good
_MANAGED = "$"  # a group managed service account has no password that anybody knows

_DEFAULTS = {
    "Triggers/CalendarTrigger/Enabled": "true",
    "Triggers/CalendarTrigger/ScheduleByDay/DaysInterval": "1",
    "Principals/Principal/RunLevel": "LeastPrivilege",
    "Settings/AllowStartOnDemand": "true",
    "Settings/MultipleInstancesPolicy": "IgnoreNew",
    "Settings/DisallowStartIfOnBatteries": "true",
    "Settings/StopIfGoingOnBatteries": "true",
    "Settings/AllowHardTerminate": "true",
    "Settings/StartWhenAvailable": "false",
    "Settings/RunOnlyIfNetworkAvailable": "false",
    "Settings/WakeToRun": "false",
    "Settings/Enabled": "true",
    "Settings/Hidden": "false",
    "Settings/Priority": "7",
}
"""What the schema says of an element that is left out."""

_NOT_COMPARED = {"Principals/Principal/UserId", "RegistrationInfo/Description", "RegistrationInfo/URI"}
"""The account comes back as a number, and the words are ours alone."""


class TaskScheduler:
    """See `Scheduler`. One file beside the settings, and the task that is made of it."""

    def files(self, job: Job) -> Sequence[PlannedFile]:
        """The task's XML, in the encoding that `schtasks` reads without a doubt."""
        return [PlannedFile(_file(job), task(job), "utf-16")]

    def install(self, job: Job) -> Sequence[Command]:
        """Make the task, or make it anew. The password of an ordinary account is asked for at the terminal."""
        password = "" if job.account.endswith(_MANAGED) else "*"
        made = ("schtasks", "/create", "/f", "/tn", _task_name(job), "/xml", str(_file(job)))
        return [(*made, "/ru", job.account, "/rp", password)]

    def uninstall(self, job: Job) -> Sequence[Command]:
        """Delete the task."""
        return [("schtasks", "/delete", "/f", "/tn", _task_name(job))]

    def forget(self) -> Sequence[Command]:
        """Nothing is left to forget."""
        return []

    def standing(self, job: Job, give: Give) -> Standing:
        """What `schtasks /query /xml` says."""
        answer = give(("schtasks", "/query", "/tn", _task_name(job), "/xml", "ONE"))
        if answer.code != 0:
            return Standing(installed=False)
        wanted, found = _values(task(job)), _values(answer.output)
        differences = [
            Difference(path, text, found.get(path, ""))
            for path, text in wanted.items()
            if path not in _NOT_COMPARED and found.get(path, _DEFAULTS.get(path, "")) != text
        ]
        return Standing(installed=True, differences=differences)


def task(job: Job) -> str:
    """The XML of the task."""
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    for path, text in _contents(job):
        _put(root, path, text)
    principal, actions = root.find("Principals/Principal"), root.find("Actions")
    assert principal is not None
    assert actions is not None
    principal.set("id", "Author")
    actions.set("Context", "Author")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _contents(job: Job) -> Iterator[tuple[str, str]]:
    """Each value of the task by its place, in the schema's order."""
    yield "RegistrationInfo/Description", f"KTT: daglig innsending for enhet {job.unit}"
    yield "RegistrationInfo/URI", _task_name(job)
    trigger = "Triggers/CalendarTrigger"
    yield f"{trigger}/Enabled", "true"
    yield f"{trigger}/StartBoundary", dt.datetime.combine(_FIRST_DAY, job.at).isoformat()  # without a zone: local time
    yield f"{trigger}/RandomDelay", f"PT{RANDOM_MINUTES}M"
    yield f"{trigger}/ScheduleByDay/DaysInterval", "1"
    yield "Principals/Principal/UserId", job.account
    yield "Principals/Principal/LogonType", "Password"  # also when nobody is logged on
    yield "Principals/Principal/RunLevel", "LeastPrivilege"
    yield "Settings/AllowStartOnDemand", "true"
    yield "Settings/RestartOnFailure/Interval", f"PT{RETRY_AFTER // dt.timedelta(minutes=1)}M"
    yield "Settings/RestartOnFailure/Count", str(RETRIES)
    yield "Settings/MultipleInstancesPolicy", "IgnoreNew"
    yield "Settings/DisallowStartIfOnBatteries", "false"
    yield "Settings/StopIfGoingOnBatteries", "false"
    yield "Settings/AllowHardTerminate", "true"
    yield "Settings/StartWhenAvailable", "true"
    yield "Settings/RunOnlyIfNetworkAvailable", "false"
    yield "Settings/WakeToRun", "false"
    yield "Settings/Enabled", "true"
    yield "Settings/Hidden", "false"
    yield "Settings/ExecutionTimeLimit", f"PT{LONGEST_RUN // dt.timedelta(hours=1)}H"
    yield "Settings/Priority", "7"
    yield "Actions/Exec/Command", str(job.program)
    yield "Actions/Exec/Arguments", subprocess.list2cmdline(job.arguments)
    yield "Actions/Exec/WorkingDirectory", str(job.config.parent)


def _put(root: ET.Element, path: str, text: str) -> None:
    place = root
    for name in path.split("/"):
        found = place.find(name)
        place = ET.SubElement(place, name) if found is None else found
    place.text = text


def _values(xml: str) -> dict[str, str]:
    """The text of every element that has no others in it, by its place; empty when it is no XML."""
    try:
        root = ET.fromstring(re.sub(r"^\s*<\?xml.*?\?>", "", xml))  # noqa: S314 - of this machine's own scheduler
    except ET.ParseError:
        return {}
    return dict(_leaves(root, ""))


def _leaves(element: ET.Element, place: str) -> Iterator[tuple[str, str]]:
    for child in element:
        path = f"{place}{child.tag.rpartition('}')[2]}"
        if len(child):
            yield from _leaves(child, f"{path}/")
        else:
            yield path, (child.text or "").strip()


def _task_name(job: Job) -> str:
    return f"\\KTT\\{job.name}"


def _file(job: Job) -> PurePath:
    return job.config.parent / f"{job.name}.xml"
