"""The OpenAPI 3.1 document of the admin endpoint, made from the table of its operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ktt.core.text import Text
from ktt.testing.sandbox.faults.admin_models import SHAPES, Problem, schema_of

Document = dict[str, Any]
PATH = "/openapi.json"
"""Where the document is served, also to those who have no token."""

_INFO = (
    "Slik styres en sandkasse som kjører: bestill feil, still klokken, se og send meldinger. Adressen og tokenet står i "
    "`admin.json` i sandkassens mappe. *How a running sandbox is controlled: ask for faults, turn the clock, see and send "
    "messages. Address and token are in `admin.json` in the sandbox's folder.*"
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for. `body` and `answer` are models; `parameters` those in the path or the query."""

    method: str
    path: str
    says: Text
    handler: Callable[..., Any]
    answer: Any
    body: Any = None
    optional_body: bool = False
    parameters: tuple[Document, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in the document."""
        return (
            f"{self.method.lower()}{self.path.replace('/', '-').replace('{', '').replace(':int', '').replace('}', '')}"
        )


def document(operations: Sequence[Operation], url: str) -> Document:
    """The document for the address at which the endpoint listens."""
    paths: dict[str, Document] = {}
    for one in operations:
        paths.setdefault(one.path.replace(":int", ""), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "KTT sandkasse", "version": "1", "description": _INFO},
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SHAPES,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`token` in admin.json."}},
        },
    }


def _operation(one: Operation) -> Document:
    shown: Document = {
        "operationId": one.name,
        "summary": one.says.nb,
        "description": one.says.en,
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": schema_of(one.answer)}}},
            **{str(status): _refused(says) for status, says in _REFUSALS.items()},
        },
    }
    if one.parameters:
        shown["parameters"] = list(one.parameters)
    if one.body is not None:
        content = {"application/json": {"schema": schema_of(one.body)}}
        shown["requestBody"] = {"required": not one.optional_body, "content": content}
    return shown


_REFUSALS = {400: "The request cannot be fulfilled", 401: "The token is missing or wrong"}


def _refused(says: str) -> Document:
    return {"description": says, "content": {"application/problem+json": {"schema": schema_of(Problem)}}}
