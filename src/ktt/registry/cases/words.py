"""A case in a sentence, what its unit can do, and what was done, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ktt.core.text import Text
from ktt.registry.cases.case import Act, Case, CaseEvent
from ktt.registry.cases.causes import Cause, Observed

_SAYS: Mapping[Cause, Text] = {
    Cause.SILENCE: Text(
        nb="Ikke hørt fra siden {heard_on}, {days} døgn.", en="Not heard of since {heard_on}, {days:day|days}."
    ),
    Cause.REJECTED: Text(
        nb="En melding er avvist {times:gang|ganger}, sist med kode {code}.",
        en="A message has been rejected {times:time|times}, last with code {code}.",
    ),
    Cause.HELD: Text(
        nb="{messages:melding|meldinger} venter på en melding som ikke kan leses ({code}).",
        en="{messages:message waits|messages wait} for a message that cannot be read ({code}).",
    ),
    Cause.VERSION: Text(
        nb="{system} {version} avvises i {units:enhet|enheter}, oftest med kode {code}.",
        en="{system} {version} is rejected in {units:unit|units}, mostly with code {code}.",
    ),
    Cause.VOLUME: Text(
        nb="Tjenestetype {service_type} gikk fra {before} til {after} tjenester i uken til {week_to}.",
        en="Service type {service_type} went from {before} to {after} services in the week to {week_to}.",
    ),
    Cause.RULES: Text(
        nb="{findings} åpne avvik, flest etter {rule}.", en="{findings} open findings, most of them of {rule}."
    ),
    Cause.COVERAGE: Text(
        nb="Bare {complete} av {months} måneder siden 2017 er fullstendige.",
        en="Only {complete} of {months} months since 2017 are complete.",
    ),
    Cause.MISSING: Text(
        nb="{complete} av {months} måneder siden 2017 er fullstendige; {first} er den første som ikke er det.",
        en="{complete} of {months} months since 2017 are complete; {first} is the first that is not.",
    ),
}
_SEND = Text(
    nb="Kjør «ktt reconcile --mend». Finnes de ikke i EPJ, så svar hvorfor.",
    en="Run `ktt reconcile --mend`. If the record system does not have them, answer why.",
)
_VENDOR = Text(nb="Ta det med leverandøren.", en="Take it up with the vendor.")
_REMEDY: Mapping[Cause, Text] = {
    Cause.SILENCE: Text(
        nb="Kjør «ktt daily», eller svar når dere sender igjen.", en="Run `ktt daily`, or answer when you send again."
    ),
    Cause.REJECTED: Text(
        nb="Se «ktt outbox», og ta det med leverandøren.", en="See `ktt outbox`, and take it up with the vendor."
    ),
    Cause.HELD: _VENDOR,
    Cause.VERSION: _VENDOR,
    Cause.VOLUME: Text(nb="Se om tallene stemmer, og svar.", en="See whether the numbers are right, and answer."),
    Cause.RULES: Text(nb="Se «ktt findings».", en="See `ktt findings`."),
    Cause.COVERAGE: _SEND,
    Cause.MISSING: _SEND,
}


def sentence(case: Case) -> Text:
    """What it is about, with the newest figures."""
    return _sentence(case.cause, case.figures)


def observed_sentence(seen: Observed) -> Text:
    """The same of what is not a case yet."""
    return _sentence(seen.cause, seen.figures)


def _sentence(cause: Cause, figures: Mapping[str, Any]) -> Text:
    more: Mapping[Cause, Callable[[], Mapping[str, Any]]] = {
        Cause.VOLUME: lambda: figures["types"][0],
        Cause.RULES: lambda: {
            "findings": sum(one["findings"] for one in figures["rules"]),
            "rule": figures["rules"][0]["rule"],
        },
        Cause.MISSING: lambda: {"first": figures["periods"][0][0]},
    }
    return _SAYS[cause].format(**figures, **(more[cause]() if cause in more else {}))


def remedy(case: Case) -> Text:
    """What the unit can do."""
    return _REMEDY[case.cause]


_DONE: Mapping[Act, Text] = {
    "opened": Text(nb="Åpnet.", en="Opened."),
    "assigned": Text(nb="Gitt til {detail}.", en="Assigned to {detail}."),
    "noted": Text(nb="{detail}", en="{detail}"),
    "deadline": Text(nb="Ny frist: {detail}.", en="New deadline: {detail}."),
    "closed": Text(nb="Lukket: {detail}", en="Closed: {detail}"),
    "reopened": Text(nb="Gjenåpnet: {detail}", en="Reopened: {detail}"),
}
_SETTLED: Mapping[str, Text] = {
    "heard_on": Text(nb="hørt fra igjen {heard_on}.", en="heard of again on {heard_on}."),
    "ended": Text(nb="enheten er avløst.", en="the unit was replaced."),
    "": Text(nb="det registeret fant, er borte.", en="what the registry found is gone."),
}
_BACK = Text(nb="det registeret fant, er tilbake.", en="what the registry found is back.")


def event_sentence(event: CaseEvent) -> Text:
    """What was done. What the registry did by itself is kept as figures, and put in words here."""
    detail: object = event.detail
    if event.who is None and event.act == "closed":
        facts = json.loads(event.detail or "{}")
        detail = _SETTLED[next(iter(facts), "")].format(**facts)
    elif event.who is None and event.act == "reopened":
        detail = _BACK
    return _DONE[event.act].format(detail=detail)
