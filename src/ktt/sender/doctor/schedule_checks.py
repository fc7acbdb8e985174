"""What starts a run every day: a timer of systemd, a task of the Task Scheduler, or something that cannot be seen from here."""

from __future__ import annotations

from pathlib import Path

from ktt.core.text import Text
from ktt.sender.doctor.line import NotNeeded, Wrong
from ktt.sender.doctor.patient import Patient, ScheduledTask

_NO_TIMER = Text(
    nb="fant ingen systemd-timer som kjører ktt; kontroller at noe annet gjør det hver dag",
    en="found no systemd timer that runs ktt; see that something else does every day",
)
_NO_TASK = Text(
    nb="fant ikke oppgaven «{name}» i Oppgaveplanlegging; kontroller at noe annet kjører ktt hver dag",
    en="found no task `{name}` in the Task Scheduler; see that something else runs ktt every day",
)
_NO_SCHEDULER = Text(
    nb="ktt kjenner ikke det som starter programmer på denne maskinen; kontroller at noe kjører ktt hver dag",
    en="ktt does not know what starts programs on this machine; see that something runs ktt every day",
)
_ASLEEP = Text(nb="Timeren «{timer}» er ikke slått på.", en="The timer `{timer}` is not enabled.")
_WAKE = Text(nb="Kjør «systemctl enable --now {timer}».", en="Run `systemctl enable --now {timer}`.")
_TASK = Text(nb="oppgaven «{name}» er som den skal", en="the task `{name}` is as it should be")
_ENABLED = Text(nb="{named} er slått på", en="{named} is enabled")


def check_schedule(patient: Patient) -> Text:
    """That a timer that runs ktt is enabled, or that the task is as `ktt agent install` makes it."""
    if patient.task is not None:
        return _check_task(patient.task(patient.settings, patient.file))
    timers = [timer for folder in patient.timer_folders for timer in sorted(folder.glob("*.timer")) if _runs_ktt(timer)]
    if not timers:
        raise NotNeeded(_NO_TIMER if patient.has_systemd else _NO_SCHEDULER)
    enabled = {link.name for folder in patient.timer_folders for link in folder.glob("*.wants/*.timer")}
    for timer in timers:
        if timer.name not in enabled:
            raise Wrong(_ASLEEP.format(timer=timer.name), _WAKE.format(timer=timer.name), who="municipality")
    return _ENABLED.format(named=", ".join(timer.name for timer in timers))


def _check_task(task: ScheduledTask) -> Text:
    if not task.installed:
        raise NotNeeded(_NO_TASK.format(name=task.name))
    if task.fault is not None:
        raise task.fault
    return _TASK.format(name=task.name)


def _runs_ktt(timer: Path) -> bool:
    try:
        return "ktt" in timer.with_suffix(".service").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
