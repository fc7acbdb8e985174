"""The texts that a schema allows, as kinds of value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ktt.messages.automaton import characters, expressions
from ktt.messages.automaton.characters import DIGITS, PLAIN, Characters, one
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.kinds import ANNOTATIONS, JsonSchema, Kind
from ktt.messages.automaton.patterns import Run, Texts, admits, class_of, single_run, texts_of

_LONGEST = 250  # characters; longer texts are left to the schema where it says how long they may be
_HEXADECIMAL = characters.of([*DIGITS, (ord("A"), ord("F")), (ord("a"), ord("f"))])
_SHAPES: Mapping[str, tuple[str, str, tuple[Characters, ...]]] = {
    "date": (
        '"2000-01-01"',
        expressions.DAY,
        (characters.common(DIGITS, ((ord("1"), ord("9")),)), *[DIGITS] * 3, *[one("-"), DIGITS, DIGITS] * 2),
    ),
    "uuid": (
        '"00000000-0000-0000-0000-000000000000"',
        expressions.UUID,
        tuple(one("-") if place in (8, 13, 18, 23) else _HEXADECIMAL for place in range(36)),
    ),
}
"""Formats whose texts are all equally long: a sample, the language, and what may stand at each place of it."""
_INSTANT = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
"""The one pattern that may stand beside the format of an instant: every text of `expressions.INSTANT` fits it."""
_INSTANT_LENGTHS = range(len("2000-01-01T00:00:00Z"), len("2000-01-01T00:00:00.123456789+01:00") + 1)


class _Demands:
    """What a schema demands of texts, its `allOf` and `not` included."""

    def __init__(self, schema: JsonSchema) -> None:
        self.least, self.most = 0, None
        self.patterns: list[str] = []
        self.formats: list[str] = []
        self.allowed = PLAIN
        self._gather(schema)

    least: int
    most: int | None

    def _gather(self, schema: JsonSchema) -> None:
        for keyword, value in schema.items():
            if keyword == "minLength":
                self.least = max(self.least, _whole(value))
            elif keyword == "maxLength":
                self.most = _whole(value) if self.most is None else min(self.most, _whole(value))
            elif keyword in ("pattern", "format"):
                (self.patterns if keyword == "pattern" else self.formats).append(value)
            elif keyword == "not":
                self.allowed = characters.common(self.allowed, characters.others(_unwanted(value)))
            elif keyword == "allOf":
                for inner in value:
                    self._gather(_of_texts(inner))
            elif keyword in ("anyOf", "oneOf", "if", "then", "else", "enum", "const"):
                raise NotRegular(keyword)

    def lengths(self, shortest: int, longest: int | None) -> bool:
        """Whether texts so long are never too short or too long."""
        return shortest >= self.least and (self.most is None or (longest is not None and longest <= self.most))


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise NotRegular(value)
    return value


def _of_texts(schema: Any) -> JsonSchema:
    """A schema inside another, whose keywords have not been looked at."""
    known = ANNOTATIONS | {"type", "minLength", "maxLength", "pattern", "format", "not", "allOf"}
    if not isinstance(schema, Mapping) or not known.issuperset(schema) or not _is_about_texts(schema):
        raise NotRegular(schema)
    return schema


def _is_about_texts(schema: JsonSchema) -> bool:
    names = schema.get("type", "string")
    return names == "string" or (isinstance(names, list) and "string" in names)


def _unwanted(schema: Any) -> Characters:
    """The characters that no text may hold: a negated schema with a pattern that is one class of them."""
    known = ANNOTATIONS | {"type", "pattern"}
    if not isinstance(schema, Mapping) or not known.issuperset(schema) or "pattern" not in schema:
        raise NotRegular("not")
    if not _is_about_texts(schema):
        raise NotRegular("not")
    return class_of(schema["pattern"])


def text_kinds(schema: JsonSchema) -> Iterator[Kind]:
    """The texts of a schema in one kind, or two if one of them is empty."""
    demands = _Demands(schema)
    if demands.formats:
        yield _of_format(demands)
        return
    texts = _written(demands)
    if texts.runs is None or len(texts.runs) != 1:
        yield Kind("string", '"x"', f'"{texts.language}"', filled=texts.shortest > 0)
        return
    (run,) = texts.runs
    if run.least == 0:
        yield Kind("string", '""', '""', single=True)
    filled = Run(run.characters, max(run.least, 1), run.most)
    yield Kind("string", json.dumps(chr(run.characters[0][0])), f'"{filled.language}"', filled=True)


def number_text(schema: JsonSchema, spans: Iterator[range], digits: int) -> Kind:
    """The numbers of these ranges, with so many digits; NotRegular unless all such texts fit the schema."""
    demands = _Demands(schema)
    allowed = admits(_written(demands).runs, [DIGITS] * digits) and demands.lengths(digits, digits)
    if demands.formats or not allowed:
        raise NotRegular("a person's number")
    return Kind("string", '"0"', expressions.digits(digits, spans), filled=True)


def _of_format(demands: _Demands) -> Kind:
    (name, *more), patterns = demands.formats, demands.patterns
    if name == "date-time" and not more and patterns in ([], [_INSTANT]) and demands.allowed == PLAIN:
        if demands.lengths(_INSTANT_LENGTHS[0], _INSTANT_LENGTHS[-1]):
            return Kind("string", '"2000-01-01T00:00:00Z"', expressions.INSTANT, filled=True)
    elif name in _SHAPES and not more:
        sample, language, shape = _SHAPES[name]
        fits = all(admits(texts_of(pattern, demands.allowed).runs, shape) for pattern in patterns)
        plain = all(characters.common(wanted, demands.allowed) == wanted for wanted in shape)
        if fits and plain and demands.lengths(len(shape), len(shape)):
            return Kind("string", sample, language, filled=True)
    raise NotRegular(name)


def _written(demands: _Demands) -> Texts:
    """The texts without a format: of the pattern if there is one, and not too short or long."""
    if len(demands.patterns) > 1:
        raise NotRegular("pattern")
    texts = [texts_of(pattern, demands.allowed) for pattern in demands.patterns]
    found = texts[0] if texts else None
    if found is None or (found.runs is not None and len(found.runs) == 1):
        run = Run(demands.allowed, 0, None) if found is None or found.runs is None else found.runs[0]
        return _bounded(run, demands)
    if not demands.lengths(found.shortest, found.longest):
        raise NotRegular("pattern")
    return found


def _bounded(run: Run, demands: _Demands) -> Texts:
    least = max(run.least, demands.least)
    ends = [end for end in (run.most, demands.most) if end is not None]
    most = min([*ends, _LONGEST]) if ends else None
    if most is not None and (most < 1 or least > most):
        raise NotRegular("maxLength")
    return single_run(Run(run.characters, least, most))
