"""When the receiver fails for a while: the same again, sealed anew, before anything later (transport § 10.1, § 10.2)."""

from __future__ import annotations

from itertools import pairwise

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import (
    again,
    at,
    at_most,
    both,
    delivered,
    ended,
    in_line,
    one_content,
    sealed_anew,
)
from ktt.testing.conformance.sender.case import AGAIN, CALM, RUNS, Group, Scene, arms, posts, wants
from ktt.testing.conformance.sender.cases.token_trouble import followed
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.conformance.sender.request import Kind

GROUP = Group(Text("Når mottaket svikter en stund", "When the receiver fails for a while"), "transport § 10.1")
_TWO = wants(Kind.NEW, 2)
_PATIENT = 12  # attempts in one run that are still no hammering
_STORED = frozenset({"lose", "cut"})
_ASKED_FOR = 0.9  # seconds of the one that `Retry-After` asks for
_TEMPORARY = (
    ("F800", "500", "Mottaket svarer 500", "The receiver answers 500"),
    ("F801", "html", "502 med HTML fra en proxy", "502 with HTML from a proxy"),
    ("F802", "503", "503 med «Retry-After»", "503 with `Retry-After`"),
    ("F803", "504", "Mottaket svarer 504", "The receiver answers 504"),
    ("F804", "429", "429 med «Retry-After»", "429 with `Retry-After`"),
    ("F805", "storage", "2010: lageret svikter", "2010: the store fails"),
    ("F806", "reset", "Forbindelsen brytes brått", "The connection is reset"),
    ("F807", "lose", "Lagret, men svaret går tapt", "Stored, but the answer is lost"),
    ("F808", "cut", "Lagret, men svaret er avbrutt", "Stored, but the answer breaks off"),
    ("F809", "empty", "200 uten innhold", "200 without a body"),
    ("F810", "undelivered", "200 med «delivered»: false", "200 with `delivered`: false"),
    ("F811", "anonymous", "200 uten X-Correlation-ID", "200 without X-Correlation-ID"),
)


def _then_again(fault: str) -> Scene:
    last = RUNS if fault in _STORED else AGAIN  # a run more must not send again what was stored
    return Scene(f"then-{fault}", (arms(fault), _TWO, RUNS, AGAIN, last))


for _name, _fault, _nb, _en in _TEMPORARY:
    GROUP.case(
        _name,
        (_nb, _en),
        (
            "Samme melding igjen, kryptert på nytt, før neste; begge leveres, ingen to ganger.",
            "The same message again, sealed anew, before the next; both are delivered, neither twice.",
        ),
        _then_again(_fault),
        both(again, in_line, sealed_anew, delivered(2), ended),
        level=Level.SHOULD if _fault == "anonymous" else Level.MUST,
        source="transport § 10 rule 7, § 10.1, § 10.2",
    )
GROUP.case(
    "F812",
    ("Svaret kommer sent", "The answer comes late"),
    ("Avsenderen venter; meldingen sendes én gang.", "The sender waits; the message is sent once."),
    Scene("late", (arms("slow", 1, 1.0), _TWO, RUNS)),
    both(in_line, delivered(2), ended),
    source="transport § 12.1",
)
GROUP.case(
    "F813",
    ("201 er også levert", "201 is delivered too"),
    ("Meldingen sendes én gang.", "The message is sent once."),
    Scene("created", (arms("created"), _TWO, RUNS, RUNS)),
    both(in_line, delivered(2)),
    source="transport § 7",
)


def _waited(seen: Seen) -> list[Text]:
    found = []
    for earlier, later in pairwise(seen.posts):
        asked = earlier.note.answer_header("retry-after") and earlier.run == later.run
        waited = later.note.began - (earlier.note.ended or earlier.note.began)
        if asked and waited < _ASKED_FOR:
            found.append(at(later.number, f"etter {waited:.1f} s.", f"after {waited:.1f} s."))
    return found


for _name, _fault in (("F814", "503"), ("F815", "429")):
    GROUP.case(
        _name,
        (f"«Retry-After» ved {_fault} følges", f"`Retry-After` at {_fault} is heeded"),
        ("Neste forsøk i samme kjøring venter så lenge.", "The next attempt in the same run waits that long."),
        _then_again(_fault),
        _waited,
        level=Level.SHOULD,
        source="RFC 9110 § 10.2.3",
    )
_DOWN = Scene("down", (arms("500", 100), _TWO, RUNS, CALM, AGAIN, AGAIN))


def _steady(seen: Seen) -> list[Text]:
    """While it fails, nothing but the first message."""
    failing = [post for post in seen.posts if post.note.fault == "500"]
    first = failing[0].identity
    return [at(post.number, "en annen melding.", "another message.") for post in failing if post.identity != first]


GROUP.case(
    "F816",
    ("Mottaket er nede lenge", "The receiver is down for long"),
    ("Bare den første meldingen forsøkes.", "Only the first message is tried."),
    _DOWN,
    both(_steady, ended),
    source="transport § 10 rule 7",
)
GROUP.case(
    "F817",
    ("Antallet forsøk har et tak", "The number of attempts has an end"),
    (f"Høyst {_PATIENT} i en kjøring.", f"At most {_PATIENT} in a run."),
    _DOWN,
    at_most(_PATIENT),
    level=Level.SHOULD,
    source="transport § 10 rule 7",
)
GROUP.case(
    "F818",
    ("Mottaket kommer tilbake", "The receiver comes back"),
    ("Den samme meldingen først, så resten; alt leveres.", "The same message first, then the rest; all is delivered."),
    _DOWN,
    both(in_line, delivered(2)),
)


def _told_by_code(seen: Seen) -> list[Text]:
    silent = [ran for ran in seen.runs[:1] if ran.exit_code == 0]
    return [Text("Utgangskoden var 0.", "The exit code was 0.") for _ in silent]


GROUP.case(
    "F819",
    ("Utgangskoden sier at noe ikke ble levert", "The exit code tells that something was not delivered"),
    ("En annen kode enn 0.", "Another code than 0."),
    _DOWN,
    _told_by_code,
    needs=(Ability.STARTS,),
    level=Level.SHOULD,
    source="transport § 12.2",
)


def _fresh_token(seen: Seen) -> list[Text]:
    found = []
    for run in range(max(1, len(seen.runs))):
        of_run = [post for post in seen.of_run(run) if post.note.status in {401, 403}]
        found += [
            at(later.number, "med samme token.", "with the same token.")
            for earlier, later in pairwise(of_run)
            if earlier.token == later.token
        ]
    return found


for _name, _status in (("F820", "401"), ("F821", "403")):
    _shut = Scene(f"shut-{_status}", (arms(_status, 50), _TWO, RUNS))
    GROUP.case(
        _name,
        (f"{_status} igjen og igjen", f"{_status} again and again"),
        (
            "Ett nytt forsøk med nytt token, så stans; ingen annen melding.",
            "One more try with a new token, then a stop; no other message.",
        ),
        _shut,
        both(at_most(2), _fresh_token, one_content, ended),
        source="transport § 10 rule 5, § 10.1",
    )
GROUP.case(
    "F822",
    ("401 én gang", "401 once"),
    ("Samme melding med nytt token; begge leveres.", "The same message with a new token; both are delivered."),
    Scene("401-once", (arms("401"), _TWO, RUNS, AGAIN)),
    both(_fresh_token, again, in_line, sealed_anew, delivered(2)),
    source="transport § 10 rule 5",
)
for _name, _kind, _nb, _en in (
    ("F823", "token-expired", "et utløpt token", "an expired token"),
    ("F824", "token-audience", "et token for en annen tjeneste", "a token for another service"),
    ("F825", "token-scope", "et token uten rett tilgang", "a token without the scope"),
):
    GROUP.case(
        _name,
        (f"HelseID gir {_nb}, én gang", f"HelseID gives {_en}, once"),
        ("Meldingen leveres med et nytt token.", "The message is delivered with a new token."),
        Scene(_kind, (arms(_kind), wants(Kind.NEW), RUNS, AGAIN)),
        both(_fresh_token, one_content, delivered(1)),
        source="transport § 10.1",
    )
GROUP.case(
    "F826",
    ("Mottaket ber om nonce", "The receiver asks for a nonce"),
    (
        "Den sendes, eller meldingen venter; ingenting går forbi.",
        "It is sent, or the message waits; nothing overtakes.",
    ),
    Scene("nonce", (arms("nonce"), _TWO, RUNS, AGAIN)),
    both(in_line, sealed_anew, delivered(2)),
    source="RFC 9449 § 9",
)
GROUP.case(
    "F827",
    ("/message omdirigerer", "/message redirects"),
    ("Omdirigeringen følges ikke.", "The redirect is not followed."),
    Scene("message-redirect", (arms("redirect"), wants(Kind.NEW), RUNS, AGAIN)),
    followed,
    subject=posts,
    source="transport § 15",
)
