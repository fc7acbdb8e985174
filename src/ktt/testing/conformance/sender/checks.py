"""The ways to check what was recorded: a fact of each request, and the order of the queue.

They are not called assertions, which in this code are OAuth's client assertions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import orjson

from ktt.core.log.masking import masked
from ktt.core.text import Text
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario, TokenRequest

Check = Callable[[RecordedScenario], list[Text]]
"""What is wrong with what was recorded; empty when nothing is."""

_MOST_QUOTED = 60  # characters
_MOST_SHOWN = 5  # deviations of one kind


class Numbered(Protocol):
    """Anything with the number of a request in the report."""

    @property
    def number(self) -> int: ...  # noqa: D102


N = TypeVar("N", bound=Numbered)


def quoted(value: object) -> str:
    """A value as a text quotes it: short, and without persons' numbers."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = str(value)
    text = masked(text)
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


def at(number: int, nb: str, en: str) -> Text:
    """What is wrong with the request of that number."""
    return Text(f"Nr. {number}: {nb}", f"No. {number}: {en}")


def each(
    subject: Callable[[RecordedScenario], Sequence[N]],
    read: Callable[[N], Any],
    holds: Callable[[Any, N, RecordedScenario], bool],
) -> Check:
    """A value is read of each request, and must hold."""

    def check(recorded: RecordedScenario) -> list[Text]:
        wrong = [(one, value) for one in subject(recorded) if not holds(value := read(one), one, recorded)]
        return [
            at(one.number, f"fant {quoted(value)}.", f"found {quoted(value)}.") for one, value in wrong[:_MOST_SHOWN]
        ]

    return check


def each_message(
    read: Callable[[RecordedMessage], Any], holds: Callable[[Any, RecordedMessage, RecordedScenario], bool]
) -> Check:
    """A value is read of each message, and must hold."""
    return each(lambda recorded: recorded.messages, read, holds)


def each_token_request(
    read: Callable[[TokenRequest], Any], holds: Callable[[Any, TokenRequest, RecordedScenario], bool]
) -> Check:
    """A value is read of each token request, and must hold."""
    return each(lambda recorded: recorded.token_requests, read, holds)


def all_of(*checks: Check) -> Check:
    """Every one of the checks."""
    return lambda recorded: [deviation for check in checks for deviation in check(recorded)]


PROOF_ID = Text(nb="«jti» i beviset", en="the proof's `jti`")
ASSERTION_ID = Text(nb="«jti» i klientpåstanden", en="the client assertion's `jti`")
MESSAGE = Text(nb="meldingen", en="the message")
ENVELOPE = Text(nb="konvolutten", en="the envelope")
IV = Text(nb="IV-en", en="the IV")
SYMMETRIC_KEY = Text(nb="den symmetriske nøkkelen", en="the symmetric key")


def all_different(what: Text, numbered: Iterable[tuple[int, object]]) -> list[Text]:
    """No value of what is named occurs twice; None does not count."""
    first: dict[object, int] = {}
    found = []
    for number, value in numbered:
        if value is not None and value in first:
            earlier = first[value]
            says = f"{what.nb} er den samme som i nr. {earlier}.", f"{what.en} is the same as in no. {earlier}."
            found.append(at(number, *says))
        first.setdefault(value, number)
    return found[:_MOST_SHOWN]


def nothing_sent(recorded: RecordedScenario) -> list[Text]:
    """No message was sent."""
    return [
        at(message.number, "en melding ble sendt.", "a message was sent.")
        for message in recorded.messages[:_MOST_SHOWN]
    ]


def delivered(count: int) -> Check:
    """So many different messages were confirmed before the end."""

    def check(recorded: RecordedScenario) -> list[Text]:
        found = len({message.identity for message in recorded.messages if message.confirmed})
        if found >= count:
            return []
        few = Text(f"{found} av {count} meldinger ble levert.", f"{found} of {count} messages were delivered.")
        return [few, *_first_refusal(recorded)]

    return check


def _first_refusal(recorded: RecordedScenario) -> list[Text]:
    """Why the first message was refused that nobody had asked a fault for: the code, and the first place with its reason."""
    for message in recorded.messages:
        answer = message.answer
        if message.request.fault is None and answer is not None and answer.errors:
            error = answer.errors[0]
            place = next(iter(error.places()), ())
            why = masked(": ".join((f"{error.code or ''} {error.name}".strip(), *filter(None, place))))
            why = why.rstrip(".")
            return [at(message.number, f"avvist med {why}.", f"refused with {why}.")]
    return []


def one_at_a_time(recorded: RecordedScenario) -> list[Text]:
    """No message of a unit is sent before the one before it is answered."""
    return [
        at(
            later.number,
            f"sendt før nr. {earlier.number} var besvart.",
            f"sent before no. {earlier.number} was answered.",
        )
        for earlier, later in pairwise(recorded.messages)
        if earlier.request.ended is None or later.request.began < earlier.request.ended
    ]


def in_order(recorded: RecordedScenario) -> list[Text]:
    """The order of the queue: one at a time, the same again until it is confirmed, and never again after that."""
    found, done = one_at_a_time(recorded), set[object]()
    for place, message in enumerate(recorded.messages):
        before = recorded.messages[place - 1] if place else None
        if message.identity in done:
            found.append(at(message.number, "sendt på nytt etter kvittering.", "sent again after its receipt."))
        elif before is not None and not before.confirmed and message.identity != before.identity:
            found.append(
                at(
                    message.number,
                    f"en annen melding, før nr. {before.number} var bekreftet.",
                    f"another message, before no. {before.number} was confirmed.",
                )
            )
        if message.confirmed:
            done.add(message.identity)
    return found[:_MOST_SHOWN]


def proven_anew(recorded: RecordedScenario) -> list[Text]:
    """Each attempt has a proof of its own. The envelope may be the same one (transport § 10.2, identical bytes)."""
    return all_different(PROOF_ID, ((message.number, message.claims.get("jti")) for message in recorded.messages))


def sealed_anew(recorded: RecordedScenario) -> list[Text]:
    """No envelope is sent twice, also not when its message is sent again."""
    return all_different(ENVELOPE, ((message.number, message.raw) for message in recorded.messages))


def no_envelope_shares(what: Text, part: Callable[[RecordedMessage], bytes | None]) -> Check:
    """Two different envelopes never have the same key or IV. One that is sent again as it was counts once."""

    def check(recorded: RecordedScenario) -> list[Text]:
        first = {message.raw: message for message in reversed(recorded.messages) if message.raw}
        return all_different(what, ((message.number, part(message)) for message in reversed(first.values())))

    return check


def exit_code_is_true(recorded: RecordedScenario) -> list[Text]:
    """A run that ends with exit code 0 says that everything it sent is delivered."""
    return [
        at(sent[-1].number, "ikke levert, men utgangskoden var 0.", "not delivered, but the exit code was 0.")
        for place, run in enumerate(recorded.runs)
        if run.exit_code == 0 and (sent := recorded.of_run(place)) and not sent[-1].confirmed
    ]


def sent_again(recorded: RecordedScenario) -> list[Text]:
    """The first message was sent more than once."""
    first = recorded.messages[0].identity
    if sum(message.identity == first for message in recorded.messages) > 1:
        return []
    return [Text("Den ble ikke sendt på nytt.", "It was not sent again.")]


def at_most_per_run(count: int) -> Check:
    """No run sent more than so many messages."""

    def check(recorded: RecordedScenario) -> list[Text]:
        sizes = [len(recorded.of_run(run)) for run in range(max(1, len(recorded.runs)))]
        return [
            Text(f"{size} sendinger i én kjøring, ikke {count}.", f"{size} submissions in one run, not {count}.")
            for size in sizes
            if size > count
        ]

    return check


def only_first_message(recorded: RecordedScenario) -> list[Text]:
    """Nothing but the first message was sent."""
    first = recorded.messages[0]
    return [
        at(message.number, "en annen melding enn den første.", "another message than the first.")
        for message in recorded.messages
        if message.identity != first.identity
    ][:_MOST_SHOWN]


def runs_ended(recorded: RecordedScenario) -> list[Text]:
    """Every run of the sender ended within the time limit."""
    return [
        Text(
            f"Avsenderen var ikke ferdig etter {run.seconds:.0f} s.",
            f"The sender was not done after {run.seconds:.0f} s.",
        )
        for run in recorded.runs
        if run.timed_out
    ]
