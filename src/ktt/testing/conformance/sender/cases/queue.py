"""The queue: order, one at a time, history, corrections and deletions (transport § 10, messages § 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.content import ids
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY, HISTORY
from ktt.testing.conformance.sender.checks import all_of, at, delivered, in_order, one_at_a_time, runs_ended
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario
from ktt.testing.conformance.sender.scenario import CLEARS_FAULTS, RUNS, RUNS_AGAIN, Scenario, injects, prepares

GROUP = CaseGroup(Text("Køen", "The queue"), "transport § 10")
_QUEUE, _CONTENT = (Ability.QUEUE,), (Ability.CONTENT,)
_DATES = ("startDato", "fraDato", "vurdertDato", "vedtakDato", "soknadDato")

GROUP.case(
    "N700",
    ("Én melding om gangen", "One message at a time"),
    ("Ingen sendes før den forrige er besvart.", "None is sent before the one before it is answered."),
    EVERYDAY,
    one_at_a_time,
    needs=_QUEUE,
    source="transport § 10 rule 3; messages § 7.4",
)
GROUP.case(
    "N701",
    ("Ingen melding to ganger når alt går bra", "No message twice when all goes well"),
    ("Hver melding sendes én gang.", "Each message is sent once."),
    EVERYDAY,
    in_order,
)


def _months(recorded: RecordedScenario) -> list[tuple[RecordedMessage, str]]:
    """Each confirmed message with the first month in its records."""
    found = []
    for message in recorded.messages:
        days = [day for item in message.items for day in _days(item)]
        if message.confirmed and days:
            found.append((message, min(days)[:7]))
    return found


def _days(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value[name] for name in _DATES if isinstance(value.get(name), str)]
        return own or [day for inner in value.values() for day in _days(inner)]
    if isinstance(value, list):
        return [day for inner in value for day in _days(inner)]
    return []


def _several_months(recorded: RecordedScenario) -> list[tuple[RecordedMessage, str]]:
    """The same when the messages are of different months; nothing when all are of one, which has no order."""
    found = _months(recorded)
    return found if len({month for _, month in found}) > 1 else []


def _oldest_first(recorded: RecordedScenario) -> list[Text]:
    found, newest = [], ""
    for message, month in _months(recorded):
        if month < newest:
            found.append(at(message.number, f"{month} etter {newest}.", f"{month} after {newest}."))
        newest = max(newest, month)
    return found


GROUP.case(
    "N702",
    ("Historikken sendes måned for måned", "The history is sent month by month"),
    ("Minst fire meldinger.", "At least four messages."),
    HISTORY,
    delivered(4),
    source="transport § 10 rule 9",
    needs=_CONTENT,
)
GROUP.case(
    "N703",
    ("Eldste måned først", "The oldest month first"),
    ("Månedene går aldri bakover.", "The months never go back."),
    HISTORY,
    _oldest_first,
    subject=_several_months,
    source="transport § 10 rule 9; messages § 7.5",
)
GROUP.case(
    "N704",
    ("Hver måned venter på kvittering for den forrige", "Each month waits for the receipt of the one before"),
    ("Én om gangen, i rekkefølge.", "One at a time, in order."),
    HISTORY,
    in_order,
    needs=_QUEUE,
    source="transport § 10 rule 9",
)


def _quiet_at_last(recorded: RecordedScenario) -> list[Text]:
    """Nothing is sent in the last run, when there is nothing new."""
    last = len(recorded.runs) - 1
    return [
        at(message.number, "sendt, men ingenting var nytt.", "sent, but nothing was new.")
        for message in recorded.of_run(last)
    ]


GROUP.case(
    "N705",
    ("Det som er levert, sendes ikke på nytt", "What is delivered is not sent again"),
    ("Ingen melding i en kjøring uten endringer.", "No message in a run without changes."),
    HISTORY,
    _quiet_at_last,
    needs=(*_CONTENT, Ability.STARTS),
    source="messages § 7.1",
)
_STOPPED = Scenario(
    "stopped-load",
    (prepares(PreparationKind.MONTHS, 4), injects("created", 2), injects("500", 50), RUNS, CLEARS_FAULTS, RUNS_AGAIN),
    frozenset({Ability.QUEUE}),
)


def _kept_month(recorded: RecordedScenario) -> list[Text]:
    """The message that met the fault is the first one that is sent when the fault is gone."""
    last = max(
        (place for place, message in enumerate(recorded.messages) if message.request.fault == "500"), default=None
    )
    if last is None or last + 1 >= len(recorded.messages):
        return [Text("Køen gikk ikke videre.", "The queue did not go on.")]
    stopped, resumed = recorded.messages[last], recorded.messages[last + 1]
    if stopped.identity == resumed.identity:
        return []
    return [at(resumed.number, "ikke den som stanset.", "not the one that stopped.")]


GROUP.case(
    "F700",
    ("Historikken stanser midt i, og tas opp igjen", "The history stops half-way, and is taken up again"),
    (
        "Den fortsetter der den stanset, og ingenting sendes to ganger.",
        "It goes on where it stopped, and nothing is sent twice.",
    ),
    _STOPPED,
    all_of(_kept_month, in_order, delivered(4), runs_ended),
    source="transport § 10 rule 2; transport § 10 rule 9",
)

_CORRECTED = Scenario(
    "correction", (prepares(PreparationKind.NEW), RUNS, prepares(PreparationKind.CHANGE), RUNS, RUNS_AGAIN)
)
_DELETED = Scenario(
    "deletion", (prepares(PreparationKind.NEW), RUNS, prepares(PreparationKind.DELETE), RUNS, RUNS_AGAIN)
)


def _later(recorded: RecordedScenario) -> Sequence[RecordedMessage]:
    """The messages after the first."""
    return recorded.messages[1:]


def _same_id(recorded: RecordedScenario) -> list[Text]:
    known = ids(recorded.messages[0])[0]
    return [
        at(message.number, "ingen id fra den første meldingen.", "no id of the first message.")
        for message in _later(recorded)
        if not known & ids(message)[0]
    ]


GROUP.case(
    "N710",
    ("En rettelse er samme id, sendt på nytt", "A correction is the same id, sent again"),
    ("Opplysningen kommer igjen med samme id.", "The record comes again with the same id."),
    _CORRECTED,
    _same_id,
    subject=_later,
    source="messages § 7.1",
)
GROUP.case(
    "N711",
    ("En rettelse har nytt innhold", "A correction has new content"),
    ("To ulike meldinger er levert.", "Two different messages are delivered."),
    _CORRECTED,
    delivered(2),
    subject=_later,
)


def _only_changed(recorded: RecordedScenario) -> list[Text]:
    return [
        at(message.number, f"{len(ids(message)[0])} opplysninger.", f"{len(ids(message)[0])} records.")
        for message in _later(recorded)
        if len(ids(message)[0]) > 1
    ]


GROUP.case(
    "N712",
    ("Bare det som er endret, sendes på nytt", "Only what has changed is sent again"),
    ("Meldingen med rettelsen har én opplysning.", "The message with the correction has one record."),
    _CORRECTED,
    _only_changed,
    subject=_later,
    level=Level.SHOULD,
    needs=_CONTENT,
    source="messages § 7.1",
)


def _withdrawn(recorded: RecordedScenario) -> list[Text]:
    known = ids(recorded.messages[0])[0]
    gone = {one for message in _later(recorded) for one in ids(message)[1]}
    if gone & known:
        return []
    return [Text("Ingen levert id står i en slettliste.", "No delivered id stands in a delete list.")]


GROUP.case(
    "N713",
    ("En sletting nevner id-en i slettlisten", "A deletion names the id in the delete list"),
    ("«slett…» med id-en og «erSlettet».", "`slett…` with the id and `erSlettet`."),
    _DELETED,
    _withdrawn,
    subject=_later,
    source="messages § 7.2",
)
GROUP.case(
    "N714",
    ("Det som slettes, sendes ikke samtidig", "What is deleted is not sent along"),
    ("Ingen id står i begge lister.", "No id stands in both lists."),
    _DELETED,
    lambda recorded: [
        at(message.number, "samme id i begge lister.", "the same id in both lists.")
        for message in recorded.messages
        if ids(message)[0] & ids(message)[1]
    ],
    subject=_later,
    source="messages § 6 no. 1",
)
