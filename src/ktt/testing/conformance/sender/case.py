"""Cases for a sender: scenes that are played once, and sentences that are judged by what was seen in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.conformance.sender.request import Kind, Wish

if TYPE_CHECKING:
    from ktt.testing.conformance.sender.harness import Stage

Judge = Callable[[Seen], list[Text]]
Subject = Callable[[Seen], Sequence[object]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done in a scene."""

    says: Text
    act: Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is done, and what the sender must be able to do for it. Two scenes are the same only if they are one."""

    name: str
    steps: tuple[Step, ...]
    needs: frozenset[Ability] = frozenset()
    base_path: str = ""
    slash: str = ""  # what stands after the receiver's base address in the set-up
    host: str = "127.0.0.1"


def wants(kind: Kind, count: int = 1) -> Step:
    """The sender is to have something to send."""
    wish = Wish(kind, count)
    return Step(wish.says(), lambda stage: stage.fulfil(wish))


def arms(fault: str, count: int = 1, seconds: float = 0.0) -> Step:
    """A fault waits for the next requests."""
    times = Text(f" {count} ganger" if count > 1 else "", f" {count} times" if count > 1 else "")
    says = Text(f"Be om feilen «{fault}»{times.nb}.", f"Ask for the fault `{fault}`{times.en}.")
    return Step(says, lambda stage: stage.fail(fault, count, seconds))


def does(nb: str, en: str, act: Callable[[Stage], None]) -> Step:
    """Anything else."""
    return Step(Text(nb, en), act)


RUNS = does("La avsenderen sende.", "Let the sender send.", lambda stage: stage.run())
AGAIN = does(
    "La avsenderen sende igjen, om noe står igjen.",
    "Let the sender send again, if anything is left.",
    lambda stage: stage.run_on(),
)
CALM = does("La alt gå bra igjen.", "Let all go right again.", lambda stage: stage.calm())


@dataclass(frozen=True, slots=True)
class SenderCase:
    """A case; see `case.Described`. `subject` is what it is about: where there is none of it, nothing can be said.

    Without a scene it judges everything that was seen in the whole run.
    """

    name: str
    group: Text
    purpose: Text
    source: str
    expect: Text
    scene: Scene | None
    judge: Judge
    subject: Subject
    level: Level = Level.MUST
    needs: frozenset[Ability] = frozenset()

    def steps_say(self) -> Sequence[Text]:
        """What is done."""
        if self.scene is None:
            return [Text("Alt som ble sett i hele kjøringen.", "Everything that was seen in the whole run.")]
        return [step.says for step in self.scene.steps]

    def expects(self) -> Sequence[Text]:
        """What must come of it."""
        return [self.expect]


def posts(seen: Seen) -> Sequence[object]:
    """A case about messages."""
    return seen.posts


def tokens(seen: Seen) -> Sequence[object]:
    """A case about token requests."""
    return seen.token_requests


def requests(seen: Seen) -> Sequence[object]:
    """A case about any request."""
    return seen.requests


@dataclass(slots=True)
class Group:
    """Collects the cases of one requirement group."""

    title: Text
    source: str
    cases: list[SenderCase] = field(default_factory=list)

    def case(
        self,
        name: str,
        purpose: tuple[str, str],
        expect: tuple[str, str],
        scene: Scene | None,
        judge: Judge,
        *,
        subject: Subject = posts,
        level: Level = Level.MUST,
        source: str = "",
        needs: Iterable[Ability] = (),
    ) -> None:
        """A case: what it is for, and what must be seen, both in bokmål and English."""
        where = source or self.source
        needed = frozenset(needs) | (frozenset() if scene is None else scene.needs)
        case = SenderCase(name, self.title, Text(*purpose), where, Text(*expect), scene, judge, subject, level, needed)
        self.cases.append(case)
