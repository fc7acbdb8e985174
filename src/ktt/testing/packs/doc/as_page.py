"""The reference pages as one web page in both languages: nothing is fetched, nothing runs."""

from __future__ import annotations

from pathlib import Path

from ktt.core.html.environment import render
from ktt.testing.packs.doc import words
from ktt.testing.packs.doc.fields import listed
from ktt.testing.packs.doc.pages import PackPages

_TEMPLATES = Path(__file__).parent / "templates"


def as_page(pack: PackPages) -> bytes:
    """HTML in UTF-8."""
    title = words.TITLE.format(name=pack.name)
    return render(
        _TEMPLATES, "pack.html.jinja", title=title, pack=pack, about=words.about(pack), words=words, listed=listed
    )
