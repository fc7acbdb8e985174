"""A job as a systemd service and timer of the system, never of a user's session."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath, PurePosixPath

from ktt.core.clock import OSLO
from ktt.sender.agent.job import Job
from ktt.sender.agent.schedule import LONGEST_RUN, MAY_BE_BETTER_SOON, RANDOM_MINUTES, RETRIES, RETRY_AFTER
from ktt.sender.agent.scheduler import Answer, Command, Difference, Give, PlannedFile, Standing

FOLDER = PurePosixPath("/etc/systemd/system")
_HOUR, _MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
_HOMES = ("/home", "/root", "/run/user")

# Type=exec, since RuntimeMaxSec= says nothing to a oneshot. Another try is for what another try can mend: the exit codes
# that are named, a run that took too long, a process that was killed.
_SERVICE = """\
# Laget av «ktt agent install»; «ktt agent uninstall» fjerner den.
[Unit]
Description=KTT: daglig innsending for enhet {unit}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=12h
StartLimitBurst={starts}

[Service]
Type=exec
User={account}
WorkingDirectory={directory}
ExecStart={start}
Environment=KTT_LOG=info
SuccessExitStatus=3
Restart=on-abnormal
RestartForceExitStatus={again}
RestartSec={pause}min
RuntimeMaxSec={longest}h
TimeoutStopSec=5min
UMask=0077
LimitCORE=0
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome={home}
ReadWritePaths={writes}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
"""
_TIMER = """\
# Laget av «ktt agent install»; «ktt agent uninstall» fjerner den.
[Unit]
Description=KTT: daglig innsending for enhet {unit}, hvert døgn

[Timer]
OnCalendar={calendar}
RandomizedDelaySec={random}min
Persistent=true

[Install]
WantedBy=timers.target
"""
_ASKED = (
    "Id", "LoadState", "UnitFileState", "ActiveState", "NeedDaemonReload", "DropInPaths", "User", "Type", "ExecStart",
    "Restart", "RuntimeMaxUSec", "NoNewPrivileges", "ProtectSystem", "ReadWritePaths", "UMask", "Result",
    "ExecMainStatus", "ExecMainExitTimestamp", "Persistent", "RandomizedDelayUSec", "TimersCalendar",
    "NextElapseUSecRealtime", "LastTriggerUSec",
)  # fmt: skip
_FACTS = {
    "timer": {"next": "NextElapseUSecRealtime", "last": "LastTriggerUSec"},
    "service": {"ended": "ExecMainExitTimestamp", "result": "Result", "exit_code": "ExecMainStatus"},
}


class Systemd:
    """See `Scheduler`. Two files for each job, and the timer switched on."""

    def files(self, job: Job) -> Sequence[PlannedFile]:
        """The service and the timer."""
        return [
            PlannedFile(FOLDER / f"{job.name}.service", service(job)),
            PlannedFile(FOLDER / f"{job.name}.timer", timer(job)),
        ]

    def install(self, job: Job) -> Sequence[Command]:
        """Read the files, switch the timer on."""
        return [("systemctl", "daemon-reload"), ("systemctl", "enable", "--now", f"{job.name}.timer")]

    def uninstall(self, job: Job) -> Sequence[Command]:
        """Switch the timer off. A run under way is left to end by itself."""
        return [("systemctl", "disable", "--now", f"{job.name}.timer")]

    def forget(self) -> Sequence[Command]:
        """Forget the files."""
        return [("systemctl", "daemon-reload")]

    def standing(self, job: Job, give: Give) -> Standing:
        """What `systemctl show` says of both."""
        answer = give(
            ("systemctl", "show", f"{job.name}.service", f"{job.name}.timer", f"--property={','.join(_ASKED)}")
        )
        said = _properties(answer)
        service_says, timer_says = said.get(f"{job.name}.service", {}), said.get(f"{job.name}.timer", {})
        if timer_says.get("LoadState") != "loaded" and service_says.get("LoadState") != "loaded":
            return Standing(installed=False)
        wanted = [*_service_wanted(job), *_timer_wanted(job)]
        found = {"service": service_says, "timer": timer_says}
        differences = [
            Difference(f"{kind}.{name}", text, found[kind].get(name, ""))
            for kind, name, text in wanted
            if _plain(name, found[kind].get(name, "")) != text
        ]
        facts = {
            word: found[kind][name]
            for kind, names in _FACTS.items()
            for word, name in names.items()
            if found[kind].get(name, "n/a") not in {"", "n/a"}
        }
        return Standing(installed=True, differences=differences, facts=facts)


def service(job: Job) -> str:
    """The text of the service."""
    inside_a_home = any(_below(path, home) for path in (job.program, job.config, *job.writes) for home in _HOMES)
    return _SERVICE.format(
        unit=job.unit,
        account=job.account,
        directory=_specifiers(str(job.config.parent)),
        start=" ".join(_word(part).replace("$", "$$") for part in (str(job.program), *job.arguments)),
        home="read-only" if inside_a_home else "yes",
        starts=RETRIES + 1,
        again=" ".join(map(str, MAY_BE_BETTER_SOON)),
        pause=RETRY_AFTER // _MINUTE,
        longest=LONGEST_RUN // _HOUR,
        writes=" ".join(_word(str(folder)) for folder in job.writes),
    )


def timer(job: Job) -> str:
    """The text of the timer."""
    return _TIMER.format(unit=job.unit, calendar=_calendar(job), random=RANDOM_MINUTES)


def _calendar(job: Job) -> str:
    return f"*-*-* {job.at:%H:%M:%S} {OSLO.key}"


def _word(text: str) -> str:
    """One word of a systemd file, whatever is in it."""
    escaped = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if re.search(r"""[\s"'\\;]""", text) else escaped


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _below(path: PurePath, folder: str) -> bool:
    return path.is_relative_to(folder)


def _service_wanted(job: Job) -> Iterable[tuple[str, str, str]]:
    wanted = {
        "LoadState": "loaded",
        "NeedDaemonReload": "no",
        "DropInPaths": "",
        "User": job.account,
        "Type": "exec",
        "ExecStart": " ".join((str(job.program), *job.arguments)),
        "Restart": "on-abnormal",
        "RuntimeMaxUSec": f"{LONGEST_RUN // _HOUR}h",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ReadWritePaths": " ".join(map(str, job.writes)),
        "UMask": "0077",
    }
    return (("service", name, text) for name, text in wanted.items())


def _timer_wanted(job: Job) -> Iterable[tuple[str, str, str]]:
    wanted = {
        "LoadState": "loaded",
        "UnitFileState": "enabled",
        "ActiveState": "active",
        "NeedDaemonReload": "no",
        "DropInPaths": "",
        "Persistent": "yes",
        "RandomizedDelayUSec": f"{RANDOM_MINUTES}min",
        "TimersCalendar": _calendar(job),
    }
    return (("timer", name, text) for name, text in wanted.items())


_WITHIN = {
    "ExecStart": re.compile(r"argv\[\]=(.*?) ; ignore_errors="),
    "TimersCalendar": re.compile(r"OnCalendar=(.*?) ;"),
}
"""Of these `systemctl show` says more than was asked."""


def _plain(name: str, text: str) -> str:
    found = _WITHIN[name].search(text) if name in _WITHIN else None
    return found[1] if found else text


def _properties(answer: Answer) -> dict[str, dict[str, str]]:
    """What `systemctl show` says, by unit; its blocks are parted by an empty line, and each says its Id."""
    blocks = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in answer.output.split("\n\n")
    ]
    return {block["Id"]: block for block in blocks if "Id" in block}
