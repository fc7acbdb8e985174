"""The first page: what is here, what came last, what is to fail, and what is outstanding."""

from __future__ import annotations

from starlette.responses import Response

from ktt.core.text import Text
from ktt.web.console import request_list
from ktt.web.console.console import SITE, Console
from ktt.web.console.fault_words import fault_words
from ktt.web.console.units import units_of
from ktt.web.site import Visit

_FEW = 8
_TITLE = Text(nb="Sandkassen kjører", en="The sandbox is running")
_PLACES = (
    ("mottak", Text(nb="Mottaket", en="The receiver"), ""),
    ("helseid", Text("HelseID", "HelseID"), ""),
    ("docs", Text(nb="Mottakets adresser, forklart", en="The receiver's addresses, explained"), "/swagger"),
    ("check", Text(nb="Kontroller en melding uten å sende den", en="Judge a message without sending it"), "/check"),
)


def overview_page(console: Console, visit: Visit) -> Response:
    """`/`."""
    state = console.control.state()
    bases = {"helseid": console.sandbox.helseid_url}
    places = [(name, says, bases.get(name, console.sandbox.mottak_url) + path) for name, says, path in _PLACES]
    return SITE.page(
        visit,
        "overview.html.jinja",
        title=_TITLE,
        places=places,
        rows=request_list.lines(console, everything=False, at_most=_FEW),
        everything=False,
        few=True,
        seen=request_list.seen(console),
        armed=state["armed"],
        words=fault_words,
        offset=state["clock_offset"] or 0.0,
        units=units_of(console),
    )
