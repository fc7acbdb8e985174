"""How a reader wants the pages: which language, light or dark. Chosen by a link, kept in a cookie of the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ktt.core.text import Language

_CHOICES: Mapping[str, tuple[str, ...]] = {"language": ("nb", "en"), "scheme": ("auto", "light", "dark")}
_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Preferences:
    """The language, and the colour scheme: `light`, `dark`, or `auto` for what the machine has."""

    language: Language
    scheme: str


def preferences_of(request: Request) -> Preferences:
    """What the reader has chosen; bokmål and the machine's own colours until then."""
    chosen = {name: _allowed(name, request.cookies.get(f"ktt-{name}", "")) for name in _CHOICES}
    return Preferences(cast("Language", chosen["language"]), chosen["scheme"])


def choice_in(request: Request) -> Response | None:
    """The same page again, with the choice in a cookie, when its address carries one."""
    made = {name: request.query_params[name] for name in _CHOICES if name in request.query_params}
    if not made:
        return None
    response = RedirectResponse(address_with(request), 303)
    for name, value in made.items():
        response.set_cookie(f"ktt-{name}", _allowed(name, value), max_age=_YEAR, httponly=True, samesite="strict")
    return response


def address_with(request: Request, **more: str) -> str:
    """The page's own address without choices in it, and with some more parameters."""
    url = request.url.remove_query_params(list(_CHOICES))
    kept = url.include_query_params(**more) if more else url
    return f"/{kept.path.lstrip('/')}?{kept.query}" if kept.query else f"/{kept.path.lstrip('/')}"


def _allowed(name: str, value: str) -> str:
    return value if value in _CHOICES[name] else _CHOICES[name][0]
