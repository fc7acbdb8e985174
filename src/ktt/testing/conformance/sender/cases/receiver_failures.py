"""Temporary failures of the receiver: the same message is sent again, encrypted anew, before any other (transport § 10.1)."""

from __future__ import annotations

from itertools import pairwise

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup, messages
from ktt.testing.conformance.sender.cases.token_failures import followed
from ktt.testing.conformance.sender.checks import (
    MESSAGE,
    Check,
    all_different,
    all_of,
    at,
    at_most_per_run,
    delivered,
    exit_code_is_true,
    in_order,
    only_first_message,
    proven_anew,
    runs_ended,
    sealed_anew,
    sent_again,
)
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario
from ktt.testing.conformance.sender.scenario import CLEARS_FAULTS, RUNS, RUNS_AGAIN, Scenario, injects, prepares

GROUP = CaseGroup(Text("Når mottaket svikter en stund", "When the receiver fails for a while"), "transport § 10.1")
_TWO = prepares(PreparationKind.NEW, 2)
_MOST_ATTEMPTS = 12  # in one run; more are a burden to a receiver that fails
_STORED = frozenset({"lose", "cut"})  # the message is stored, though the sender is not told
_LIKE_RECEIPTS = frozenset({"empty", "undelivered", "delivered-500"})
_PAUSE = 0.1  # seconds between two attempts; a sender that tries more often gives a failing receiver no time
_WAIT = 0.9  # seconds; `Retry-After` asks for 1, and clocks may differ a little
_TEMPORARY = (
    ("F800", "500", "Mottaket svarer 500", "The receiver answers 500"),
    ("F801", "html", "502 med HTML fra en mellomtjener (proxy)", "502 with HTML from a proxy"),
    ("F802", "503", "503 med «Retry-After»", "503 with `Retry-After`"),
    ("F803", "504", "Mottaket svarer 504", "The receiver answers 504"),
    ("F804", "429", "429 med «Retry-After»", "429 with `Retry-After`"),
    ("F805", "storage", "2010: lageret svikter", "2010: the store fails"),
    ("F806", "reset", "Forbindelsen brytes brått", "The connection is reset"),
    ("F807", "lose", "Lagret, men svaret går tapt", "Stored, but the answer is lost"),
    ("F808", "cut", "Lagret, men svaret er avbrutt", "Stored, but the answer breaks off"),
    ("F809", "empty", "200 uten innhold", "200 without a body"),
    ("F810", "undelivered", "200 med «delivered»: false", "200 with `delivered`: false"),
    ("F828", "delivered-500", "500 med «delivered»: true", "500 with `delivered`: true"),
    ("F811", "anonymous", "200 uten X-Correlation-ID", "200 without X-Correlation-ID"),
)


def _resends(fault: str) -> Check:
    """The checks of a temporary failure; where the answer looks like a receipt, the exit code must not say delivered."""
    found = all_of(sent_again, in_order, proven_anew, delivered(2), runs_ended)
    return all_of(found, exit_code_is_true) if fault in _LIKE_RECEIPTS else found


def _then_again(fault: str) -> Scenario:
    last = RUNS if fault in _STORED else RUNS_AGAIN  # a further run must not send again what was stored
    return Scenario(f"then-{fault}", (injects(fault), _TWO, RUNS, RUNS_AGAIN, last))


for _name, _fault, _nb, _en in _TEMPORARY:
    GROUP.case(
        _name,
        (_nb, _en),
        (
            "Samme melding igjen, med nytt bevis, før neste; begge leveres, ingen to ganger.",
            "The same message again, with a new proof, before the next; both are delivered, neither twice.",
        ),
        _then_again(_fault),
        _resends(_fault),
        level=Level.SHOULD if _fault == "anonymous" else Level.MUST,
        source="transport § 10 rule 7; transport § 10.1; transport § 10.2",
    )
GROUP.case(
    "F832",
    ("Hvert forsøk er kryptert på nytt", "Each attempt is encrypted anew"),
    (
        "Ingen konvolutt sendes to ganger, heller ikke når meldingen sendes igjen.",
        "No envelope is sent twice, also not when its message is sent again.",
    ),
    _then_again("504"),
    sealed_anew,
    level=Level.SHOULD,
    source="transport § 10.1; transport § 10.2",
)


def _sent_once(recorded: RecordedScenario) -> list[Text]:
    return all_different(MESSAGE, ((message.number, message.identity) for message in recorded.messages))


GROUP.case(
    "F812",
    ("Svaret kommer sent", "The answer comes late"),
    ("Avsenderen venter; meldingen sendes én gang.", "The sender waits; the message is sent once."),
    Scenario("late", (injects("slow", 1, 1.0), _TWO, RUNS)),
    all_of(_sent_once, in_order, delivered(2), runs_ended),
    source="transport § 12.1",
)
GROUP.case(
    "F829",
    ("400 med «delivered»: true", "400 with `delivered`: true"),
    (
        "Meldingen regnes ikke som levert: den sendes igjen, eller køen stanser.",
        "The message does not count as delivered: it is sent again, or the queue stops.",
    ),
    Scenario("delivered-400", (injects("delivered-400"), _TWO, RUNS)),
    all_of(in_order, exit_code_is_true, runs_ended),
)
GROUP.case(
    "F813",
    ("201 er også levert", "201 is delivered too"),
    ("Meldingen sendes én gang.", "The message is sent once."),
    Scenario("created", (injects("created"), _TWO, RUNS, RUNS)),
    all_of(in_order, delivered(2)),
    source="transport § 7",
)


def _waited(recorded: RecordedScenario) -> list[Text]:
    found = []
    for earlier, later in pairwise(recorded.messages):
        asked = earlier.request.answer_header("retry-after") and earlier.run == later.run
        waited = later.request.began - (earlier.request.ended or earlier.request.began)
        if asked and waited < _WAIT:
            found.append(at(later.number, f"etter {waited:.1f} s.", f"after {waited:.1f} s."))
    return found


for _name, _fault in (("F814", "503"), ("F815", "429")):
    GROUP.case(
        _name,
        (f"«Retry-After» ved {_fault} følges", f"`Retry-After` at {_fault} is heeded"),
        ("Neste forsøk i samme kjøring venter så lenge.", "The next attempt in the same run waits that long."),
        _then_again(_fault),
        _waited,
        source="transport § 10.1; RFC 9110 § 10.2.3",
    )
_DOWN = Scenario("down", (injects("500", 100), _TWO, RUNS, CLEARS_FAULTS, RUNS_AGAIN, RUNS_AGAIN))


def _steady(recorded: RecordedScenario) -> list[Text]:
    """While the receiver fails, only the first message is sent."""
    failing = [message for message in recorded.messages if message.request.fault == "500"]
    first = failing[0].identity
    return [
        at(message.number, "en annen melding.", "another message.") for message in failing if message.identity != first
    ]


GROUP.case(
    "F816",
    ("Mottaket er nede lenge", "The receiver is down for long"),
    ("Bare den første meldingen forsøkes.", "Only the first message is tried."),
    _DOWN,
    all_of(_steady, runs_ended),
    source="transport § 10 rule 7",
)


def _few_attempts(recorded: RecordedScenario) -> list[Text]:
    """No run tries more often than that; `seconds` is how long the run lasted."""
    found = []
    for place, run in enumerate(recorded.runs):
        tried, most = len(recorded.of_run(place)), max(_MOST_ATTEMPTS, int(run.seconds))
        if tried > most:
            found.append(Text(f"{tried} i én kjøring, ikke {most}.", f"{tried} in one run, not {most}."))
    return found


GROUP.case(
    "F817",
    ("Antallet forsøk har et tak", "The number of attempts has an end"),
    (
        f"Høyst {_MOST_ATTEMPTS} i en kjøring, eller ett i sekundet i en som varer lenger.",
        f"At most {_MOST_ATTEMPTS} in a run, or one a second in a run that lasts longer.",
    ),
    _DOWN,
    _few_attempts,
    source="transport § 10 rule 7",
)


def _retries(recorded: RecordedScenario) -> list[tuple[RecordedMessage, float]]:
    """Each attempt that follows another of the same message in one run, and the seconds between them."""
    return [
        (later, later.request.began - (earlier.request.ended or earlier.request.began))
        for earlier, later in pairwise(recorded.messages)
        if earlier.run == later.run and earlier.request.fault == "500" and earlier.identity == later.identity
    ]


GROUP.case(
    "F830",
    ("Det går tid mellom forsøkene", "Time passes between the attempts"),
    (f"Minst {_PAUSE} s mellom to forsøk i samme kjøring.", f"At least {_PAUSE} s between two attempts in one run."),
    _DOWN,
    lambda recorded: [
        at(message.number, f"etter {seconds * 1000:.0f} ms.", f"after {seconds * 1000:.0f} ms.")
        for message, seconds in _retries(recorded)
        if seconds < _PAUSE
    ][:5],
    subject=_retries,
    source="transport § 10 rule 7; transport § 10.1",
)
GROUP.case(
    "F818",
    ("Mottaket kommer tilbake", "The receiver comes back"),
    ("Den samme meldingen først, så resten; alt leveres.", "The same message first, then the rest; all is delivered."),
    _DOWN,
    all_of(in_order, delivered(2)),
)


_LATER = Scenario(
    "arose-later",
    (
        injects("500", 100),
        prepares(PreparationKind.NEW),
        RUNS,
        prepares(PreparationKind.NEW),
        CLEARS_FAULTS,
        RUNS_AGAIN,
        RUNS_AGAIN,
    ),
    frozenset({Ability.QUEUE}),
)
GROUP.case(
    "F831",
    ("Noe nytt oppstår mens mottaket er nede", "Something new arises while the receiver is down"),
    (
        "Det som oppsto først, sendes først, også når noe nyere venter.",
        "What arose first is sent first, also when something newer waits.",
    ),
    _LATER,
    all_of(in_order, delivered(2), runs_ended),
    source="transport § 10 rule 1; transport § 10 rule 3",
)


def _told_by_code(recorded: RecordedScenario) -> list[Text]:
    silent = [ran for ran in recorded.runs[:1] if ran.exit_code == 0]
    return [Text("Utgangskoden var 0.", "The exit code was 0.") for _ in silent]


GROUP.case(
    "F819",
    ("Utgangskoden sier at noe ikke ble levert", "The exit code tells that something was not delivered"),
    ("En annen kode enn 0.", "Another code than 0."),
    _DOWN,
    _told_by_code,
    needs=(Ability.STARTS,),
    source="transport § 12.2",
)


def _fresh_token(recorded: RecordedScenario) -> list[Text]:
    found = []
    for run in range(max(1, len(recorded.runs))):
        of_run = [message for message in recorded.of_run(run) if message.request.status in {401, 403}]
        found += [
            at(later.number, "med samme token.", "with the same token.")
            for earlier, later in pairwise(of_run)
            if earlier.token == later.token
        ]
    return found


for _name, _status in (("F820", "401"), ("F821", "403")):
    _shut = Scenario(f"shut-{_status}", (injects(_status, 50), _TWO, RUNS))
    GROUP.case(
        _name,
        (f"{_status} igjen og igjen", f"{_status} again and again"),
        (
            "Ett nytt forsøk med nytt token, så stans; ingen annen melding.",
            "One more try with a new token, then a stop; no other message.",
        ),
        _shut,
        all_of(at_most_per_run(2), _fresh_token, only_first_message, runs_ended),
        source="transport § 10 rule 5; transport § 10.1",
    )
GROUP.case(
    "F822",
    ("401 én gang", "401 once"),
    ("Samme melding med nytt token; begge leveres.", "The same message with a new token; both are delivered."),
    Scenario("401-once", (injects("401"), _TWO, RUNS, RUNS_AGAIN)),
    all_of(_fresh_token, sent_again, in_order, proven_anew, delivered(2)),
    source="transport § 10 rule 5",
)
for _name, _kind, _nb, _en in (
    ("F823", "token-expired", "et utløpt token", "an expired token"),
    ("F824", "token-audience", "et token for en annen tjeneste", "a token for another service"),
    ("F825", "token-scope", "et token uten riktig tilgang", "a token without the scope"),
):
    GROUP.case(
        _name,
        (f"HelseID gir {_nb}, én gang", f"HelseID gives {_en}, once"),
        ("Meldingen leveres med et nytt token.", "The message is delivered with a new token."),
        Scenario(_kind, (injects(_kind), prepares(PreparationKind.NEW), RUNS, RUNS_AGAIN)),
        all_of(_fresh_token, only_first_message, delivered(1)),
        source="transport § 10.1",
    )
GROUP.case(
    "F826",
    ("Mottaket ber om nonce", "The receiver asks for a nonce"),
    (
        "Den sendes, eller meldingen venter; ingenting går forbi.",
        "It is sent, or the message waits; nothing overtakes.",
    ),
    Scenario("nonce", (injects("nonce"), _TWO, RUNS, RUNS_AGAIN)),
    all_of(in_order, proven_anew, delivered(2)),
    source="RFC 9449 § 9",
)
GROUP.case(
    "F827",
    ("/message omdirigerer", "/message redirects"),
    ("Omdirigeringen følges ikke.", "The redirect is not followed."),
    Scenario("message-redirect", (injects("redirect"), prepares(PreparationKind.NEW), RUNS, RUNS_AGAIN)),
    followed,
    subject=messages,
    source="transport § 15",
)
