"""Failures of receiver and network: the sender's resend must have the right result (transport § 10 rules 5, 7; § 10.2)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup, Need, Step, does, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, NO_ANSWER, UNAUTHORISED, Expectation, receipt
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import Submission

GROUP = CaseGroup(Text("Når noe svikter", "When something breaks"), "transport § 10")
_FAULTS = (Need.FAULTS,)
_DOWN = Expectation(frozenset({500, 502, 503, 504}))
_STORAGE = Expectation(frozenset({400, 500, 503}), frozenset({2010}))


def _inject(what: str) -> Step:
    """Put a fault into the sandbox's queue; there is no answer to check."""

    def act(harness: ReceiverHarness) -> RawResponse:
        harness.sandbox.fail(what)
        return RawResponse(200)

    return Step(Text(f"Be om feilen «{what}».", f"Ask for the fault `{what}`."), act, None)


_SEND = Text("Send en melding.", "Send a message.")
_AGAIN = Text("Send samme innhold igjen.", "Send the same content again.")


GROUP.case(
    "N900",
    "Lageret svikter (2010), og så er det tilbake",
    "Storage fails (2010), and then it is back",
    _inject("storage"),
    sends(_STORAGE, _SEND, keep="A"),
    sends(DELIVERED, _AGAIN, keep="A"),
    source="transport § 8; transport § 9 step 19; transport § 10.1",
    needs=_FAULTS,
)
GROUP.case(
    "N901",
    "503, og så samme innhold igjen",
    "503, and then the same content again",
    _inject("503"),
    sends(_DOWN, _SEND, keep="A"),
    sends(DELIVERED, _AGAIN, keep="A"),
    source="transport § 10 rule 7; transport § 10.2",
    needs=_FAULTS,
)
for name, what, nb, en in (
    (
        "N902",
        "lose",
        "Svaret gikk tapt etter at meldingen var lagret",
        "The answer was lost after the message was stored",
    ),
    ("N903", "cut", "Forbindelsen ble brutt midt i svaret", "The connection broke off in the middle of the answer"),
):
    GROUP.case(
        name,
        f"{nb}: sendt på nytt gir én og samme kvittering",
        f"{en}: sending again gives one and the same receipt",
        _inject(what),
        sends(NO_ANSWER, _SEND, keep="A"),
        sends(receipt("A"), _AGAIN, keep="A"),
        sends(receipt("A"), _AGAIN, keep="A"),
        source="transport § 10.2",
        needs=_FAULTS,
    )


def _rotated(harness: ReceiverHarness) -> RawResponse:
    harness.sandbox.rotate("helseid")
    harness.tokens.forget()
    return harness.send(Submission())


def _ahead(harness: ReceiverHarness) -> RawResponse:
    """Send one message while the receiver's clock is 25 seconds ahead of the sender's."""
    fields, body, content = harness.build(Submission())  # the token is fetched while the clocks agree
    harness.sandbox.clock(25)
    try:
        return harness.send_built(Submission(), fields, body, content)
    finally:
        harness.sandbox.clock(0)


GROUP.case(
    "N904",
    "HelseID bytter signeringsnøkkel",
    "HelseID changes its signing key",
    sends(DELIVERED, _SEND),
    does(DELIVERED, "Bytt nøkkel, hent nytt token, send.", "Change the key, fetch a new token, send.", _rotated),
    source="helseid § 1; helseid § 12 A3",
    needs=_FAULTS,
)
GROUP.case(
    "F900",
    "Klokkene går 25 sekunder i utakt",
    "The clocks are 25 seconds apart",
    does(UNAUTHORISED, "Still mottakets klokke fram, send.", "Turn the receiver's clock ahead, send.", _ahead),
    sends(DELIVERED, Text("Still den tilbake, send.", "Turn it back, send.")),
    source="helseid § 13.3",
    needs=_FAULTS,
)
