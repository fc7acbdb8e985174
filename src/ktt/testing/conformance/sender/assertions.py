"""The ways to judge what was seen: one fact of each request, and the law of the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import orjson

from ktt.core.log.masking import masked
from ktt.core.text import Text
from ktt.testing.conformance.sender.case import Judge
from ktt.testing.conformance.sender.recorded import Post, Seen, TokenRequest

_SHOWN = 60
_MOST = 5  # faults of one kind that are shown


class Numbered(Protocol):
    """Anything with a number in the report."""

    @property
    def number(self) -> int: ...  # noqa: D102


N = TypeVar("N", bound=Numbered)


def shown(value: object) -> str:
    """A value as a fault quotes it: short, and without persons' numbers."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = str(value)
    text = masked(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def at(number: int, nb: str, en: str) -> Text:
    """A fault of one request."""
    return Text(f"Nr. {number}: {nb}", f"No. {number}: {en}")


def each(
    subject: Callable[[Seen], Sequence[N]], read: Callable[[N], Any], holds: Callable[[Any, N, Seen], bool]
) -> Judge:
    """A fact of each request, and when it holds."""

    def judge(seen: Seen) -> list[Text]:
        wrong = [(one, value) for one in subject(seen) if not holds(value := read(one), one, seen)]
        return [at(one.number, f"fant {shown(value)}.", f"found {shown(value)}.") for one, value in wrong[:_MOST]]

    return judge


def each_post(read: Callable[[Post], Any], holds: Callable[[Any, Post, Seen], bool]) -> Judge:
    """A fact of each message."""
    return each(lambda seen: seen.posts, read, holds)


def each_token(read: Callable[[TokenRequest], Any], holds: Callable[[Any, TokenRequest, Seen], bool]) -> Judge:
    """A fact of each token request."""
    return each(lambda seen: seen.token_requests, read, holds)


def both(*judges: Judge) -> Judge:
    """All of them."""
    return lambda seen: [fault for judge in judges for fault in judge(seen)]


def unlike(numbered: Iterable[tuple[int, object]]) -> list[Text]:
    """No value twice; None does not count."""
    first: dict[object, int] = {}
    found = []
    for number, value in numbered:
        if value is not None and value in first:
            found.append(at(number, f"den samme som i nr. {first[value]}.", f"the same as in no. {first[value]}."))
        first.setdefault(value, number)
    return found[:_MOST]


def nothing_sent(seen: Seen) -> list[Text]:
    """No message at all."""
    return [at(post.number, "en melding ble sendt.", "a message was sent.") for post in seen.posts[:_MOST]]


def delivered(count: int) -> Judge:
    """So many different messages got a receipt before the end."""

    def judge(seen: Seen) -> list[Text]:
        found = len({post.identity for post in seen.posts if post.told})
        if found >= count:
            return []
        return [Text(f"{found} av {count} meldinger ble levert.", f"{found} of {count} messages were delivered.")]

    return judge


def overlapping(seen: Seen) -> list[Text]:
    """Two messages of one unit under way at the same time."""
    return [
        at(
            later.number,
            f"sendt før nr. {earlier.number} var besvart.",
            f"sent before no. {earlier.number} was answered.",
        )
        for earlier, later in pairwise(seen.posts)
        if earlier.note.ended is None or later.note.began < earlier.note.ended
    ]


def in_line(seen: Seen) -> list[Text]:
    """One at a time; the same again until its receipt has come; never again after that."""
    found, done = overlapping(seen), set[object]()
    for place, post in enumerate(seen.posts):
        before = seen.posts[place - 1] if place else None
        if post.identity in done:
            found.append(at(post.number, "sendt på nytt etter kvittering.", "sent again after its receipt."))
        elif before is not None and not before.told and post.identity != before.identity:
            found.append(
                at(
                    post.number,
                    f"en annen melding, før nr. {before.number} var bekreftet.",
                    f"another message, before no. {before.number} was confirmed.",
                )
            )
        if post.told:
            done.add(post.identity)
    return found[:_MOST]


def sealed_anew(seen: Seen) -> list[Text]:
    """Each attempt has its own symmetric key, IV and proof."""
    posts = seen.posts
    keys = unlike((post.number, post.symmetric_key) for post in posts)
    vectors = unlike((post.number, post.raw[:16] if post.raw else None) for post in posts)
    proofs = unlike((post.number, post.claims.get("jti")) for post in posts)
    return [
        *(Text(f"{one.nb} (nøkkel)", f"{one.en} (key)") for one in keys),
        *(Text(f"{one.nb} (IV)", f"{one.en} (IV)") for one in vectors),
        *(Text(f"{one.nb} (jti)", f"{one.en} (jti)") for one in proofs),
    ]


def again(seen: Seen) -> list[Text]:
    """The first message was sent more than once."""
    first = seen.posts[0].identity
    if sum(post.identity == first for post in seen.posts) > 1:
        return []
    return [Text("Den ble ikke sendt på nytt.", "It was not sent again.")]


def at_most(count: int) -> Judge:
    """In no run more than so many messages."""

    def judge(seen: Seen) -> list[Text]:
        sizes = [len(seen.of_run(run)) for run in range(max(1, len(seen.runs)))]
        return [
            Text(f"{size} sendinger i én kjøring, ikke {count}.", f"{size} submissions in one run, not {count}.")
            for size in sizes
            if size > count
        ]

    return judge


def one_content(seen: Seen) -> list[Text]:
    """Nothing but the first message."""
    first = seen.posts[0]
    return [
        at(post.number, "en annen melding enn den første.", "another message than the first.")
        for post in seen.posts
        if post.identity != first.identity
    ][:_MOST]


def ended(seen: Seen) -> list[Text]:
    """Every run of the sender came to an end by itself."""
    return [
        Text(
            f"Avsenderen var ikke ferdig etter {ran.seconds:.0f} s.",
            f"The sender was not done after {ran.seconds:.0f} s.",
        )
        for ran in seen.runs
        if ran.timed_out
    ]
