"""The results as one web page: nothing is fetched, nothing runs; bokmål, or English when the reader chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from ktt.core.clock import OSLO
from ktt.core.html.environment import pretty, render
from ktt.core.text import Text
from ktt.testing.conformance.case import Result, Verdict, counts, failures
from ktt.testing.conformance.report.about import About
from ktt.testing.conformance.report.remedies import links, remedy

MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.ADVICE: "!", Verdict.SKIPPED: "–"}
"""Beside its word, never alone."""

WORDS = {
    Verdict.PASSED: Text("bestått", "passed"),
    Verdict.FAILED: Text("ikke bestått", "failed"),
    Verdict.ADVICE: Text("råd ikke fulgt", "advice not followed"),
    Verdict.SKIPPED: Text("ikke prøvd", "skipped"),
}

_COLOURS = {Verdict.FAILED: "danger", Verdict.ADVICE: "warning"}  # what is well needs no colour
_TEMPLATES = Path(__file__).parent / "templates"
_TITLES = {
    "receiver": Text("Samsvarsprøve av et mottak", "Conformance of a receiver"),
    "sender": Text("Samsvarsprøve av en avsender", "Conformance of a sender"),
}


def as_page(results: Sequence[Result], about: About) -> bytes:
    """HTML in UTF-8."""
    found = counts(results)
    return render(
        _TEMPLATES,
        "results.html.jinja",
        title=_TITLES[about.end],
        about=about,
        at=about.at.astimezone(OSLO),
        results=results,
        groups=[(group, list(cases)) for group, cases in groupby(results, key=lambda one: one.case.group)],
        bad=failures(results, strict=True),
        shown=[verdict for verdict in Verdict if found[verdict.value]],
        counts=counts,
        marks=MARKS,
        colours=_COLOURS,
        words=WORDS,
        written=_written,
        remedy=lambda case: remedy(about.end, case),
        links=links,
    )


def _written(value: Any) -> str:
    """Headers as lines, JSON indented, text as it is; a message is JSON again where it can be."""
    if isinstance(value, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in value):  # noqa: PLR2004
        return "\n".join(f"{name}: {text}" for name, text in value)
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError:
            return str(value)
    return pretty(value)
