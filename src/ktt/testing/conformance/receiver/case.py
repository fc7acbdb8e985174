"""Cases for a receiver: steps, each with the expected answer, and what is needed to run the case at all."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.receiver.expectation import Expectation
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import Submission

EVERYDAY = Text("Send en vanlig melding.", "Send an everyday message.")
DEVIANT = Text("Send en vanlig melding, men med dette avviket.", "Send an everyday message, but with this deviation.")


class Need(enum.Enum):
    """What a case cannot do without, and the reason that is given when it is missing and the case is skipped."""

    ISSUER = Text(
        "Krever en HelseID som lager gale tokener; sandkassens gjør det.",
        "Needs a HelseID that makes broken tokens; the sandbox's does.",
    )
    FAULTS = Text(
        "Krever et mottak som kan feile på bestilling; sandkassens kan.",
        "Needs a receiver that fails on request; the sandbox's does.",
    )
    ANNOUNCED = Text(
        "Krever en meldingstype som er kjent, men uten skjema; sandkassen har en.",
        "Needs a message type that is known but has no schema; the sandbox has one.",
    )


Action = Callable[[ReceiverHarness], RawResponse]
Row = tuple[str, str, str, str, Expectation, dict[str, Any]]
"""A case of a single message: name, source (or empty), purpose in bokmål and English, expectation, arguments of `single`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, and the expected answer (None: the answer is not checked)."""

    description: Text
    action: Action
    expectation: Expectation | None


@dataclass(frozen=True, slots=True)
class ReceiverCase:
    """A case (`conformance.case.Case`) for a receiver."""

    name: str
    group: Text
    purpose: Text
    source: str
    steps: tuple[Step, ...]
    needs: frozenset[Need] = frozenset()
    level: Level = Level.MUST

    def describe_steps(self) -> Sequence[Text]:
        """What is done, step by step."""
        return [step.description for step in self.steps]

    def describe_expectations(self) -> Sequence[Text]:
        """The expected answer of each step that has one."""
        return [step.expectation.describe() for step in self.steps if step.expectation is not None]


def sends(expectation: Expectation | None, description: Text = EVERYDAY, **changes: Any) -> Step:
    """A step that sends one message."""
    submission = Submission(**changes)
    return Step(description, lambda harness: harness.send(submission), expectation)


def does(expectation: Expectation, nb: str, en: str, action: Action) -> Step:
    """A step that does something else."""
    return Step(Text(nb, en), action, expectation)


@dataclass(slots=True)
class CaseGroup:
    """Collects the cases of one group of requirements. `source` is cited by the cases that cite nothing themselves."""

    title: Text
    source: str
    cases: list[ReceiverCase] = field(default_factory=list)

    def case(self, name: str, nb: str, en: str, *steps: Step, source: str = "", needs: Iterable[Need] = ()) -> None:
        """Add a case of one or more steps."""
        purpose = Text(nb, en)
        self.cases.append(ReceiverCase(name, self.title, purpose, source or self.source, steps, frozenset(needs)))

    def single(
        self,
        name: str,
        nb: str,
        en: str,
        expectation: Expectation,
        *,
        source: str = "",
        needs: Iterable[Need] = (),
        **changes: Any,
    ) -> None:
        """Add a case of a single message that differs from an everyday one in these fields of `Submission`."""
        needed = {*needs, *([Need.ISSUER] if changes.get("token_spec") is not None else [])}
        self.case(name, nb, en, sends(expectation, DEVIANT, **changes), source=source, needs=needed)

    def table(self, *rows: Row) -> None:
        """Add cases of a single message, one for each row."""
        for name, source, nb, en, expectation, changes in rows:
            self.single(name, nb, en, expectation, source=source, **changes)
