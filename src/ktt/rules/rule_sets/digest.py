"""What a rule demands, as sixteen hexadecimal characters, so that a published rule cannot change unnoticed.

Digests are made when a version is frozen and when the tests run, never while the program works: they are made of the
form in which Polars writes an expression as JSON, which only holds for the Polars of `requirements.lock` (2.0.0 and
2.1.0 write the same, 1.44 does not). When a new Polars writes another form, the test of the newest version fails, and
the versions are frozen anew in the same commit, which changes no rule.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from typing import Any

import polars as pl

from ktt.rules.context import RULE_TYPES, UNIT, RuleContext, with_context
from ktt.rules.examples import EXAMPLE_SCOPE, parse
from ktt.rules.rule import Rule


def digest(rule: Rule) -> str:
    """Changes when the expression, a limit in it, what follows from it, or what its examples see changes.

    Texts do not count: a better sentence is not a new rule. How a context column is worked out counts as far as the
    examples show it.
    """
    demand = [
        rule.id,
        rule.on.name,
        rule.consequence.value,
        rule.cause.value,
        list(rule.concerns),
        expression_tree(rule.holds),
        rule.examples.split(),
        _seen_in_examples(rule),
    ]
    window = [str(rule.valid_from), str(rule.valid_to), rule.needs_whole_picture, rule.production]
    return hashlib.sha256(json.dumps([demand, window]).encode()).hexdigest()[:16]


def expression_tree(expression: pl.Expr) -> Any:
    """The expression as JSON values, with every literal in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Polars warns that another of its versions may not read this; nobody reads it
        written = expression.meta.serialize(format="json")
    return _readable(json.loads(written))


def _readable(node: Any) -> Any:
    """Lists of literals as their values: Polars writes them as Arrow bytes, which hold its own notes besides."""
    if isinstance(node, dict):
        if list(node) == ["List"]:
            return [str(value) for value in pl.read_ipc_stream(io.BytesIO(bytes(node["List"]))).to_series()]
        return {name: _readable(inner) for name, inner in node.items()}
    return [_readable(inner) for inner in node] if isinstance(node, list) else node


def _seen_in_examples(rule: Rule) -> list[list[str]]:
    """The context columns that the rule uses, row by row, as its examples give them."""
    example = parse(rule.examples, rule.on)
    used = set(rule.holds.meta.root_names())
    context = RuleContext.of({} if rule.on is UNIT else example.records, EXAMPLE_SCOPE)
    frame = with_context(RULE_TYPES[rule.on.name], example.records[rule.on.name], used, context).collect()
    columns = sorted(used - set(example.records[rule.on.name].columns))
    return [[str(value) for value in row] for row in frame.select(columns).iter_rows()]
