"""One way to break the schema of a message."""

from __future__ import annotations

from dataclasses import dataclass

from ktt.core.text import Text
from ktt.rules.rule import Cause, Consequence


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """What a schema demands, with a piece of a message that keeps it and one that breaks it."""

    id: str
    says: Text
    remedy: Text
    keeps: str
    breaks: str
    source: str
    consequence: Consequence = Consequence.REJECT_MESSAGE
    cause: Cause = Cause.EXTRACTION
