"""The files that pages ask for: stylesheet and scripts, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ktt.core.html.stylesheet import DOCUMENT, stylesheet

_STATIC = Path(__file__).parent / "static"
_FORMS = ("button", "card", "field", "input", "label")
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def files() -> Mapping[str, bytes]:
    """Each file by its name."""
    own = (_STATIC / "site.css").read_text(encoding="utf-8")
    style = f"{stylesheet(*DOCUMENT, *_FORMS)}@layer page{{{own}}}\n"
    scripts = {name: (_STATIC / name).read_bytes() for name in ("htmx.min.js", "copy.js")}
    return {"style.css": style.encode(), **scripts}


@cache
def address_of(name: str) -> str:
    """Where a file is served."""
    return f"/static/{hashlib.sha256(files()[name]).hexdigest()[:16]}/{name}"


def serve(request: Request) -> Response:
    """One of the files. An old address answers 404, so nothing is ever kept under a wrong name."""
    name = request.path_params["name"]
    if name not in files() or request.url.path != address_of(name):
        return PlainTextResponse("Not found\n", 404)
    return Response(files()[name], media_type=_TYPES[name.rpartition(".")[2]], headers=_FOREVER)
