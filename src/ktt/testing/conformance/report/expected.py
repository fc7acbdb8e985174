"""Failures that are known: a file of cases that do not hold yet, each with a reason and a last day.

A case that is in the file and holds after all does not pass in silence: the file must always say what is so.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.testing.conformance.case import Case, Result, Verdict, failures
from ktt.testing.conformance.errors import ExpectationsUnreadable, NoSuchCase

_FORM = Text(
    nb="hver «[[case]]» har «name», «reason» og «until» (en dato)",
    en="each `[[case]]` has `name`, `reason` and `until` (a date)",
)
_TWICE = Text(nb="en prøve står der to ganger", en="a case is there twice")


@dataclass(frozen=True, slots=True)
class ExpectedFailure:
    """A case that is known not to hold, why, and the last day on which that is accepted."""

    name: str
    reason: str
    until: dt.date


@dataclass(frozen=True, slots=True)
class Judgement:
    """The results against the file: `unexpected` did not hold, `resolved` held although they are in the file."""

    unexpected: tuple[Result, ...]
    resolved: tuple[Result, ...]
    overdue: tuple[str, ...]
    expected: frozenset[str]


def read_expected(path: Path, cases: Sequence[Case]) -> Mapping[str, ExpectedFailure]:
    """The file's cases by name; ExpectationsUnreadable, NoSuchCase."""
    try:
        entries = [_entry(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["case"]]
    except OSError as fault:
        raise ExpectationsUnreadable(path=path, reason=os_reason(fault)) from fault
    except (ValueError, LookupError, TypeError) as fault:
        raise ExpectationsUnreadable(path=path, reason=_FORM) from fault
    found = {entry.name: entry for entry in entries}
    if len(found) != len(entries):
        raise ExpectationsUnreadable(path=path, reason=_TWICE)
    for unknown in sorted(found.keys() - {case.name for case in cases}):
        raise NoSuchCase(case=unknown[:20])
    return found


def _entry(row: dict[str, Any]) -> ExpectedFailure:
    entry = ExpectedFailure(**row)
    if not isinstance(entry.name, str) or not isinstance(entry.reason, str) or type(entry.until) is not dt.date:
        raise TypeError
    return entry


def judge(
    results: Sequence[Result], expected: Mapping[str, ExpectedFailure], today: dt.date, *, strict: bool = False
) -> Judgement:
    """Which results count. One whose last day has passed counts as any other; one that was skipped says nothing."""
    bad = failures(results, strict=strict)
    known = {name for name, entry in expected.items() if entry.until >= today}
    held = [one for one in results if one.case.name in expected and one.verdict is Verdict.PASSED]
    return Judgement(
        unexpected=tuple(one for one in bad if one.case.name not in known),
        resolved=tuple(held),
        overdue=tuple(sorted(_names(bad) & (expected.keys() - known))),
        expected=frozenset(_names(bad) & known),
    )


def _names(results: Collection[Result]) -> set[str]:
    return {one.case.name for one in results}
