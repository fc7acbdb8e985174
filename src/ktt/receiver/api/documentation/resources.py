"""The documentation that the receiver serves: the OpenAPI document, a page that shows it, schemas and examples."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ktt.messages.register import register_of
from ktt.messages.version import MessageVersion
from ktt.receiver.api import answers, paths
from ktt.receiver.api.documentation import openapi, page
from ktt.receiver.http.refusal import Refusal, refuse, refuse_with_status
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import AnswerCode, AnswerError

Endpoint = Callable[[Request], Awaitable[Response]]
Find = Callable[[str, str], MessageVersion | None]
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class DocumentationResources:
    """The endpoints, all without authentication: nothing in them is about persons or organisations."""

    def __init__(self, settings: ReceiverSettings, find: Find, open_paths: Sequence[str]) -> None:
        self._settings, self._find, self._open = settings, find, frozenset(open_paths)

    def endpoints(self) -> list[tuple[str, str, Endpoint]]:
        """Method, address and what answers there."""
        return [
            ("GET", paths.OPENAPI, self._openapi),
            ("GET", paths.PAGE, self._page),
            ("GET", paths.INDEX, self._page),
            ("GET", paths.EXAMPLE, self._example),
            ("GET", paths.SCHEMA, self._schema),
        ]

    @cached_property
    def _versions(self) -> tuple[MessageVersion, ...]:
        known = register_of(self._settings.packs).versions
        return tuple(one for one in known if self._find(one.message_type, one.version) is not None)

    @cached_property
    def _document(self) -> openapi.Document:
        return openapi.document(self._settings, self._versions, self._open)

    @cached_property
    def _html(self) -> bytes:
        return page.as_page(self._document, self._versions, self._settings)

    async def _openapi(self, request: Request) -> Response:
        return answers.cacheable_response(request, orjson.dumps(self._document, option=orjson.OPT_INDENT_2))

    async def _page(self, request: Request) -> Response:
        more = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return answers.cacheable_response(request, self._html, "text/html; charset=utf-8", **more)

    async def _example(self, request: Request) -> Response:
        """An example as a file, at the address and with the parameters of FHI's own page."""
        given = request.query_params
        version = self._version(given.get("messageType"), given.get("messageVersion", "1"))
        examples = version.examples()
        name = given.get("name") or min((name for name in examples if name.startswith("N")), default="")
        if name not in examples:
            raise refuse_with_status(404, why="no such example")
        file = f"{version.message_type}-{version.version}-{name}.json"
        more = {"Content-Disposition": f'attachment; filename="{file}"'}
        return answers.cacheable_response(request, examples[name], **more)

    async def _schema(self, request: Request) -> Response:
        version = self._find(request.path_params["type"], request.path_params["version"])
        if version is None:
            raise refuse_with_status(404, why="no such schema")
        return answers.cacheable_response(request, version.schema, "application/schema+json")

    def _version(self, message_type: str | None, version: str) -> MessageVersion:
        if message_type is None:
            error = AnswerError(None, "BadRequest", "The query parameter is missing", property_name="messageType")
            raise Refusal(400, error, why="query")
        found = self._find(message_type, version)
        if found is None:
            raise refuse(AnswerCode.INVALID_MESSAGE_TYPE_VERSION)
        return found
