"""The line: order, one at a time, history, corrections and deletions (transport § 10, messages § 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import at, both, delivered, ended, in_line, overlapping
from ktt.testing.conformance.sender.case import AGAIN, CALM, RUNS, Group, Scene, arms, wants
from ktt.testing.conformance.sender.cases.content import ids
from ktt.testing.conformance.sender.cases.scenes import EVERYDAY, HISTORY
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.recorded import Post, Seen
from ktt.testing.conformance.sender.request import Kind

GROUP = Group(Text("Køen", "The line"), "transport § 10")
_LINE, _CONTENT = (Ability.LINE,), (Ability.CONTENT,)
_DATES = ("startDato", "fraDato", "vurdertDato", "vedtakDato", "soknadDato")

GROUP.case(
    "N700",
    ("Én melding om gangen", "One message at a time"),
    ("Ingen sendes før den forrige er besvart.", "None is sent before the one before it is answered."),
    EVERYDAY,
    overlapping,
    needs=_LINE,
    source="transport § 10 rule 3",
)
GROUP.case(
    "N701",
    ("Ingen melding to ganger når alt går bra", "No message twice when all goes well"),
    ("Hver melding sendes én gang.", "Each message is sent once."),
    EVERYDAY,
    in_line,
)


def _months(seen: Seen) -> list[tuple[Post, str]]:
    """Each delivered message with the first month that it speaks of."""
    found = []
    for post in seen.posts:
        days = [day for item in post.items for day in _days(item)]
        if post.told and days:
            found.append((post, min(days)[:7]))
    return found


def _days(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value[name] for name in _DATES if isinstance(value.get(name), str)]
        return own or [day for inner in value.values() for day in _days(inner)]
    if isinstance(value, list):
        return [day for inner in value for day in _days(inner)]
    return []


def _oldest_first(seen: Seen) -> list[Text]:
    found, newest = [], ""
    for post, month in _months(seen):
        if month < newest:
            found.append(at(post.number, f"{month} etter {newest}.", f"{month} after {newest}."))
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
    subject=_months,
    source="transport § 10 rule 9",
)
GROUP.case(
    "N704",
    ("Hver måned venter på kvittering for den forrige", "Each month waits for the receipt of the one before"),
    ("Én om gangen, i rekkefølge.", "One at a time, in order."),
    HISTORY,
    in_line,
    needs=_LINE,
    source="transport § 10 rule 9",
)


def _quiet_at_last(seen: Seen) -> list[Text]:
    """Nothing is sent in the last run, when there is nothing new."""
    last = len(seen.runs) - 1
    return [
        at(post.number, "sendt, men ingenting var nytt.", "sent, but nothing was new.") for post in seen.of_run(last)
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
_STOPPED = Scene(
    "stopped-load",
    (wants(Kind.MONTHS, 4), arms("created", 2), arms("500", 50), RUNS, CALM, AGAIN),
    frozenset({Ability.LINE}),
)


def _kept_month(seen: Seen) -> list[Text]:
    """What met a fault is what comes first when all goes right again."""
    last = max((place for place, post in enumerate(seen.posts) if post.note.fault == "500"), default=None)
    if last is None or last + 1 >= len(seen.posts):
        return [Text("Køen gikk ikke videre.", "The line did not go on.")]
    stopped, resumed = seen.posts[last], seen.posts[last + 1]
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
    both(_kept_month, in_line, delivered(4), ended),
    source="transport § 10 rules 2, 9",
)

_CORRECTED = Scene("correction", (wants(Kind.NEW), RUNS, wants(Kind.CHANGE), RUNS, AGAIN))
_DELETED = Scene("deletion", (wants(Kind.NEW), RUNS, wants(Kind.DELETE), RUNS, AGAIN))


def _later(seen: Seen) -> Sequence[Post]:
    """The messages after the first."""
    return seen.posts[1:]


def _same_id(seen: Seen) -> list[Text]:
    known = ids(seen.posts[0])[0]
    return [
        at(post.number, "ingen id fra den første meldingen.", "no id of the first message.")
        for post in _later(seen)
        if not known & ids(post)[0]
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


def _only_changed(seen: Seen) -> list[Text]:
    return [
        at(post.number, f"{len(ids(post)[0])} opplysninger.", f"{len(ids(post)[0])} records.")
        for post in _later(seen)
        if len(ids(post)[0]) > 1
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


def _withdrawn(seen: Seen) -> list[Text]:
    known = ids(seen.posts[0])[0]
    gone = {one for post in _later(seen) for one in ids(post)[1]}
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
    lambda seen: [
        at(post.number, "samme id i begge lister.", "the same id in both lists.")
        for post in seen.posts
        if ids(post)[0] & ids(post)[1]
    ],
    subject=_later,
    source="messages § 6 check 1",
)
