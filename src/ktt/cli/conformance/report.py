"""The output of both suites: tables, JSON, and files; and how a run ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ktt.cli.conformance.files import write_files
from ktt.cli.conformance.options import Outputs
from ktt.cli.show import emit, language, note, table
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.conformance.case import Case, Result
    from ktt.testing.conformance.report.expected import ExpectedFailure, Judgement
    from ktt.testing.conformance.report.signature import SigningKey

_CASE, _WHAT = Text(nb="Prøve", en="Case"), Text(nb="Hva", en="What")
_GROUP, _ALL = Text(nb="Gruppe", en="Group"), Text(nb="I alt", en="In all")


def list_cases(cases: Sequence[Case], *, json: bool) -> None:
    """Print the cases without running them."""
    from ktt.testing.conformance.report.document import case_data

    columns = (_CASE, _WHAT, Text(nb="Krav", en="Level"), Text(nb="Kilde", en="Source"))
    rows = [(one.name, one.purpose.in_(language()), one.level.value.in_(language()), one.source) for one in cases]
    emit([case_data(case) for case in cases], json=json, render=lambda: table(columns, rows))


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a run is reported, made before it begins so that no wrong option is told after minutes."""

    end: str
    whom: str
    suite: Sequence[Case]  # all its cases, whichever are run
    outputs: Outputs
    packs: tuple[str, ...] = ()
    expected: Mapping[str, ExpectedFailure] = field(default_factory=dict)
    key: SigningKey | None = None
    strict: bool = False

    def report(self, results: Sequence[Result], *, json: bool, every: bool) -> None:
        """Print the results and write the files; then raise what `conclude` does."""
        from ktt.core.clock import SystemClock, norwegian_day
        from ktt.testing.conformance.report.about import About, versions
        from ktt.testing.conformance.report.document import document
        from ktt.testing.conformance.report.expected import judge

        now = SystemClock().now()
        packs = (self.packs,) if self.packs else ()
        about = About(self.end, self.whom, now, versions(self.suite, *packs))
        judgement = judge(results, self.expected, norwegian_day(now), strict=self.strict)
        data = document(results, about)
        data["expected_failures"] = sorted(judgement.expected)
        write_files(results, about, self.outputs, key=self.key, document=data, expected=judgement.expected)
        emit(data, json=json, render=lambda: _tables(results, self.end, every=every))
        if not json:
            note(Text(nb=f"Prøvd med {about.versions}.", en=f"Tested with {about.versions}."))
        conclude(results, judgement)


def reporting_for(
    end: str,
    whom: str,
    suite: Sequence[Case],
    outputs: Outputs,
    expected: Path | None,
    *,
    strict: bool = False,
    packs: tuple[str, ...] = (),
) -> Reporting:
    """What is needed to report, read and checked: the key, and the file of expected failures."""
    from ktt.testing.conformance.report.expected import read_expected

    known = {} if expected is None else read_expected(expected, suite)
    return Reporting(end, whom, suite, outputs, packs, known, outputs.signing_key(), strict)


def conclude(results: Sequence[Result], judgement: Judgement) -> None:
    """NotConformant when a case did not hold, ExpectationsOutdated, NothingToTest when the sender ran and sent nothing."""
    from ktt.testing.conformance.case import Verdict
    from ktt.testing.conformance.errors import ExpectationsOutdated, NotConformant, NothingToTest

    checked = [one for one in results if one.verdict is not Verdict.SKIPPED]
    why_silent = [one.reasons[0] for one in results if one.runs and one.reasons]
    if not checked and why_silent:
        raise NothingToTest(reason=why_silent[0].in_(language()).rstrip("."))
    if judgement.overdue:
        late = ", ".join(judgement.overdue)
        note(Text(nb=f"Fristen er ute for ventede feil: {late}.", en=f"Expected failures are overdue: {late}."))
    if judgement.unexpected:
        raise NotConformant(failed=len(judgement.unexpected), run=len(checked))
    if judgement.resolved:
        raise ExpectationsOutdated(cases=", ".join(one.case.name for one in judgement.resolved))


def _tables(results: Sequence[Result], end: str, *, every: bool) -> RenderableType:
    from rich.console import Group

    from ktt.testing.conformance.case import Verdict

    hidden = set() if every else {Verdict.PASSED}
    parts = [_groups(results)]
    rows = [result for result in results if result.verdict not in hidden]
    if rows:
        parts.append(_cases(rows, end))
    return Group(*parts)


def _groups(results: Sequence[Result]) -> Any:
    from ktt.testing.conformance.case import Verdict, counts
    from ktt.testing.conformance.report.page import MARKS, WORDS

    titles = list(dict.fromkeys(result.case.group for result in results))
    columns: list[Text | str] = [_GROUP, *(f"{MARKS[one]} {WORDS[one].in_(language())}" for one in Verdict)]
    rows = [
        (title.in_(language()), *_numbers(counts(one for one in results if one.case.group == title)))
        for title in titles
    ]
    return table(columns, [*rows, (_ALL.in_(language()), *_numbers(counts(results)))])


def _numbers(found: dict[str, int]) -> list[int | None]:
    return [number or None for number in found.values()]


def _cases(results: Sequence[Result], end: str) -> Any:
    from ktt.testing.conformance.report.page import MARKS
    from ktt.testing.conformance.report.remedies import remedy

    columns = (_CASE, "", _WHAT, Text(nb="Hvorfor", en="Why"), Text(nb="Hva dere gjør", en="What to do"))
    rows = [
        (
            one.case.name,
            MARKS[one.verdict],
            one.case.purpose.in_(language()),
            " ".join(reason.in_(language()) for reason in one.reasons),
            _what_to_do(one, remedy(end, one.case)) if one.wrong else "",
        )
        for one in results
    ]
    return table(columns, rows)


def _what_to_do(one: Result, remedy: Text) -> str:
    expected = " ".join(text.in_(language()) for text in one.case.describe_expectations())
    word = Text(nb="Ventet", en="Expected").in_(language())
    return f"{remedy.in_(language())} {word}: {expected} ({one.case.source})"
