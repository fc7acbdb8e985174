"""Failures of HelseID: no message is sent without a good token (helseid § 4, transport § 15)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup, requests, token_requests
from ktt.testing.conformance.sender.checks import all_of, at, delivered, nothing_sent
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import SenderHarness
from ktt.testing.conformance.sender.interceptor import ELSEWHERE, REDIRECT, CannedResponse
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.conformance.sender.scenario import (
    CLEARS_FAULTS,
    RUNS,
    RUNS_AGAIN,
    Scenario,
    Step,
    does,
    injects,
    prepares,
)
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, TOKEN_PATH

GROUP = CaseGroup(Text("Når HelseID svikter", "When HelseID fails"), "helseid § 4")
_NEW = prepares(PreparationKind.NEW)
_SHORT = 4  # seconds that a token is valid; a sender that renews it long before the end fetches one for each message
_DELAY = 4.6  # seconds until the first message is answered: by then the token has run out


def answers(path: str, response: CannedResponse, nb: str, en: str) -> Step:
    """HelseID or the receiver gives this answer at an address."""
    return does(nb, en, lambda harness: harness.interceptor.responses.update({path: response}))


def _at_most_two(recorded: RecordedScenario) -> list[Text]:
    runs = [one.run for one in recorded.token_requests]
    return [
        Text(f"{runs.count(run)} forespørsler i en kjøring.", f"{runs.count(run)} requests in a run.")
        for run in sorted(set(runs))
        if runs.count(run) > 2  # noqa: PLR2004 - the first, and one with the nonce
    ]


def followed(recorded: RecordedScenario) -> list[Text]:
    """The redirects that were followed."""
    return [
        at(request.number, "omdirigeringen ble fulgt.", "the redirect was followed.")
        for request in recorded.requests
        if request.address.endswith(ELSEWHERE)
    ]


GROUP.case(
    "F100",
    ("En nonce som aldri godtas", "A nonce that never does"),
    (
        "Høyst to forespørsler i en kjøring, og ingen melding.",
        "At most two requests in a run, and no message.",
    ),
    Scenario("useless-nonce", (injects("token-nonce", 50), _NEW, RUNS)),
    all_of(_at_most_two, nothing_sent),
    subject=token_requests,
    source="helseid § 4 step 4",
)
GROUP.case(
    "F101",
    ("HelseID er nede", "HelseID is down"),
    ("Ingen melding uten token.", "No message without a token."),
    Scenario("helseid-down", (injects("token-down", 200), _NEW, RUNS)),
    nothing_sent,
    subject=token_requests,
)
GROUP.case(
    "F102",
    ("HelseID kommer tilbake", "HelseID comes back"),
    ("Meldingen blir levert.", "The message is delivered."),
    Scenario("helseid-back", (injects("token-down"), _NEW, RUNS, CLEARS_FAULTS, RUNS_AGAIN)),
    delivered(1),
    subject=token_requests,
)


def _bearer_used(recorded: RecordedScenario) -> list[Text]:
    loose = {one.answer["access_token"] for one in recorded.token_requests if one.answer.get("token_type") == "Bearer"}
    return [
        at(message.number, "et token uten binding ble brukt.", "a token without binding was used.")
        for message in recorded.messages
        if message.token in loose
    ]


GROUP.case(
    "F103",
    ("Et token uten binding til nøkkelen brukes ikke", "A token that is not bound to the key is not used"),
    ("Ingen melding med det.", "No message with it."),
    Scenario("bearer", (injects("token-bearer", 4), _NEW, RUNS)),
    _bearer_used,
    subject=token_requests,
    level=Level.SHOULD,
    source="RFC 9449 § 5",
)
_REFUSED = CannedResponse(401, b'{"error":"invalid_client"}')
GROUP.case(
    "F104",
    ("HelseID kjenner ikke klienten", "HelseID does not know the client"),
    ("Høyst to forespørsler i en kjøring, og ingen melding.", "At most two requests in a run, and no message."),
    Scenario(
        "unknown-client",
        (
            answers(TOKEN_PATH, _REFUSED, "HelseID svarer «invalid_client».", "HelseID answers `invalid_client`."),
            _NEW,
            RUNS,
        ),
    ),
    all_of(_at_most_two, nothing_sent),
    subject=token_requests,
)
_HTML = CannedResponse(200, b"<html><body>Velkommen</body></html>", (("Content-Type", "text/html"),))
GROUP.case(
    "F105",
    ("Tokenendepunktet svarer med en nettside", "The token endpoint answers with a web page"),
    ("Ingen melding.", "No message."),
    Scenario(
        "token-page",
        (answers(TOKEN_PATH, _HTML, "HelseID svarer 200 med HTML.", "HelseID answers 200 with HTML."), _NEW, RUNS),
    ),
    nothing_sent,
    subject=token_requests,
)
for _name, _path, _nb, _en in (
    ("F106", TOKEN_PATH, "Tokenendepunktet", "The token endpoint"),
    ("F107", DISCOVERY_PATH, "Oppdagelsesdokumentet", "The discovery document"),
):
    GROUP.case(
        _name,
        (f"{_nb} omdirigerer", f"{_en} redirects"),
        ("Omdirigeringen følges ikke, og ingen melding sendes.", "It is not followed, and no message is sent."),
        Scenario(
            f"redirect-{_name}", (answers(_path, REDIRECT, f"{_nb} svarer 307.", f"{_en} answers 307."), _NEW, RUNS)
        ),
        all_of(followed, nothing_sent),
        subject=requests,
        source="transport § 2; transport § 15",
        level=Level.MUST if _path == TOKEN_PATH else Level.SHOULD,
    )


def _short_lived(harness: SenderHarness) -> None:
    harness.control.helseid.token_seconds = _SHORT


def _outlived(recorded: RecordedScenario) -> list[Text]:
    return [
        at(message.number, "tokenet var utløpt.", "the token had expired.")
        for message in recorded.messages
        if message.token_claims.get("exp", 0) < message.request.at
    ]


GROUP.case(
    "F108",
    ("Tokenet løper ut mellom to meldinger", "The token runs out between two messages"),
    ("Et nytt hentes i tide; begge meldinger leveres.", "A new one is fetched in time; both messages are delivered."),
    Scenario(
        "short-token",
        (
            does(f"Tokener lever {_SHORT} sekunder.", f"Tokens live {_SHORT} seconds.", _short_lived),
            injects("slow", 1, _DELAY),
            prepares(PreparationKind.NEW, 2),
            RUNS,
            RUNS_AGAIN,
        ),
        frozenset({Ability.QUEUE}),
    ),
    all_of(_outlived, delivered(2)),
    source="helseid § 2 FK3",
)
