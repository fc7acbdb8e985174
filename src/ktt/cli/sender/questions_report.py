"""What a run says of the questions that a person has accepted."""

from __future__ import annotations

from collections.abc import Iterator

from ktt.core.text import Text
from ktt.sender.report import RunReport

_ACCEPTED = Text(nb="Godtatt: {name}. {says}", en="Accepted: {name}. {says}")
_IN_VAIN = Text(
    nb="«--accept {name}» trengs ikke: kjøringen stilte ikke det spørsmålet. Ta valget ut av kommandoen.",
    en="“--accept {name}” is not needed: the run did not ask about it. Take it out of the command.",
)


def question_words(report: RunReport) -> Iterator[Text]:
    """A sentence for each question that was accepted, and for each acceptance that nothing asked for."""
    for one in report.questions.questions:
        if one.name in report.questions.acceptance.names:
            yield _ACCEPTED.format(name=one.name, says=one.says)
    for name in report.questions.in_vain:
        yield _IN_VAIN.format(name=name)
