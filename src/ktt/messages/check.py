"""A message against its schema: every violation with its place and a sentence, and never the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ktt.core.text import Text
from ktt.messages import strict_json
from ktt.messages.packs.schemas.bounds import is_bounded
from ktt.messages.packs.schemas.faults import Fault, FaultFinder
from ktt.messages.packs.schemas.keywords import Steps, pointer
from ktt.messages.packs.schemas.sentences import limit, sentence, shown_steps
from ktt.messages.version import SchemaViolation

_TOO_DENSE = Text(
    nb="Meldingen har flere verdier enn en melding av denne størrelsen kan ha når den følger skjemaet.",
    en="The message has more values than one of its size can have when it fits the schema.",
)
_ABOUT_VALUES = frozenset({"type", "enum", "not", "minLength", "maxLength", "pattern", "format", "propertyNames"})


class Checker:
    """Checks messages against one self-contained schema. Formats (days, instants) are demanded, not only noted.

    `beside` finds what the schema has no keyword for, in a parsed message that fits it.
    """

    def __init__(self, schema: Mapping[str, Any], beside: Callable[[Any], Iterable[SchemaViolation]]) -> None:
        self._finder, self._beside = FaultFinder(schema), beside
        self._is_bounded = is_bounded(schema)

    def check(self, message: bytes, at_most: int) -> list[SchemaViolation]:
        """Up to `at_most` violations in the order of the message; MessageNotJson when it is not strict JSON.

        Time and memory are in proportion to the message and to `at_most`, however many violations there are.
        """
        if self._is_bounded and strict_json.is_too_dense(message):
            strict_json.prove_syntax(message)
            return [SchemaViolation("", "maxItems", _TOO_DENSE)]
        with strict_json.collector_paused():
            value = strict_json.parse(message)
            fits = self._finder.fits(value)
            if not (fits and self._is_bounded):
                strict_json.prove_bounds(message, value)
            if fits:
                return list(islice(self._beside(value), at_most))
            return [_violation(fault) for fault in islice(_once_a_value(self._finder.faults(value)), at_most)]


def _once_a_value(faults: Iterable[Fault]) -> Iterator[Fault]:
    """A value that breaks several keywords (not a text, so not a day either) counts once, with the first of them."""
    seen: set[Steps] = set()
    for fault in faults:
        if fault.keyword not in _ABOUT_VALUES:
            yield fault
        elif fault.steps not in seen:
            seen.add(fault.steps)
            yield fault


def _violation(fault: Fault) -> SchemaViolation:
    return SchemaViolation(pointer(shown_steps(fault)), fault.keyword, sentence(fault), limit(fault))
