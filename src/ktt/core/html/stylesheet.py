"""The stylesheet of every page: Designsystemet's theme and components, and what is ours, in one text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_VENDORED = _FOLDER / "designsystemet"
_ORDER = "@layer ds.theme, ds.base, look, ds.components, page;\n"

DOCUMENT = ("table", "details", "tag", "alert")
"""The components of a page that is only read."""


@cache
def stylesheet(*components: str) -> str:
    """The theme, the named components of Designsystemet, and our own rules.

    The order of the layers decides: a component stands over our rules for plain elements, and a page's own rules over both.
    """
    parts = [_ORDER, _vendored("theme"), _layer("ds.base", _vendored("base"))]
    parts += [_layer("ds.components", _vendored(name)) for name in components]
    parts += [_layer("look", (_FOLDER / "look.css").read_text(encoding="utf-8"))]
    parts += [_layer("page", (_FOLDER / "page.css").read_text(encoding="utf-8"))]
    return "".join(parts)


def _vendored(name: str) -> str:
    return (_VENDORED / f"{name}.css").read_text(encoding="utf-8")


def _layer(name: str, rules: str) -> str:
    return f"@layer {name}{{{rules}}}\n"
