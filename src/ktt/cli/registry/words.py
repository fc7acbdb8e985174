"""What people call record types, their parts and their columns."""

from __future__ import annotations

from ktt.cli.show import language
from ktt.domain.glossary import for_column, for_record


def record_word(name: str | None) -> str:
    """A record type or part: `tjeneste` or `care service`; empty for none."""
    term = for_record(name or "")
    return term.nb.partition(",")[0] if term is not None and language() == "nb" else (name or "").replace("_", " ")


def column_word(record_type: str, name: str) -> str:
    """A column of a record type, or a part of it."""
    term = for_column(record_type, name)
    return term.nb if term is not None and language() == "nb" else record_word(name)
