"""A profile as a file, and whichever of the two a command is given: such a file, or an address to scan."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.extract.profiling.disclosure import DEFAULT_AT_LEAST
from ktt.sender.extract.profiling.errors import OutputUnwritable, ProfileUnreadable
from ktt.sender.extract.profiling.model import SourceProfile, profile_of
from ktt.sender.extract.profiling.scan import Progress, scan_source

_OTHER = Text(nb="den har et annet innhold", en="it has other contents")


def write_profile(profile: SourceProfile, file: Path) -> None:
    """Write it as JSON."""
    text = json.dumps(profile.as_data(), ensure_ascii=False, indent=1)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise OutputUnwritable(file=file, reason=os_reason(fault)) from fault


def read_profile(file: Path) -> SourceProfile:
    """The profile in a file."""
    try:
        return profile_of(json.loads(file.read_text(encoding="utf-8")))
    except OSError as fault:
        reason = os_reason(fault)
        raise ProfileUnreadable(file=file, reason_nb=reason.nb, reason_en=reason.en) from fault
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ProfileUnreadable(file=file, reason_nb=_OTHER.nb, reason_en=_OTHER.en) from fault


def profile_at(
    place: str, today: dt.date, at_least: int = DEFAULT_AT_LEAST, progress: Progress = lambda *_: None
) -> SourceProfile:
    """The profile that a file holds, or of the source that an address leads to."""
    if "://" in place:
        return scan_source(place, today, at_least, progress)
    return read_profile(Path(place))
