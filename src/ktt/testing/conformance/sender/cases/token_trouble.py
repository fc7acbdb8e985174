"""When HelseID does not answer as it should: nothing is sent without a good token (helseid § 4, transport § 15)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import at, both, delivered, nothing_sent
from ktt.testing.conformance.sender.case import (
    AGAIN,
    CALM,
    RUNS,
    Group,
    Scene,
    Step,
    arms,
    does,
    requests,
    tokens,
    wants,
)
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.harness import Stage
from ktt.testing.conformance.sender.interceptor import ELSEWHERE, REDIRECT, Said
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.conformance.sender.request import Kind
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, TOKEN_PATH

GROUP = Group(Text("Når HelseID svikter", "When HelseID fails"), "helseid § 4")
_NEW = wants(Kind.NEW)
_SHORT = 12  # seconds that a token lives; ours is renewed 10 s before the end, FHI's 30
_HELD = 2.2


def instead(path: str, said: Said, nb: str, en: str) -> Step:
    """Something else is answered at an address."""
    return does(nb, en, lambda stage: stage.door.instead.update({path: said}))


def _at_most_two(seen: Seen) -> list[Text]:
    runs = [one.run for one in seen.token_requests]
    return [
        Text(f"{runs.count(run)} forespørsler i en kjøring.", f"{runs.count(run)} requests in a run.")
        for run in sorted(set(runs))
        if runs.count(run) > 2  # noqa: PLR2004 - the first, and one with the nonce
    ]


def followed(seen: Seen) -> list[Text]:
    """The redirects that were followed."""
    return [
        at(note.number, "omdirigeringen ble fulgt.", "the redirect was followed.")
        for note in seen.requests
        if note.address.endswith(ELSEWHERE)
    ]


GROUP.case(
    "F100",
    ("En nonce som aldri duger", "A nonce that never does"),
    (
        "Høyst to forespørsler i en kjøring, og ingen melding.",
        "At most two requests in a run, and no message.",
    ),
    Scene("useless-nonce", (arms("token-nonce", 50), _NEW, RUNS)),
    both(_at_most_two, nothing_sent),
    subject=tokens,
    source="helseid § 4 step 4",
)
GROUP.case(
    "F101",
    ("HelseID er nede", "HelseID is down"),
    ("Ingen melding uten token.", "No message without a token."),
    Scene("helseid-down", (arms("token-down", 200), _NEW, RUNS)),
    nothing_sent,
    subject=tokens,
)
GROUP.case(
    "F102",
    ("HelseID kommer tilbake", "HelseID comes back"),
    ("Meldingen blir levert.", "The message is delivered."),
    Scene("helseid-back", (arms("token-down"), _NEW, RUNS, CALM, AGAIN)),
    delivered(1),
    subject=tokens,
)


def _bearer_used(seen: Seen) -> list[Text]:
    loose = {one.answer["access_token"] for one in seen.token_requests if one.answer.get("token_type") == "Bearer"}
    return [
        at(post.number, "et token uten binding ble brukt.", "a token without binding was used.")
        for post in seen.posts
        if post.token in loose
    ]


GROUP.case(
    "F103",
    ("Et token uten binding til nøkkelen brukes ikke", "A token that is not bound to the key is not used"),
    ("Ingen melding med det.", "No message with it."),
    Scene("bearer", (arms("token-bearer", 4), _NEW, RUNS)),
    _bearer_used,
    subject=tokens,
    level=Level.SHOULD,
    source="RFC 9449 § 5",
)
_REFUSED = Said(401, b'{"error":"invalid_client"}')
GROUP.case(
    "F104",
    ("HelseID kjenner ikke klienten", "HelseID does not know the client"),
    ("Høyst to forespørsler i en kjøring, og ingen melding.", "At most two requests in a run, and no message."),
    Scene(
        "unknown-client",
        (
            instead(TOKEN_PATH, _REFUSED, "HelseID svarer «invalid_client».", "HelseID answers `invalid_client`."),
            _NEW,
            RUNS,
        ),
    ),
    both(_at_most_two, nothing_sent),
    subject=tokens,
)
_HTML = Said(200, b"<html><body>Velkommen</body></html>", (("Content-Type", "text/html"),))
GROUP.case(
    "F105",
    ("Tokenendepunktet svarer med en nettside", "The token endpoint answers with a web page"),
    ("Ingen melding.", "No message."),
    Scene(
        "token-page",
        (instead(TOKEN_PATH, _HTML, "HelseID svarer 200 med HTML.", "HelseID answers 200 with HTML."), _NEW, RUNS),
    ),
    nothing_sent,
    subject=tokens,
)
for _name, _path, _nb, _en in (
    ("F106", TOKEN_PATH, "Tokenendepunktet", "The token endpoint"),
    ("F107", DISCOVERY_PATH, "Oppdagelsesdokumentet", "The discovery document"),
):
    GROUP.case(
        _name,
        (f"{_nb} omdirigerer", f"{_en} redirects"),
        ("Omdirigeringen følges ikke, og ingen melding sendes.", "It is not followed, and no message is sent."),
        Scene(f"redirect-{_name}", (instead(_path, REDIRECT, f"{_nb} svarer 307.", f"{_en} answers 307."), _NEW, RUNS)),
        both(followed, nothing_sent),
        subject=requests,
        source="transport § 15",
        level=Level.MUST if _path == TOKEN_PATH else Level.SHOULD,
    )


def _short_lived(stage: Stage) -> None:
    stage.desk.helseid.token_seconds = _SHORT


def _outlived(seen: Seen) -> list[Text]:
    return [
        at(post.number, "tokenet var utløpt.", "the token had expired.")
        for post in seen.posts
        if post.token_claims.get("exp", 0) < post.note.at
    ]


GROUP.case(
    "F108",
    ("Tokenet løper ut mellom to meldinger", "The token runs out between two messages"),
    ("Et nytt hentes i tide; begge meldinger leveres.", "A new one is fetched in time; both messages are delivered."),
    Scene(
        "short-token",
        (
            does(f"Tokener lever {_SHORT} sekunder.", f"Tokens live {_SHORT} seconds.", _short_lived),
            arms("slow", 1, _HELD),
            wants(Kind.NEW, 2),
            RUNS,
            AGAIN,
        ),
        frozenset({Ability.LINE}),
    ),
    both(_outlived, delivered(2)),
    source="helseid § 2 FK3",
)
