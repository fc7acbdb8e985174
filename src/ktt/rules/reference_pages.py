"""A rule's page: sentence, remedy, who acts, what follows, and the examples with their verdicts.

One page for every rule: those of the daily messages, of the annual message, and of their schemas. `as_text` is what
`ktt rules show` prints, `as_data` its JSON, and `as_markdown` what docs/reference holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ktt.core.text import Language, Text
from ktt.domain.glossary import for_record
from ktt.messages.packs.field_names import FieldNames, field_names
from ktt.messages.register import BUILT_IN, pack
from ktt.rules.annual.catalogue import by_id as annual
from ktt.rules.catalogue import catalogue
from ktt.rules.errors import RuleUnknown
from ktt.rules.examples import BREAKS, Block, blocks
from ktt.rules.rule import Rule
from ktt.rules.rule_sets.published import rule_sets
from ktt.rules.schema_rules.message import MESSAGE_SCHEMA_RULES
from ktt.rules.schema_rules.rule import SchemaRule

AnyRule = Rule | SchemaRule
SHOWN = 12
"""Rows of one example table that are printed: a limit of 500 needs 501 rows, and they are all alike."""

_EXAMPLE = Text(nb="Eksempel", en="Example")
_BREAKS, _KEEPS = Text(nb="✗ bryter", en="✗ breaks"), Text(nb="✓ følger", en="✓ keeps")
_ALWAYS = Text(nb="til enhver tid", en="at all times")
_WHERE = {
    None: Text(nb="overalt", en="everywhere"),
    True: Text(nb="bare i produksjon", en="in production only"),
    False: Text(nb="bare utenfor produksjon", en="outside production only"),
}
_KNOWS = Text(
    nb="; bare når alle opplysningene er tilgjengelige (i et uttrekk eller i registeret)",
    en="; only where the whole picture is at hand (an extract, or what the registry knows)",
)
_MORE = Text(nb="… og {n:rad|rader} til", en="… and {n:row|rows} more")


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one type in an example. `breaks` says of each row of the judged type whether it breaks the rule."""

    record_type: str
    columns: list[str]
    rows: list[list[str]]
    breaks: list[bool] | None


def find_any(rule_id: str) -> AnyRule:
    """The rule with that id (upper or lower case); RuleUnknown names the nearest ones."""
    known = {**annual(), **MESSAGE_SCHEMA_RULES, **{rule.id: rule for rule in catalogue()}}
    if rule_id.upper() not in known:
        near = difflib.get_close_matches(rule_id.upper(), known, n=3, cutoff=0.3)
        raise RuleUnknown(rule=rule_id, near=", ".join(near) or "–")
    return known[rule_id.upper()]


@cache
def _built_in() -> FieldNames:
    return field_names(pack(BUILT_IN))


def as_text(rule: AnyRule, language: Language, names: FieldNames | None = None) -> str:
    """The page as lines in one language. Fields are called what the messages of our own pack call them, or of `names`."""
    lines = [rule.id, rule.says.in_(language), ""]
    lines += [f"{head.in_(language)}: {fact.in_(language)}" for head, fact in _facts(rule, names or _built_in())]
    for table in _tables(rule):
        record = _record(table.record_type).in_(language)
        lines += ["", f"{_EXAMPLE.in_(language)}: {record}", *_laid_out(table, language, names or _built_in())]
    for verdict, example in _snippets(rule):
        lines += ["", f"{verdict.in_(language)}: {example}"]
    return "\n".join(lines)


def as_markdown(rule: AnyRule, level: int = 1) -> str:
    """The page in Markdown, bokmål with English beside it, under a heading of that level."""
    parts = [f"{'#' * level} {rule.id}", rule.says.nb, f"*{rule.says.en}*"]
    parts.append("\n".join(f"- **{_beside(head)}**: {_beside(fact)}" for head, fact in _facts(rule, _built_in())))
    for table in _tables(rule):
        parts += [f"{_beside(_EXAMPLE)}: `{table.record_type}`", "\n".join(_markdown_table(table, _built_in()))]
    snippets = [f"{verdict.nb[0]} {example}" for verdict, example in _snippets(rule)]
    parts += (
        [f"```{'xml' if rule.id.startswith('IPLOS') else 'json'}\n" + "\n".join(snippets) + "\n```"] if snippets else []
    )
    return "\n\n".join(parts)


def as_data(rule: AnyRule, names: FieldNames | None = None) -> dict[str, Any]:
    """The page for other programs: both languages, the fields in messages, and each example row with its verdict."""
    names = names or _built_in()
    page = {
        "id": rule.id,
        "consequence": {"iplos": rule.consequence.value, **rule.consequence.text.both()},
        "cause": {"name": rule.cause.value, **rule.cause.text.both()},
        "says": rule.says.both(),
        "remedy": rule.remedy.both(),
        "source": rule.source,
    }
    if isinstance(rule, SchemaRule):
        return {**page, "theme": "schema", "examples": {"keeps": rule.keeps, "breaks": rule.breaks}}
    return {
        **page,
        "theme": rule.theme,
        "record_type": rule.on.name,
        "fields": list(rule.concerns),
        "message_fields": {column: list(names.places.get((rule.on.name, column), ())) for column in rule.concerns},
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_to": rule.valid_to and rule.valid_to.isoformat(),
        "production": rule.production,
        "needs_whole_picture": rule.needs_whole_picture,
        "examples": [_table_data(table) for table in _tables(rule)],
    }


def _facts(rule: AnyRule, names: FieldNames) -> Iterator[tuple[Text, Text]]:
    """Every line of the page but the sentence itself: what it is about, and what it says."""
    yield Text(nb="Slik retter dere", en="What to do"), rule.remedy
    number = f" ({rule.consequence.value})"
    consequence = rule.consequence.text
    yield Text(nb="Konsekvens", en="Consequence"), Text(consequence.nb + number, consequence.en + number)
    yield Text(nb="Årsak, hvem retter", en="Cause, who acts"), rule.cause.text
    if isinstance(rule, Rule):
        yield Text(nb="Felter", en="Fields"), _fields(rule, names)
        days = f"{rule.valid_from or ''} – {rule.valid_to or ''}".strip()
        yield Text(nb="Gjelder", en="In force"), _ALWAYS if rule.valid_from is rule.valid_to is None else _alike(days)
        where = _WHERE[rule.production]
        yield (
            Text(nb="Brukes", en="Used"),
            Text(where.nb + _KNOWS.nb, where.en + _KNOWS.en) if rule.needs_whole_picture else where,
        )
        sets = [one.version for one in rule_sets() if rule.id in one.digests]
        if sets:
            yield Text(nb="Regelversjoner", en="Rule sets"), _alike(", ".join(sets))
    yield Text(nb="Kilde", en="Source"), _alike(rule.source)


def _fields(rule: Rule, names: FieldNames) -> Text:
    """The record and its fields as messages call them, and what the frames call them: `vedtak: soknadDato (decision: applied_on)`."""
    record, columns = _record(rule.on.name), ", ".join(rule.concerns)
    shown = ", ".join(names.shown(rule.on.name, column) for column in rule.concerns)
    if shown == columns:
        return _alike(f"{rule.on.name}: {columns}")
    return Text(f"{record.nb}: {shown} ({rule.on.name}: {columns})", f"{record.en}: {shown} ({columns})")


def _record(record_type: str) -> Text:
    """What people call a record type."""
    term = for_record(record_type)
    words = record_type.replace("_", " ")
    return Text(nb=words if term is None else term.nb.partition(",")[0], en=words)


def _alike(words: str) -> Text:
    return Text(words, words)


def _beside(text: Text) -> str:
    return text.nb if text.nb == text.en else f"{text.nb} · *{text.en}*"


def _tables(rule: AnyRule) -> list[Table]:
    if isinstance(rule, SchemaRule):
        return []
    return [_table(block, judged=block.record_type == rule.on.name) for block in blocks(rule.examples, rule.on.name)]


def _table(block: Block, *, judged: bool) -> Table:
    marks = block.header.index(BREAKS) if BREAKS in block.header else None
    rows = [[cell for place, cell in enumerate(row) if place != marks] for row in block.rows]
    breaks = [marks is not None and row[marks] == "yes" for row in block.rows]
    columns = [name for name in block.header if name != BREAKS]
    return Table(block.record_type, columns, rows, breaks if judged else None)


def _snippets(rule: AnyRule) -> list[tuple[Text, str]]:
    """Pieces of a message that keep and break a rule of the schema."""
    if isinstance(rule, Rule):
        return []
    return [(verdict, example) for verdict, example in ((_KEEPS, rule.keeps), (_BREAKS, rule.breaks)) if example]


def _table_data(table: Table) -> dict[str, Any]:
    data = {"record_type": table.record_type, "columns": table.columns, "rows": table.rows}
    return data if table.breaks is None else {**data, "breaks": table.breaks}


def _called(table: Table, names: FieldNames) -> list[str]:
    """What messages call the columns of a table; of several names for one column, the first."""
    return [next(iter(names.of(table.record_type, column)), column) for column in table.columns]


def _laid_out(table: Table, language: Language, names: FieldNames) -> list[str]:
    called = _called(table, names)
    heads = [table.columns] if called == table.columns else [called, table.columns]
    rows = [*heads, *table.rows[:SHOWN]]
    if table.breaks is not None:
        verdicts = [*("" for _ in heads), *((_BREAKS if broken else _KEEPS).in_(language) for broken in table.breaks)]
        rows = [[*row, verdict] for row, verdict in zip(rows, verdicts, strict=False)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    left = len(table.rows) - SHOWN
    return [line.rstrip() for line in lines] + ([f"  {_MORE.format(n=left).in_(language)}"] if left > 0 else [])


def _markdown_table(table: Table, names: FieldNames) -> list[str]:
    judged = table.breaks is not None
    pairs = zip(_called(table, names), table.columns, strict=True)
    heads = [column if name == column else f"{name}<br>*{column}*" for name, column in pairs]
    lines = [[*heads, *([""] if judged else [])]]
    lines.append(["---"] * len(lines[0]))
    for place, row in enumerate(table.rows[:SHOWN]):
        lines.append([*row, *(["✗" if table.breaks[place] else "✓"] if table.breaks is not None else [])])
    if len(table.rows) > SHOWN:
        lines.append(["…"] * len(lines[0]))
    return ["| " + " | ".join(line) + " |" for line in lines]
