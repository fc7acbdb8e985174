"""Cases for a sender: each checks what was recorded while a scenario was run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.checks import Check
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.conformance.sender.scenario import Scenario

Subject = Callable[[RecordedScenario], Sequence[object]]
"""Selects what a case is about, such as the messages; when there is none of it, the case is skipped."""


@dataclass(frozen=True, slots=True)
class SenderCase:
    """A case (`conformance.case.Case`) for a sender. Without a scenario it checks all requests of the whole run."""

    name: str
    group: Text
    purpose: Text
    source: str
    expectation: Text
    scenario: Scenario | None
    check: Check
    subject: Subject
    level: Level = Level.MUST
    needs: frozenset[Ability] = frozenset()

    def describe_steps(self) -> Sequence[Text]:
        """The steps of the scenario."""
        if self.scenario is None:
            return [Text("Alt som ble sett i hele kjøringen.", "Everything that was seen in the whole run.")]
        return [step.description for step in self.scenario.steps]

    def describe_expectations(self) -> Sequence[Text]:
        """What must come of them."""
        return [self.expectation]


def messages(recorded: RecordedScenario) -> Sequence[object]:
    """The subject of a case about messages."""
    return recorded.messages


def token_requests(recorded: RecordedScenario) -> Sequence[object]:
    """The subject of a case about token requests."""
    return recorded.token_requests


def requests(recorded: RecordedScenario) -> Sequence[object]:
    """The subject of a case about any request."""
    return recorded.requests


@dataclass(slots=True)
class CaseGroup:
    """Collects the cases of one group of requirements. `source` is cited by the cases that cite nothing themselves."""

    title: Text
    source: str
    cases: list[SenderCase] = field(default_factory=list)

    def case(
        self,
        name: str,
        purpose: tuple[str, str],
        expectation: tuple[str, str],
        scenario: Scenario | None,
        check: Check,
        *,
        subject: Subject = messages,
        level: Level = Level.MUST,
        source: str = "",
        needs: Iterable[Ability] = (),
    ) -> None:
        """Add a case; purpose and expectation are in bokmål and English."""
        texts = Text(*purpose), source or self.source, Text(*expectation)
        needed = frozenset(needs) | (frozenset() if scenario is None else scenario.needs)
        self.cases.append(SenderCase(name, self.title, *texts, scenario, check, subject, level, needed))
