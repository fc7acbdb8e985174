"""`ktt doctor`: everything that a sender needs, each link with ✓ or ✗, what to do, and who does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile
from ktt.cli.show import JsonFlag, emit, language
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.doctor.examine import Examination
    from ktt.sender.doctor.line import Line

_MARKS = {"good": "✓", "bad": "✗", "blocked": "–", "not_needed": "–"}
_TO_DO = Text(nb="{remedy} ({who} gjør det)", en="{remedy} (done by: {who})")
_ALL_WELL = Text(nb="✓ Alt i orden.", en="✓ All is well.")
_NOT_WELL = Text(
    nb="✗ {bad:ledd|ledd} er ikke i orden, {blocked:ledd|ledd} er ikke prøvd.",
    en="✗ {bad:link|links} not in order, {blocked:link|links} not tried.",
)


def doctor(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Changes nothing, here or at the other end. Goes on after a fault; the exit code is the class of the worst."""
    from ktt.wiring.sender import examined

    found = examined(config)
    emit(found.as_data(), json=json, render=lambda: _shown(found))
    raise typer.Exit(found.exit_code)


def _shown(found: Examination) -> str:
    lines = [said for line in found.lines for said in _said(line)]
    bad, blocked = (sum(line.state == state for line in found.lines) for state in ("bad", "blocked"))
    summary = _NOT_WELL.format(bad=bad, blocked=blocked) if bad else _ALL_WELL
    return "\n".join([*lines, "", summary.in_(language())])


def _said(line: Line) -> list[str]:
    from ktt.sender.doctor.line import WHO

    spoken = language()
    said = [f"{_MARKS[line.state]} {line.title.in_(spoken)}: {line.says.in_(spoken)}"]
    if line.remedy is not None and line.who is not None:
        said.append("    " + _TO_DO.format(remedy=line.remedy, who=WHO[line.who]).in_(spoken))
    return said
