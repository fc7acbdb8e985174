"""The query of an address, read by a form for each parameter; what cannot be read is answered with its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ktt.receiver.http.refusal import Refusal
from ktt.wire.answers import AnswerError

_UNKNOWN = "?"


def read_parameters(
    query: list[tuple[str, str]], forms: Mapping[str, re.Pattern[str]], required: Collection[str] = ()
) -> dict[str, str]:
    """The parameters, each at most once and in its form; 400 for the others, and for those that are missing."""
    given = dict(query)
    wrong = {name if name in forms else _UNKNOWN for name in given if name not in forms or _twice(name, query)}
    wrong |= {name for name, form in forms.items() if name in given and form.fullmatch(given[name]) is None}
    wrong |= {name for name in required if name not in given}
    if wrong:
        raise refuse_parameters(wrong)
    return given


def refuse_parameters(names: Collection[str]) -> Refusal:
    """400 for these."""
    says = "The query parameter cannot be used"
    return Refusal(
        400, *(AnswerError(None, "BadRequest", says, property_name=name) for name in sorted(names)), why="query"
    )


def _twice(name: str, query: list[tuple[str, str]]) -> bool:
    return sum(name == one for one, _ in query) > 1
