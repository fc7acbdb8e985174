"""Objects of JSON as expressions over columns: one text for each row, with no loop over rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ktt.messages.mapping.scopes import Path


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place inside an object. `text` is JSON, null where there is nothing; `empty` stands there then, if not None.

    `counts` is False for what does not keep an object that is otherwise empty: a constant.
    """

    path: Path
    text: pl.Expr
    empty: str | None = None
    counts: bool = True


def object_text(leaves: Sequence[Leaf], order: Sequence[Path], optional: Collection[Path]) -> pl.Expr:
    """The objects with these places in that order; of `optional` inner objects those in which something is."""
    ranks = {path: nth for nth, path in enumerate(order)}
    ordered = sorted(leaves, key=lambda leaf: ranks.get(leaf.path, len(ranks)))
    if len(ordered) == 1 and not ordered[0].path:
        return ordered[0].text
    return _braces(ordered, (), frozenset(optional))


def _braces(leaves: Iterable[Leaf], around: Path, optional: Collection[Path]) -> pl.Expr:
    inside: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        inside.setdefault(leaf.path[0], []).append(replace(leaf, path=leaf.path[1:]))
    members = [_member(name, found, (*around, name), optional) for name, found in inside.items()]
    return pl.concat_str(pl.lit("{"), pl.concat_str(members).str.strip_suffix(","), pl.lit("}"))


def _member(name: str, found: Sequence[Leaf], path: Path, optional: Collection[Path]) -> pl.Expr:
    if not found[0].path:
        leaf = found[0]
        value = leaf.text if leaf.empty is None else leaf.text.fill_null(pl.lit(leaf.empty))
    else:
        value = _braces(found, path, optional)
        counting = [leaf.text.is_not_null() for leaf in found if leaf.counts]
        if path in optional and counting:
            value = pl.when(pl.any_horizontal(counting)).then(value)
    return pl.concat_str(pl.lit(f"{json.dumps(name, ensure_ascii=False)}:"), value, pl.lit(",")).fill_null("")
