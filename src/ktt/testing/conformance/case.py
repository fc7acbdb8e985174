"""What a case is, and what became of it. Both suites, and both reports, speak of these."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ktt.core.text import Text
from ktt.testing.conformance.errors import NoSuchCase

NAME = re.compile(r"[NF][1-9]\d{0,2}")


class Level(enum.Enum):
    """Whether a case is the published protocol, or what it cannot work without, or good practice beyond it."""

    MUST = Text("skal", "must")
    SHOULD = Text("bør", "should")


class Described(Protocol):
    """A case as it is listed: its name, why it is there, what is done, what must come of it, and who says so."""

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
    def steps_say(self) -> Sequence[Text]:
        """What is done."""
        ...

    def expects(self) -> Sequence[Text]:
        """What must come of it."""
        ...


class Verdict(enum.StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    ADVICE = "advice"  # good practice that was not followed
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """A case that was played, or skipped: why, and the requests that were made or seen.

    `shared` is the case whose requests these are, when several judge the same ones; `runs` are the sender's own words.
    """

    case: Described
    verdict: Verdict
    reasons: tuple[Text, ...] = ()
    requests: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    seconds: float = 0.0
    shared: str | None = None
    runs: tuple[dict[str, Any], ...] = field(default=(), repr=False)


C = TypeVar("C", bound=Described)


def chosen(cases: Sequence[C], only: str | None) -> list[C]:
    """The cases that `N3,F12` names, in the suite's order; all without it; NoSuchCase."""
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
    """How many there are of each verdict."""
    found = [result.verdict for result in results]
    return {verdict.value: found.count(verdict) for verdict in Verdict}
