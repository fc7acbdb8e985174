"""The picture and the table of the packages, made from the import contract and from what the code really imports."""

from __future__ import annotations

import ast
import configparser
import html
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import grimp
from bootstrap import ROOT

CONTRACT = ROOT / ".importlinter"
PACKAGE = "ktt"

_WIDTH, _MARGIN, _LAYER, _GAP, _HEAD = 960, 16, 70, 12, 44
_LETTER = 6.5  # the width of a small letter
_STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1b1b1b }
  .name { font-weight: 600 } .uses { font-size: 12px; fill: #4d4d4d }
  .layer { fill: #f4f5f6 } .package { fill: #ffffff; stroke: #68707a }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f0f0 } .uses { fill: #b8bfc7 }
    .layer { fill: #22262b } .package { fill: #15181b; stroke: #8a929b }
  }
"""


def layers(contract: str = "layers") -> list[list[str]]:
    """The layers of a contract, the highest first; the packages of a layer side by side."""
    parser = configparser.ConfigParser()
    parser.read(CONTRACT, encoding="utf-8")
    written = parser[f"importlinter:contract:{contract}"]["layers"]
    return [line.replace(":", "|").split(" | ") for line in written.strip().splitlines()]


@cache
def uses() -> Mapping[str, frozenset[str]]:
    """For each package at the top, the others that it imports."""
    graph = grimp.build_graph(PACKAGE)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            importer, used = module.split(".")[1:2], imported.split(".")[1:2]
            if importer and used and importer != used:
                found[importer[0]].add(used[0])
    return {name: frozenset(used) for name, used in found.items()}


def purpose(name: str) -> str:
    """The first sentence of a package's or module's docstring."""
    folder = ROOT / "src" / PACKAGE / name
    source = (folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").splitlines()[0]


def table() -> str:
    """One row a package: what it is for, and which packages it imports."""
    order = [name for layer in layers() for name in layer]
    rows = [
        f"| `{name}` | {purpose(name)} | {', '.join(used for used in order if used in uses().get(name, ())) or '–'} |"
        for name in order
    ]
    return "\n".join(["| package | what it is for | imports |", "|---|---|---|", *rows])


def picture() -> str:
    """The layers as an SVG picture: whatever stands above may import what stands below, and never the other way."""
    found = layers()[1:]  # without the module that only starts the program
    height = _HEAD + len(found) * (_LAYER + _GAP) + _MARGIN
    title = "The packages of ktt, layer by layer: a package imports only packages below it"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">',
        f"<style>{_STYLE}</style>",
        f'<text x="{_MARGIN}" y="28">{title}.</text>',
    ]
    for number, layer in enumerate(found):
        parts += _layer(layer, _HEAD + number * (_LAYER + _GAP))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _layer(names: list[str], top: int) -> list[str]:
    width = (_WIDTH - 2 * _MARGIN - (len(names) - 1) * _GAP) / len(names)
    parts = [f'<rect class="layer" x="0" y="{top - 4}" width="{_WIDTH}" height="{_LAYER + 8}" rx="6"/>']
    for number, name in enumerate(names):
        left = _MARGIN + number * (width + _GAP)
        parts += [
            f'<rect class="package" x="{left:.0f}" y="{top}" width="{width:.0f}" height="{_LAYER}" rx="4"/>',
            f'<text class="name" x="{left + 12:.0f}" y="{top + 24}">{name}</text>',
        ]
        parts += [
            f'<text class="uses" x="{left + 12:.0f}" y="{top + 44 + 16 * line}">{html.escape(text)}</text>'
            for line, text in enumerate(textwrap.wrap(_inner(name), int((width - 24) / _LETTER)))
        ]
    return parts


def _inner(name: str) -> str:
    folder = ROOT / "src" / PACKAGE / name
    inner = sorted(path.name for path in folder.glob("*/") if (path / "__init__.py").exists())
    return " · ".join(inner)
