"""The results as data: what `--json` prints, what `--out` writes and signs, and what two runs are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.testing.conformance.case import Case, Result, counts
from ktt.testing.conformance.errors import ResultUnreadable
from ktt.testing.conformance.report.about import About
from ktt.testing.conformance.report.remedies import links, remedy

_NO_RESULT = Text(nb="den er ikke et resultat fra «ktt conformance»", en="it is no result of `ktt conformance`")


def case_data(case: Case) -> dict[str, Any]:
    """A case as it is listed."""
    return {
        "name": case.name,
        "group": case.group,
        "purpose": case.purpose,
        "level": case.level.name.lower(),
        "source": case.source,
        "steps": list(case.describe_steps()),
        "expects": list(case.describe_expectations()),
    }


def result_data(end: str, result: Result) -> dict[str, Any]:
    """A case with its verdict, and what to do when it did not hold."""
    return {
        **case_data(result.case),
        "verdict": result.verdict.value,
        "reasons": list(result.reasons),
        "remedy": remedy(end, result.case) if result.wrong else None,
        "links": links(result.case),
        "seconds": round(result.seconds, 3),
        "requests_of": result.shared,
        "requests": list(result.requests),
        "runs": list(result.runs),
    }


def document(results: Sequence[Result], about: About) -> dict[str, Any]:
    """The whole result: what was tested, the numbers, and each case."""
    cases = [result_data(about.end, result) for result in results]
    return {"about": about.as_data(), "counts": counts(results), "cases": cases}


def read_document(path: Path) -> dict[str, Any]:
    """A result that `--json` printed or `--out` wrote; ResultUnreadable."""
    try:
        read = _checked(orjson.loads(path.read_bytes()))
    except OSError as fault:
        raise ResultUnreadable(path=path, reason=os_reason(fault)) from fault
    except (ValueError, LookupError, TypeError) as fault:
        raise ResultUnreadable(path=path, reason=_NO_RESULT) from fault
    return read


def _checked(read: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(case["name"], str) and isinstance(case["verdict"], str) for case in read["cases"]):
        raise TypeError
    return {**read, "about": {**read["about"], "whom": str(read["about"]["whom"])}, "counts": dict(read["counts"])}
