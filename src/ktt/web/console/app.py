"""The console as an application, for the sandbox to serve."""

from __future__ import annotations

from functools import partial

from starlette.routing import Route, Router, request_response
from starlette.types import ASGIApp

from ktt.core.text import Text
from ktt.testing.sandbox import Sandbox
from ktt.web import assets
from ktt.web.console import examples, faults, overview, request_list, request_page, rules, units
from ktt.web.console.console import Console, Page, nothing_here
from ktt.web.security import LoopbackPages
from ktt.web.site import endpoint

_NO_PAGE = Text(nb="Adressen viser ikke til noen side.", en="The address leads to no page.")
_EXAMPLE = "/examples/{type}/{version}/{name}"
_PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", overview.overview_page),
    ("GET", "/newest", request_list.newest),
    ("GET", "/requests", request_list.list_page),
    ("POST", "/requests/forget", request_list.forget),
    ("GET", "/requests/{number:int}", request_page.request_page),
    ("GET", "/requests/{number:int}/message.json", request_page.message_file),
    ("POST", "/requests/{number:int}/replay", request_page.replay),
    ("GET", "/faults", faults.faults_page),
    ("POST", "/faults", faults.arm),
    ("POST", "/faults/clear", faults.clear),
    ("POST", "/faults/{number:int}/remove", faults.remove),
    ("GET", "/examples", examples.examples_page),
    ("GET", _EXAMPLE, examples.example_page),
    ("POST", f"{_EXAMPLE}/send", examples.send),
    ("GET", "/units", units.units_page),
    ("POST", "/units/empty", units.empty),
    ("GET", "/units/{unit}", units.unit_page),
    ("GET", "/rules", rules.rules_page),
    ("GET", "/rules/{rule}", rules.rule_page),
)


def console_app(sandbox: Sandbox) -> ASGIApp:
    """The pages of one sandbox, for the browsers of this machine."""
    console = Console(sandbox)
    pages = [Route(path, endpoint(partial(page, console)), methods=[method]) for method, path, page in _PAGES]
    static = Route("/static/{hash}/{name}", assets.serve, methods=["GET"])
    missing = endpoint(lambda visit: nothing_here(visit, _NO_PAGE))
    return LoopbackPages(Router([*pages, static], redirect_slashes=False, default=request_response(missing)))
