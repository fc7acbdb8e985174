"""What every page of the console stands on: the sandbox it shows, and the site it belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.responses import RedirectResponse, Response

from ktt.core.clock import OSLO, norwegian_day
from ktt.core.text import Text
from ktt.messages.register import Register, register_of
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.faults.control import SandboxControl
from ktt.web.site import Site, Visit

SITE = Site(
    folder=Path(__file__).parent / "templates",
    name=Text(nb="KTT sandkasse", en="KTT sandbox"),
    sections=(
        ("/", Text(nb="Oversikt", en="Overview")),
        ("/requests", Text(nb="Forespørsler", en="Requests")),
        ("/faults", Text(nb="Feil på bestilling", en="Faults on demand")),
        ("/examples", Text(nb="Eksempler", en="Examples")),
        ("/units", Text(nb="Enheter", en="Units")),
        ("/rules", Text(nb="Regler", en="Rules")),
    ),
)
_TITLE = Text(nb="Siden finnes ikke", en="There is nothing here")


@dataclass(frozen=True)
class Console:
    """The console of one sandbox."""

    sandbox: Sandbox

    @property
    def control(self) -> SandboxControl:
        """Everything that can be done to the sandbox."""
        return self.sandbox.control

    @cached_property
    def register(self) -> Register:
        """The messages that the sandbox takes."""
        return register_of(self.sandbox.settings.packs)

    @property
    def today(self) -> dt.date:
        """The day in Norway by the sandbox's clock."""
        return norwegian_day(self.sandbox.now())


Page = Callable[[Console, Visit], Response]


def nothing_here(visit: Visit, says: Text) -> Response:
    """404 with a sentence."""
    return SITE.page(visit, "nothing.html.jinja", title=_TITLE, status=404, says=says)


def go_to(address: str) -> Response:
    """After a form: the page that shows what came of it."""
    return RedirectResponse(address, 303)


def at_seconds(seconds: float) -> str:
    """An instant in seconds since 1970 as a clock in Norway shows it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone(OSLO).strftime("%H:%M:%S")


def day_and_time(instant: dt.datetime) -> str:
    """An instant as day and time in Norway."""
    return instant.astimezone(OSLO).strftime("%d.%m.%Y %H:%M")
