"""Cases for a receiver: steps, each with what must come of it, and what the case needs to be played at all."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.receiver.expectation import Expect
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import Heard
from ktt.testing.conformance.receiver.submission import Post

EVERYDAY = Text("Send en vanlig melding.", "Send an everyday message.")
DEVIANT = Text("Send en vanlig melding, men med dette avviket.", "Send an everyday message, but with this deviation.")


class Need(enum.Enum):
    """What a case cannot do without, and why it is skipped when it is missing."""

    ISSUER = Text(
        "Krever en HelseID som lager gale tokener; sandkassens gjør det.",
        "Needs a HelseID that makes broken tokens; the sandbox's does.",
    )
    KNOBS = Text(
        "Krever et mottak som kan feile på bestilling; sandkassens kan.",
        "Needs a receiver that fails on request; the sandbox's does.",
    )
    PACK = Text(
        "Krever våre egne meldingstyper (ktt_v1).",
        "Needs our own message types (ktt_v1).",
    )
    ANNOUNCED = Text(
        "Krever en meldingstype som er kjent, men uten skjema («--announced»).",
        "Needs a message type that is known but has no schema (`--announced`).",
    )


Act = Callable[[Bench], Heard]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, and what must come of it (None: nothing is judged)."""

    says: Text
    act: Act
    expect: Expect | None


@dataclass(frozen=True, slots=True)
class ReceiverCase:
    """A case; see `case.Described`."""

    name: str
    group: Text
    purpose: Text
    source: str
    steps: tuple[Step, ...]
    needs: frozenset[Need] = frozenset()
    level: Level = Level.MUST

    def steps_say(self) -> Sequence[Text]:
        """What is done."""
        return [step.says for step in self.steps]

    def expects(self) -> Sequence[Text]:
        """What must come of it."""
        return [step.expect.says() for step in self.steps if step.expect is not None]


def sends(expect: Expect | None, says: Text = EVERYDAY, **changes: Any) -> Step:
    """A step that sends one message."""
    post = Post(**changes)
    return Step(says, lambda bench: bench.send(post), expect)


def asks(expect: Expect, nb: str, en: str, act: Act) -> Step:
    """A step that does something else."""
    return Step(Text(nb, en), act, expect)


@dataclass(slots=True)
class Group:
    """Collects the cases of one requirement group."""

    title: Text
    source: str
    cases: list[ReceiverCase] = field(default_factory=list)

    def case(self, name: str, nb: str, en: str, *steps: Step, source: str = "", needs: Iterable[Need] = ()) -> None:
        """A case of one or more steps."""
        purpose, where = Text(nb, en), " ".join(filter(None, [self.source, source]))
        self.cases.append(ReceiverCase(name, self.title, purpose, where, steps, frozenset(needs)))

    def one(
        self, name: str, nb: str, en: str, expect: Expect, *, source: str = "", needs: Iterable[Need] = (), **post: Any
    ) -> None:
        """A case of one message that differs from an everyday one in what `post` says; see `Post`."""
        needed = {*needs, *([Need.ISSUER] if post.get("order") is not None else [])}
        self.case(name, nb, en, sends(expect, DEVIANT, **post), source=source, needs=needed)
