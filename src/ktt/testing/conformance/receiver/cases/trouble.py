"""When things break: what a sender does afterwards must end well (transport § 10 rules 5 and 7, § 10.2)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group, Need, Step, asks, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, NO_ANSWER, UNAUTHORISED, Expect, receipt
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import Heard
from ktt.testing.conformance.receiver.submission import Post

GROUP = Group(Text("Når noe svikter", "When something breaks"), "transport § 10")
_KNOBS = (Need.KNOBS,)
_DOWN = Expect(frozenset({500, 502, 503, 504}))
_STORAGE = Expect(frozenset({400, 500, 503}), frozenset({2010}))


def _arrange(what: str) -> Step:
    """Turn a knob; nothing is judged."""

    def act(bench: Bench) -> Heard:
        bench.sandbox.fail(what)
        return Heard(200)

    return Step(Text(f"Be om feilen «{what}».", f"Ask for the fault `{what}`."), act, None)


_SEND = Text("Send en melding.", "Send a message.")
_AGAIN = Text("Send samme innhold igjen.", "Send the same content again.")


GROUP.case(
    "N900",
    "Lageret svikter (2010), og så er det tilbake",
    "Storage fails (2010), and then it is back",
    _arrange("storage"),
    sends(_STORAGE, _SEND, keep="A"),
    sends(DELIVERED, _AGAIN, keep="A"),
    source="§ 8",
    needs=_KNOBS,
)
GROUP.case(
    "N901",
    "503, og så samme innhold igjen",
    "503, and then the same content again",
    _arrange("503"),
    sends(_DOWN, _SEND, keep="A"),
    sends(DELIVERED, _AGAIN, keep="A"),
    source="rule 7",
    needs=_KNOBS,
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
        _arrange(what),
        sends(NO_ANSWER, _SEND, keep="A"),
        sends(receipt("A"), _AGAIN, keep="A"),
        sends(receipt("A"), _AGAIN, keep="A"),
        source="§ 10.2",
        needs=_KNOBS,
    )


def _rotated(bench: Bench) -> Heard:
    bench.sandbox.rotate("helseid")
    bench.tokens.forget()
    return bench.send(Post())


def _ahead(bench: Bench) -> Heard:
    """The receiver's clock goes 25 seconds ahead of the sender's, for one message."""
    fields, body, content = bench.build(Post())  # the token is fetched while the clocks agree
    bench.sandbox.clock(25)
    try:
        return bench.send_built(Post(), fields, body, content)
    finally:
        bench.sandbox.clock(0)


GROUP.case(
    "N904",
    "HelseID bytter signeringsnøkkel",
    "HelseID changes its signing key",
    sends(DELIVERED, _SEND),
    asks(DELIVERED, "Bytt nøkkel, hent nytt token, send.", "Change the key, fetch a new token, send.", _rotated),
    source="helseid § 12 A3",
    needs=_KNOBS,
)
GROUP.case(
    "F900",
    "Klokkene går 25 sekunder i utakt",
    "The clocks are 25 seconds apart",
    asks(UNAUTHORISED, "Still mottakets klokke fram, send.", "Turn the receiver's clock ahead, send.", _ahead),
    sends(DELIVERED, Text("Still den tilbake, send.", "Turn it back, send.")),
    source="helseid § 13.3",
    needs=_KNOBS,
)
