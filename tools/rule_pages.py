"""The rule catalogue as a manual: an index and one page a rule, both languages, with the examples that run as tests."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ktt.core.text import Language
from ktt.rules.catalogue import catalogue, rule_sets
from ktt.rules.context import JUDGED
from ktt.rules.examples import parse
from ktt.rules.rule import Rule

_HEADS: dict[Language, tuple[str, ...]] = {
    "nb": ("Gjelder", "Følge", "Årsak", "Kilde", "Slik retter du", "Eksempler", "✗ brudd", "Regelutgaver"),
    "en": ("Concerns", "Consequence", "Cause", "Source", "What to do", "Examples", "✗ breaks", "Rule sets"),
}
_MOST_ROWS = 12  # an example that shows a limit of hundreds is cut; the whole of it runs as a test


def pages() -> dict[str, str]:
    """Page name below docs/reference → its text."""
    return {"rules.md": _index(), **{f"rules/{rule.id}.md": _rule(rule) for rule in catalogue()}}


def _index() -> str:
    intro = (
        "Hver regel har en fast adresse, og en ID brukes aldri om igjen. "
        "*Every rule has a permanent address, and an id is never reused.* "
        "Kilder som «messages» og «domain» er sidene under [protocol](protocol/README.md); «IPLOS 3.7» er den publiserte meldingen og kontrollreglene. "
        "*Sources such as “messages” and “domain” are the pages under [protocol](protocol/README.md); “IPLOS 3.7” is the published message and its checks.*"
    )
    rows = [
        f"| [{r.id}](rules/{r.id}.md) | {r.says.nb}<br>*{r.says.en}* | {r.consequence.text.nb} | {r.cause.value} |"
        for r in catalogue()
    ]
    table = ["| ID | Regel | Følge | Årsak |", "| --- | --- | --- | --- |", *rows]
    return "\n\n".join([f"# Regelkatalogen · The rules ({len(rows)})", intro, "\n".join(table)]) + "\n"


def _rule(rule: Rule) -> str:
    sections = "\n\n".join("\n\n".join(_section(rule, language)) for language in ("nb", "en"))
    return f"# {rule.id}\n\n{sections}\n"


def _section(rule: Rule, language: Language) -> Iterator[str]:
    concerns, consequence, cause, source, remedy, examples, breaks, sets = _HEADS[language]
    yield f"## {rule.says.in_(language)}"
    yield f"**{remedy}:** {rule.remedy.in_(language)}"
    fields = ", ".join(f"`{rule.on.name}.{name}`" for name in rule.concerns)
    facts = [
        f"- {concerns}: {fields}",
        f"- {consequence}: {rule.consequence.text.in_(language)} ({rule.consequence.value})",
        f"- {cause}: {rule.cause.text.in_(language)}",
        f"- {source}: {rule.source}",
        f"- {sets}: {', '.join(one.version for one in rule_sets() if rule.id in one.digests)}",
    ]
    yield "\n".join(facts)
    yield f"### {examples}"
    yield from _tables(rule, breaks)


def _tables(rule: Rule, breaks: str) -> Iterator[str]:
    example = parse(rule.examples, rule.on)
    for name, frame in example.records.items():
        said = _said(rule.examples, name, rule.on.name)
        shown = frame.select(column for column in frame.columns if column in said)
        own = name == rule.on.name
        yield f"`{JUDGED[name].name}`"
        yield _table(shown, breaks if own else None, example.breaks)


def _said(text: str, name: str, first: str) -> set[str]:
    """The columns that the example itself names for a block; the rest are filled in and would only be noise."""
    block, columns = first, set()
    fresh = True
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        if not line.startswith("|"):
            block, fresh = line, True
        elif fresh:
            fresh = False
            if block == name:
                columns = {cell.strip() for cell in line.strip("|").split("|")}
    return columns


def _table(frame: pl.DataFrame, breaks: str | None, verdicts: tuple[bool, ...]) -> str:
    heads = [*frame.columns, *([""] if breaks else [])]
    lines = [heads, ["---"] * len(heads)]
    for place, row in enumerate(frame.head(_MOST_ROWS).iter_rows()):
        verdict = [breaks if verdicts[place] else "✓"] if breaks else []
        lines.append([*("" if cell is None else str(cell) for cell in row), *verdict])
    if frame.height > _MOST_ROWS:
        lines.append(["…"] * len(heads))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
