"""A rule as the manual prints it: sentence, remedy, who acts, what follows, and the examples with their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ktt.core.text import Language, Text
from ktt.rules.examples import BREAKS, Block, blocks
from ktt.rules.rule import Rule

SHOWN = 12
"""Rows of one example table that are printed: a limit of 500 needs 501 rows, and they are all alike."""

_HEADS: tuple[tuple[str, Text], ...] = (
    ("remedy", Text(nb="Slik retter dere", en="What to do")),
    ("consequence", Text(nb="Konsekvens", en="Consequence")),
    ("cause", Text(nb="Årsak, hvem retter", en="Cause, who acts")),
    ("fields", Text(nb="Felter", en="Fields")),
    ("validity", Text(nb="Gjelder", en="In force")),
    ("where", Text(nb="Brukes", en="Used")),
    ("source", Text(nb="Kilde", en="Source")),
)
_EXAMPLE = Text(nb="Eksempel", en="Example")
_BREAKS, _KEEPS = Text(nb="✗ bryter", en="✗ breaks"), Text(nb="✓ følger", en="✓ keeps")
_ALWAYS = Text(nb="til enhver tid", en="at all times")
_WHERE = {
    None: Text(nb="overalt", en="everywhere"),
    True: Text(nb="bare i produksjon", en="in production only"),
    False: Text(nb="bare utenfor produksjon", en="outside production only"),
}
_KNOWS = Text(
    nb="; bare når hele bildet er for hånden (et uttrekk, eller det registeret vet)",
    en="; only where the whole picture is at hand (an extract, or what the registry knows)",
)
_MORE = Text(nb="… og {} rader til", en="… and {} more rows")


@dataclass(frozen=True, slots=True)
class Page:
    """What the manual says about one rule, before it is laid out."""

    rule: Rule
    blocks: tuple[Block, ...]

    def said(self) -> dict[str, Text]:
        """Every line of the page but the sentence itself, by name."""
        rule = self.rule
        days = f"{rule.valid_from or ''} – {rule.valid_to or ''}".strip()
        window = _ALWAYS if rule.valid_from is rule.valid_to is None else Text(days, days)
        where = _WHERE[rule.production]
        fields = f"{rule.on.name}: {', '.join(rule.concerns)}"
        return {
            "remedy": rule.remedy,
            "consequence": rule.consequence.text,
            "cause": rule.cause.text,
            "fields": Text(fields, fields),
            "validity": window,
            "where": Text(where.nb + _KNOWS.nb, where.en + _KNOWS.en) if rule.knows else where,
            "source": Text(rule.source, rule.source),
        }


def page(rule: Rule) -> Page:
    """The page of a rule."""
    return Page(rule, tuple(blocks(rule.examples, rule.on.name)))


def as_data(rule: Rule) -> dict[str, Any]:
    """The page for other programs: both languages, and each example row with its verdict."""
    shown = page(rule)
    return {
        "id": rule.id,
        "theme": rule.theme,
        "record_type": rule.on.name,
        "fields": list(rule.concerns),
        "consequence": {"iplos": rule.consequence.value, **_both(rule.consequence.text)},
        "cause": {"name": rule.cause.value, **_both(rule.cause.text)},
        "says": _both(rule.says),
        "remedy": _both(rule.remedy),
        "source": rule.source,
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_to": rule.valid_to and rule.valid_to.isoformat(),
        "production": rule.production,
        "needs_whole_picture": rule.knows,
        "examples": [_block(block, rule) for block in shown.blocks],
    }


def as_text(rule: Rule, language: Language) -> str:
    """The page as lines."""
    shown = page(rule)
    said = shown.said()
    lines = [f"{rule.id}", rule.says.in_(language), ""]
    lines += [f"{head.in_(language)}: {said[name].in_(language)}" for name, head in _HEADS]
    for block in shown.blocks:
        lines += ["", f"{_EXAMPLE.in_(language)}: {block.record_type}", *_laid_out(block, rule, language)]
    return "\n".join(lines)


def _laid_out(block: Block, rule: Rule, language: Language) -> list[str]:
    judged = block.record_type == rule.on.name
    data = _block(block, rule)
    rows = [data["columns"], *data["rows"][:SHOWN]]
    if judged:
        verdicts = [(_BREAKS if broken else _KEEPS).in_(language) for broken in data["breaks"]]
        rows = [[*row, verdict] for row, verdict in zip(rows, ["", *verdicts], strict=False)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    left = len(data["rows"]) - SHOWN
    return [line.rstrip() for line in lines] + ([f"  {_MORE.in_(language).format(left)}"] if left > 0 else [])


def _block(block: Block, rule: Rule) -> dict[str, Any]:
    marks = block.header.index(BREAKS) if BREAKS in block.header else None
    data: dict[str, Any] = {
        "record_type": block.record_type,
        "columns": [name for name in block.header if name != BREAKS],
        "rows": [[cell for place, cell in enumerate(row) if place != marks] for row in block.rows],
    }
    if block.record_type == rule.on.name:
        data["breaks"] = [marks is not None and row[marks] == "yes" for row in block.rows]
    return data


def _both(text: Text) -> dict[str, str]:
    return {"nb": text.nb, "en": text.en}
