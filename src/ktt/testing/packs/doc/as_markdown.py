"""The reference pages as Markdown, in one language."""

from __future__ import annotations

from collections.abc import Iterator

from ktt.core.text import Language
from ktt.testing.packs.doc import words
from ktt.testing.packs.doc.fields import Field, listed
from ktt.testing.packs.doc.pages import MessagePage, PackPages


def as_markdown(pack: PackPages, language: Language) -> str:
    """One document for the whole pack."""
    parts = [f"# {words.TITLE.format(name=pack.name).in_(language)}"]
    if told := [text.in_(language) for text in words.about(pack)]:
        parts.append(" ".join(told))
    for page in pack.messages:
        parts += _message(page, language)
    return "\n\n".join(parts) + "\n"


def _message(page: MessagePage, language: Language) -> Iterator[str]:
    yield f"## {page.message_type}, {words.VERSION.format(version=page.version).in_(language)}"
    yield from (text.in_(language) for text in page.purpose)
    heads = words.HEADS if page.is_mapped else words.HEADS_WITHOUT_MAPPING
    rows = [[head.in_(language) for head in heads], ["---"] * len(heads)]
    rows += [_row(field, language, with_column=page.is_mapped) for field in page.fields]
    yield f"### {words.FIELDS.in_(language)}"
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if page.deletions:
        yield f"### {words.DELETION.in_(language)}"
        yield "\n".join(f"- {text.in_(language)}" for text in page.deletions)
    if page.example:
        yield f"### {words.EXAMPLE.in_(language)}: {page.example_name}"
        yield f"```json\n{page.example}\n```"


def _row(field: Field, language: Language, *, with_column: bool) -> list[str]:
    meaning = field.meaning.in_(language) or field.description.in_(language)
    limits = "; ".join(filter(None, [", ".join(field.limits), listed(field.codes)]))
    required = words.YES.in_(language) if field.required else ""
    column = [f"`{field.column}`" if field.column else ""] if with_column else []
    return [_safe(cell) for cell in (f"`{field.place}`", "/".join(field.types), required, limits, *column, meaning)]


def _safe(cell: str) -> str:
    """A cell on one line, with nothing that ends it or is markup of its own."""
    return " ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;")
