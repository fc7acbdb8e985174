"""What a case is, and the result of running it: the types that both suites and the reports share."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ktt.core.text import Text
from ktt.testing.conformance.errors import NoSuchCase

NAME = re.compile(r"[NF][1-9]\d{0,2}")
"""The form of a case's name: `N…` when all goes well, `F…` when something is wrong or fails."""


class Level(enum.Enum):
    """How binding a case is: `must` is the published protocol or what it presupposes, `should` is good practice."""

    MUST = Text("skal", "must")
    SHOULD = Text("bør", "should")


class Case(Protocol):
    """A case as it is listed and reported. `source` is a list of citations, separated by `; `."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def group(self) -> Text: ...  # noqa: D102
    @property
    def purpose(self) -> Text: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> Level: ...  # noqa: D102
    def describe_steps(self) -> Sequence[Text]:
        """What is done, step by step."""
        ...

    def describe_expectations(self) -> Sequence[Text]:
        """What must come of it."""
        ...


class Verdict(enum.StrEnum):
    """The outcome of a case."""

    PASSED = "passed"
    FAILED = "failed"
    ADVICE = "advice"  # a `should` that does not hold
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on a case with its reasons, and the requests that were sent or recorded.

    `shared` names the case that shows these requests, when several cases are about the same ones; `runs` are the exit
    codes and output of the sender under test.
    """

    case: Case
    verdict: Verdict
    reasons: tuple[Text, ...] = ()
    requests: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    seconds: float = 0.0
    shared: str | None = None
    runs: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @property
    def wrong(self) -> bool:
        """Whether the case did not hold, as a must or as advice."""
        return self.verdict in {Verdict.FAILED, Verdict.ADVICE}


OnResult = Callable[[Result], None]
"""Is called with each result as soon as it is there."""

C = TypeVar("C", bound=Case)


def select_cases(cases: Sequence[C], only: str | None) -> list[C]:
    """The cases named in a text such as `N3,F12`, in the suite's order; all of them without a text. NoSuchCase."""
    if only is None:
        return list(cases)
    wanted = [name.strip().upper() for name in only.split(",") if name.strip()]
    known = {case.name for case in cases}
    for name in wanted:
        if name not in known:
            raise NoSuchCase(case=name[:20])
    return [case for case in cases if case.name in wanted]


def failures(results: Iterable[Result], *, strict: bool = False) -> list[Result]:
    """The cases that did not hold; with `strict` also the advice that was not followed."""
    bad = {Verdict.FAILED, Verdict.ADVICE} if strict else {Verdict.FAILED}
    return [result for result in results if result.verdict in bad]


def counts(results: Iterable[Result]) -> dict[str, int]:
    """How many results have each verdict."""
    found = [result.verdict for result in results]
    return {verdict.value: found.count(verdict) for verdict in Verdict}
