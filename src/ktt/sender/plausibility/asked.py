"""All that one run is asked at once, and what a person has accepted of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ktt.core.text import Text
from ktt.sender.plausibility.errors import QuestionsOpen, ReasonMissing
from ktt.sender.plausibility.question import NOTHING_ACCEPTED, Acceptance, Accepted, Question


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a run, in the order in which they are told, and the acceptance that it was given."""

    questions: Sequence[Question] = ()
    acceptance: Acceptance = NOTHING_ACCEPTED

    @property
    def open(self) -> list[Question]:
        """The questions that nobody has accepted."""
        return [one for one in self.questions if one.name not in self.acceptance.names]

    @property
    def in_vain(self) -> list[str]:
        """The names that were accepted and are no questions of this run."""
        return sorted(set(self.acceptance.names) - {one.name for one in self.questions})

    def accepted(self, day: dt.date) -> list[Accepted]:
        """What is to be kept of the acceptance."""
        return [
            Accepted(one.name, day, _text(one.then), _text(one.now), self.acceptance.reason, self.acceptance.by)
            for one in self.questions
            if one.name in self.acceptance.names
        ]

    def stop(self) -> QuestionsOpen | None:
        """Why nothing may be sent; None when everything is accepted."""
        if not self.open:
            return None
        told = [(one.name, one.says) for one in self.open]
        nb, en = ("".join(f"\n  {name}: {says.in_(spoken)}" for name, says in told) for spoken in ("nb", "en"))
        accept = " ".join(f"--accept {name}" for name, _ in told)
        return QuestionsOpen(count=len(told), questions=Text(nb=nb, en=en), accept=accept)

    def as_data(self) -> list[dict[str, Any]]:
        """The questions as plain data."""
        return [one.as_data(accepted=one.name in self.acceptance.names) for one in self.questions]


NO_QUESTIONS = Questions()


def acceptance_of(names: Sequence[str], reason: str, by: str) -> Acceptance:
    """What someone types; ReasonMissing when one of the two stands alone."""
    if bool(names) != bool(reason.strip()):
        raise ReasonMissing
    return Acceptance(frozenset(names), reason.strip(), by)


def _text(figure: int | str | None) -> str | None:
    return None if figure is None else str(figure)
