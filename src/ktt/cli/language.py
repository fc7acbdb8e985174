"""Which language the command line speaks: `KTT_LANG`, `nb` unless it says `en`."""

from __future__ import annotations

import os

from ktt.core.text import Language, Text


def language() -> Language:
    """The chosen language; bokmål when nothing, or nothing we speak, is chosen."""
    return "en" if os.environ.get("KTT_LANG", "nb").lower().startswith("en") else "nb"


def told(nb: str, en: str) -> str:
    """A help text in the chosen language: `typer.Option(help=told(nb="…", en="…"))`."""
    return Text(nb, en).in_(language())
