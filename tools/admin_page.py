"""The admin endpoint of the sandbox: its OpenAPI document, and a page of its operations with their models."""

from __future__ import annotations

import inspect
import json
from typing import Any

from ktt.testing.sandbox.faults.admin_app import OPERATIONS
from ktt.testing.sandbox.faults.admin_models import SHAPES
from ktt.testing.sandbox.faults.admin_openapi import Operation, document, schema_of

_INTRO = (
    "Alt som `ktt sandbox` gjør med en sandkasse som kjører, kan en prøve gjøre selv over HTTP. Adressen og tokenet står i "
    "`admin.json` i sandkassens mappe (`{folder}/admin.json`, bare lesbar for den som startet den); tokenet sendes som "
    "`Authorization: Bearer …`. Det samme som OpenAPI 3.1: [sandbox-admin.openapi.json](sandbox-admin.openapi.json), som "
    "sandkassen selv også gir på `/openapi.json`. Et avslag er `application/problem+json` med `title_nb` og `title`. "
    "*All that `ktt sandbox` does with a running sandbox a test can do itself over HTTP. Address and token are in "
    "`admin.json` in the sandbox's folder; the token is sent as `Authorization: Bearer …`.*"
)
_LISTENS = "http://127.0.0.1"  # the port is a free one, and stands in admin.json


def openapi() -> str:
    """The document as a file."""
    return json.dumps(document(OPERATIONS, _LISTENS), indent=1, ensure_ascii=False) + "\n"


def page(made: str) -> str:
    """The operations as a table, and the members of what is asked and answered."""
    heads = "| Forespørsel | Hva | Innhold | Svar |\n| --- | --- | --- | --- |"
    rows = "\n".join(_row(one) for one in OPERATIONS)
    models = "\n\n".join(_model(name, shape) for name, shape in SHAPES.items())
    title = "# Sandkassens styringsadresse · The sandbox's admin address"
    return "\n\n".join([made, title, _INTRO, f"{heads}\n{rows}", "## Modeller · Models", models]) + "\n"


def _row(one: Operation) -> str:
    asked = "" if one.body is None else _kind(schema_of(one.body))
    says = f"{one.says.nb}<br>*{one.says.en}*"
    return f"| `{one.method} {one.path.replace(':int', '')}` | {says} | {asked} | {_kind(schema_of(one.answer))} |"


def _model(name: str, shape: dict[str, Any]) -> str:
    required = shape.get("required", [])
    lines = ["| Felt | Type | |", "| --- | --- | --- |"]
    for member, kind in shape.get("properties", {}).items():
        default = "" if member in required else f"default `{json.dumps(kind.get('default'))}`"
        remarks = " ".join(filter(None, (kind.get("description"), default)))
        lines.append(f"| `{member}` | {_kind(kind)} | {remarks} |")
    return f"### {name}\n\n{inspect.cleandoc(shape.get('description', ''))}\n\n" + "\n".join(lines)


def _kind(shape: dict[str, Any]) -> str:
    """A type in a word: a model as a link to its section."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in shape:
        return " / ".join(map(_kind, shape["anyOf"]))
    if "enum" in shape:
        return " / ".join(f"`{json.dumps(value)}`" for value in shape["enum"])
    items = shape.get("items") or shape.get("prefixItems")
    inner = "" if not isinstance(items, dict) else f": {_kind(items)}"
    return f"{shape.get('type', '')}{inner}"
