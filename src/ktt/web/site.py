"""A site: its pages share a frame with name, sections, and the choice of language and colours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from ktt.core.html.environment import Translator, render
from ktt.core.text import Text
from ktt.web import assets
from ktt.web.preferences import address_with, choice_in, preferences_of

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_FORM = 64 * 1024  # bytes of a form that are read
_FRESH = {"Cache-Control": "no-store", "Vary": "Cookie"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, and the fields of its form."""

    request: Request
    form: dict[str, str]

    def asked(self, name: str) -> str:
        """A parameter of the address or of the form; empty when it is not there."""
        return self.form.get(name) or self.request.query_params.get(name, "")

    @property
    def t(self) -> Translator:
        """The words of the reader's language."""
        return Translator(preferences_of(self.request).language)


Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Site:
    """Where its templates are, what it is called, and its sections in the order of the menu: address and name."""

    folder: Path
    name: Text
    sections: tuple[tuple[str, Text], ...]

    def page(self, visit: Visit, template: str, *, title: Text, status: int = 200, **facts: object) -> Response:
        """A page of the site. `title` is its heading too."""
        path = visit.request.url.path
        preferences = preferences_of(visit.request)
        content = render(
            (self.folder, _TEMPLATES),
            template,
            t=visit.t,
            title=title,
            site=self,
            path=path,
            here=next((one for one, _ in reversed(self.sections) if one != "/" and path.startswith(one)), "/"),
            preferences=preferences,
            choose=lambda **choice: address_with(visit.request, **choice),
            asset=assets.address_of,
            **facts,
        )
        return Response(content, status, _FRESH, "text/html; charset=utf-8")


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler as starlette calls it: in a thread, with the form read; a choice in the address is kept first."""

    async def handle(request: Request) -> Response:
        chosen = choice_in(request)
        if chosen is not None:
            return chosen
        form = dict(parse_qsl((await _body(request)).decode("utf-8", "replace"), keep_blank_values=True))
        return await asyncio.to_thread(handler, Visit(request, form))

    return handle


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: _MOST_FORM - len(body)]
    return bytes(body)
