"""Faults on demand: what waits for the next requests, and a form that asks for more."""

from __future__ import annotations

from starlette.responses import Response

from ktt.core.text import Text
from ktt.testing.sandbox.faults.conditions import Conditions
from ktt.testing.sandbox.faults.faults import read_fault
from ktt.web.console.console import SITE, Console, go_to
from ktt.web.console.fault_words import fault_groups, fault_words
from ktt.web.site import Visit

_TITLE = Text(nb="Feil på bestilling", en="Faults on demand")
_WRONG = Text(
    nb="Feilen ble ikke bestilt. Velg en feil fra listen, antall fra 1 til 1000, og sekunder fra 0 til 600.",
    en="The fault was not asked for. Choose one of the list, numbers from 1 to 1000, and seconds from 0 to 600.",
)
_MOST = 1000


def faults_page(console: Console, visit: Visit, *, wrong: Text | None = None) -> Response:
    """`/faults`."""
    state = console.control.state()
    return SITE.page(
        visit,
        "faults.html.jinja",
        title=_TITLE,
        status=200 if wrong is None else 400,
        armed=state["armed"],
        words=fault_words,
        groups=fault_groups(),
        types=console.register.message_types,
        units=console.sandbox.units,
        offset=state["clock_offset"],
        wrong=wrong,
    )


def arm(console: Console, visit: Visit) -> Response:
    """`POST /faults`: the requests at the fault's place that fit meet it."""
    seconds = visit.asked("seconds").replace(",", ".") or "0"
    try:
        fault = read_fault(visit.asked("what"), float(seconds))
        count, every = int(visit.asked("count") or 1), int(visit.asked("every") or 1)
    except ValueError:
        fault, count, every = None, 0, 0
    if fault is None or not (1 <= count <= _MOST and 1 <= every <= _MOST):
        return faults_page(console, visit, wrong=_WRONG)
    conditions = Conditions(visit.asked("type") or None, visit.asked("unit") or None)
    times = None if visit.asked("lasts") else count
    console.control.faults.add(fault, times, every=every, conditions=conditions)
    return go_to("/faults")


def remove(console: Console, visit: Visit) -> Response:
    """`POST /faults/N/remove`: one fault is not made after all. One that has been made meanwhile is gone already."""
    console.control.faults.remove(visit.request.path_params["number"])
    return go_to("/faults")


def clear(console: Console, _visit: Visit) -> Response:
    """`POST /faults/clear`: everything goes right again, and the clock too."""
    console.control.reset("faults")
    return go_to("/faults")
