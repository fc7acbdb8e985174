"""Writes a draft beside nothing of anybody's: a file that is there is not written over unless that is asked for."""

from __future__ import annotations

from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.extract.drafting.draft import Draft
from ktt.sender.extract.profiling.errors import OutputUnwritable

_THERE = Text(
    nb="den finnes fra før, og «--replace» er ikke brukt", en="it is there already, and `--replace` is not given"
)


def write_draft(draft: Draft, file: Path, *, replace: bool = False) -> None:
    """The mapping in `file`, and its code files in folders beside it. OutputUnwritable before anything is written."""
    texts = {file: draft.text} | {file.parent / name: text for name, text in draft.files.items()}
    for path in texts:
        if path.exists() and not replace:
            raise OutputUnwritable(file=path, reason=_THERE)
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise OutputUnwritable(file=fault.filename or file, reason=os_reason(fault)) from fault
