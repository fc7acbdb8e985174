"""What the registry waits for, in a sentence."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.messages.follow_ups import FollowUp

_SAYS = Text(
    nb="FHI venter på dere: {says} Frist {deadline} (sak {number}).",
    en="FHI waits for you: {says} Deadline {deadline} (case {number}).",
)


def sentence(one: FollowUp) -> Text:
    """The whole of it."""
    return _SAYS.format(says=one.says, deadline=one.deadline, number=str(one.number))
