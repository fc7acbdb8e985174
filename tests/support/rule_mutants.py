"""Every small change of a limit in a rule: one step up or down in a number, a day or a length, and < for ≤."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from ktt.rules.context import RULE_TYPES, RuleContext, with_context
from ktt.rules.examples import EXAMPLE_SCOPE, parse
from ktt.rules.rule import Rule

_DAY = 86_400_000_000  # microseconds
_COMPARISONS = {"Lt": "LtEq", "LtEq": "Lt", "Gt": "GtEq", "GtEq": "Gt"}
_CLOSED = ("Both", "Left", "Right")
_REPEATED = re.compile(r"(?<=\{)\d+(?=[,}])|(?<=,)\d+(?=\})")
_OFFSET = re.compile(r"(?<=^)\d+(?=[a-z]+$)|(?<=^-)\d+(?=[a-z]+$)")
_DECIMAL = re.compile(r"^\d+\.(\d+)$")
_RANGE = re.compile(r"\[([0-9])-([0-9])\]")
_ANY_DIGIT = "[0-9]"
_EDGES = ("^", "$", "(^|[^0-9])", "($|[^0-9])")

Path = tuple[str | int, ...]


def mutants(rule: Rule) -> Iterator[tuple[str, pl.Expr]]:
    """Each changed expression of the rule, with the change in words."""
    tree = json.loads(_written(rule.holds))
    for path, value, other in _changes(tree, ()):
        changed = json.loads(json.dumps(tree))
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = other
        yield f"{'.'.join(map(str, path[-3:]))}: {value} → {other}", _read(changed)


def verdicts(rule: Rule, holds: pl.Expr) -> list[bool]:
    """For each row of the rule's examples, whether `holds` says that it breaks the rule."""
    example = parse(rule.examples, rule.on)
    used = set(rule.holds.meta.root_names())
    context = RuleContext.of(example.records, EXAMPLE_SCOPE)
    frame = with_context(RULE_TYPES[rule.on.name], example.records[rule.on.name], used, context)
    return frame.with_columns(broken=(~holds).fill_null(value=False)).collect()["broken"].to_list()


def _changes(node: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Where something may be changed, what stands there, and what shall stand there instead."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in items:
        here = (*path, step)
        if step in _OTHERS:
            yield from ((here, inner, other) for other in _OTHERS[step](inner))
        elif step != "List":  # codes and other names, not limits
            yield from _changes(inner, here)


def _neighbours(number: float) -> list[float]:
    return [number - 1, number + 1]


def _a_day_away(instant: list[Any]) -> list[list[Any]]:
    return [[instant[0] + by, *instant[1:]] for by in (-_DAY, _DAY)]


def _of_text(text: str) -> Iterator[str]:
    """Another number in a decimal, an offset such as `5y`, or a pattern's repetitions, digits and edges."""
    if decimal := _DECIMAL.match(text):
        step = Decimal(1).scaleb(-len(decimal[1]))
        yield from (str(Decimal(text) - step), str(Decimal(text) + step))
        return
    for found in (*_REPEATED.finditer(text), *_OFFSET.finditer(text)):
        yield from (_with(text, found.span(), str(int(found[0]) + step)) for step in (-1, 1))
    for found in _RANGE.finditer(text):
        least, most = int(found[1]), int(found[2])
        for low, high in ((least - 1, most), (least + 1, most), (least, most - 1), (least, most + 1)):
            if found[0] != _ANY_DIGIT and 0 <= low <= high <= 9:
                yield _with(text, found.span(), f"[{low}-{high}]")
    starts = [edge for edge in _EDGES if text.startswith(edge)]
    ends = [edge for edge in _EDGES if text.endswith(edge)]
    yield from (text.removeprefix(edge) for edge in starts)
    yield from (text.removesuffix(edge) for edge in ends)


def _with(text: str, span: tuple[int, int], other: str) -> str:
    return f"{text[: span[0]]}{other}{text[span[1] :]}"


def _written(expression: pl.Expr) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return expression.meta.serialize(format="json")


def _read(tree: Any) -> pl.Expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pl.Expr.deserialize(io.StringIO(json.dumps(tree)), format="json")


_OTHERS: dict[str | int, Callable[[Any], Iterable[Any]]] = {
    "op": lambda op: [_COMPARISONS[op]] if op in _COMPARISONS else [],
    "closed": lambda closed: [other for other in _CLOSED if other != closed],
    "Int": _neighbours,
    "Float": _neighbours,
    "Date": _neighbours,
    "Datetime": _a_day_away,
    "Duration": _a_day_away,
    "String": _of_text,
}
"""What a part of the expression may be changed to, by its name in the tree."""
