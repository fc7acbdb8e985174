"""A column of which nearly no value can be read: one fault of the mapping, and not a finding for each row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ktt.sender.extract.mapping.errors import ValuesUnreadable

_FEWEST = 10
"""Unreadable values; fewer may be one person's typing errors."""

_NEARLY_ALL = 0.9
_LONGEST_FORM = 40


def refuse_unreadable(mapping: Path, key: str, place: str, texts: pl.DataFrame) -> None:
    """Raise ValuesUnreadable when nearly all are unreadable. `texts` has a value's `text`, and whether it is `unread`.

    `key` is where in the mapping it is said how the column is read, `place` the table and the column.
    """
    refuse_unread(mapping, key, place, texts.filter("unread")["text"], texts.height - texts["text"].null_count())


def refuse_unread(mapping: Path, key: str, place: str, unread: pl.Series, count: int) -> None:
    """Raise ValuesUnreadable when the `unread` texts are nearly all of the `count` that there were."""
    if len(unread) >= _FEWEST and len(unread) >= _NEARLY_ALL * count:
        raise ValuesUnreadable(file=mapping, key=key, place=place, unread=len(unread), count=count, form=_form(unread))


def _form(texts: pl.Series) -> str:
    """The commonest form of the texts: where digits and letters stand, but not which, for they may tell of a person."""
    forms = texts.str.replace_all(r"\p{L}", "A").str.replace_all(r"\p{N}", "9")
    plain = forms.str.replace_all(r"[^ -~\x{FFFD}]", "?").str.slice(0, _LONGEST_FORM)
    return str(plain.value_counts().sort("count", texts.name, descending=[True, False]).item(0, texts.name))
