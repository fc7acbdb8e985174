"""The DPoP proof: its form, its claims and its single use (helseid § 13, table D)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import EVERYDAY, CaseGroup, Step, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, UNAUTHORISED, code
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import Submission
from ktt.wire import base64url, dpop
from ktt.wire import headers as names

GROUP = CaseGroup(Text("Beviset", "The proof"), "helseid § 13")
single = GROUP.single


def _twice(proof: str) -> tuple[str, str]:
    return (proof, proof)


def _parts(edit: Callable[[list[str]], str]) -> Callable[[str], tuple[str]]:
    return lambda proof: (edit(proof.split(".")),)


def _flat(proof: str) -> tuple[str]:
    """The JSON serialisation of the same JWS."""
    head, payload, signature = proof.split(".")
    return (orjson.dumps({"protected": head, "payload": payload, "signature": signature}).decode(),)


FORMS: tuple[tuple[str, str, str, str, Any], ...] = (
    ("F200", "D1", "Uten bevis", "Without a proof", lambda _: ()),
    ("F201", "D1", "Beviset to ganger", "The proof twice", _twice),
    ("F202", "D1", "To bevis med komma mellom", "Two proofs with a comma between", lambda proof: (f"{proof}, {proof}",)),
    ("F203", "D2", "JSON-form", "JSON serialisation", _flat),
    ("F204", "D2", "Løsrevet innhold", "Detached payload", _parts(lambda p: f"{p[0]}..{p[2]}")),
    ("F205", "D2", "To deler", "Two parts", _parts(lambda p: ".".join(p[:2]))),
    ("F206", "D2", "Base64 med utfylling", "Padded base64", _parts(lambda p: f"{p[0]}.{p[1]}.{p[2]}==")),
    ("F207", "D7", "Endret etter signering", "Changed after signing", _parts(lambda p: f"{p[0]}.{base64url.encode((base64url.decode(p[1]) or b'') + b' ')}.{p[2]}")),
)  # fmt: skip
for name, row, nb, en, proofs in FORMS:
    single(
        name,
        nb,
        en,
        UNAUTHORISED,
        source=f"helseid § 13 {row}; transport § 9 step {1 if row == 'D1' else 3}",
        proofs=proofs,
    )

_REQUIRED = (
    ("F210", "D14", "jti"),
    ("F211", "D9", "htm"),
    ("F212", "D10", "htu"),
    ("F213", "D11", "iat"),
    ("F214", "D13", "ath"),
)
for name, row, claim in _REQUIRED:
    single(
        name,
        f"Uten «{claim}»",
        f"Without `{claim}`",
        UNAUTHORISED,
        source=f"helseid § 13 D3; helseid § 13 {row}; transport § 9 step 3",
        without=frozenset({claim}),
    )


def _elsewhere(change: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda context: change(context.url)


def _origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def _other_scheme(url: str) -> str:
    return url.replace("http:", "https:", 1) if url.startswith("http:") else url.replace("https:", "http:", 1)


CLAIMS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("F220", "D3", "«htm» er en liste", "`htm` is a list", {"htm": ["POST"]}),
    ("F221", "D9", "«htm» med små bokstaver", "`htm` in lower case", {"htm": "post"}),
    ("F222", "D9", "«htm» er GET", "`htm` is GET", {"htm": "GET"}),
    ("F223", "D10", "En annen vert", "Another host", {"htu": "https://mottak.example/message"}),
    ("F224", "D10", "http for https, eller omvendt", "http for https, or the other way round", {"htu": _elsewhere(_other_scheme)}),
    ("F225", "D10", "«/Message» med stor M", "`/Message` with a capital M", {"htu": _elsewhere(lambda url: url.replace("/message", "/Message"))}),
    ("F226", "D10", "Skråstrek til slutt", "A trailing slash", {"htu": _elsewhere(lambda url: f"{url}/")}),
    ("F227", "D10", "Adressen til /keys", "The address of /keys", {"htu": _elsewhere(lambda url: url.replace("/message", "/keys"))}),
    ("F228", "D10", "Brukernavn i adressen", "A user name in the address", {"htu": _elsewhere(lambda url: url.replace("://", "://a@"))}),
    ("F229", "D10", "Bare stien", "The path alone", {"htu": "/message"}),
    ("F230", "D11", "Laget for to minutter siden", "Made two minutes ago", {"iat": lambda context: context.now - 120}),
    ("F231", "D11", "Laget to minutter fram i tid", "Made two minutes in the future", {"iat": lambda context: context.now + 120}),
    ("F232", "D11", "«iat» som tekst", "`iat` as text", {"iat": lambda context: str(context.now)}),
    ("F233", "D11", "«iat» med brøk", "`iat` with a fraction", {"iat": lambda context: context.now + 0.5}),
    ("F234", "D13", "«ath» til et annet token", "`ath` of another token", {"ath": dpop.token_hash("another")}),
    ("F235", "D13", "«ath» med utfylling", "Padded `ath`", {"ath": lambda context: f"{dpop.token_hash(context.token)}="}),
    ("F236", "D14", "Tom «jti»", "Empty `jti`", {"jti": ""}),
    ("F237", "D14", "«jti» på 1 000 tegn", "`jti` of 1 000 characters", {"jti": "j" * 1000}),
    ("F238", "D14", "«jti» er et tall", "`jti` is a number", {"jti": 17}),
)  # fmt: skip
for name, row, nb, en, claims in CLAIMS:
    single(name, nb, en, UNAUTHORISED, source=f"helseid § 13 {row}; transport § 9 step 3", claims=claims)

GROUP.table(
    ("N200", "helseid § 13.1", "«htu» med spørring og fragment, som ikke teller", "`htu` with query and fragment, which do not count", DELIVERED,
     {"claims": {"htu": _elsewhere(lambda url: f"{url}?a=1#b")}}),
    ("N201", "helseid § 13.1", "«htu» med skjema og vert i store bokstaver", "`htu` with scheme and host in upper case", DELIVERED,
     {"claims": {"htu": _elsewhere(lambda url: url.replace(_origin(url), _origin(url).upper()))}}),
    ("N202", "helseid § 13 D10; helseid § 13.1", "«htu» med kodet bokstav: %6Dessage", "`htu` with an encoded letter: %6Dessage", DELIVERED,
     {"claims": {"htu": _elsewhere(lambda url: url.replace("/message", "/%6Dessage"))}}),
    ("N203", "helseid § 13.3", "Laget for tre sekunder siden", "Made three seconds ago", DELIVERED, {"claims": {"iat": lambda context: context.now - 3}}),
    ("N204", "helseid § 13.3", "Klokken to sekunder foran", "A clock two seconds ahead", DELIVERED, {"claims": {"iat": lambda context: context.now + 2}}),
    ("F240", "helseid § 13 D2; helseid § 12 A11", "Samme krav to ganger", "The same claim twice", UNAUTHORISED,
     {"rewrite": lambda text: f'{{"htm": "GET", {text[1:]}'}),
    ("F241", "helseid § 13 D2", "Kravene er en liste", "The claims are a list", UNAUTHORISED, {"rewrite": lambda text: f"[{text}]"}),
    ("F242", "helseid § 13 D2", "NaN i et krav", "NaN in a claim", UNAUTHORISED, {"rewrite": lambda text: f'{{"x": NaN, {text[1:]}'}),
)  # fmt: skip


def _challenge(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    given = response.header("www-authenticate") or ""
    if given.startswith("DPoP ") and "error=" in given and "algs=" in given:
        return []
    return [
        Text(
            "«WWW-Authenticate: DPoP error=…, algs=…» mangler.", "`WWW-Authenticate: DPoP error=…, algs=…` is missing."
        )
    ]


def _uncached(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    if "no-store" in (response.header("cache-control") or ""):
        return []
    return [Text("«Cache-Control: no-store» mangler.", "`Cache-Control: no-store` is missing.")]


GROUP.table(
    ("F243", "helseid § 13.5; RFC 9449 § 7.1", "Avvisningen sier hvilke algoritmer som tas, og mellomlagres ikke", "The refusal says which algorithms are taken, and is not cached", UNAUTHORISED.also("WWW-Authenticate og Cache-Control", "WWW-Authenticate and Cache-Control", _challenge, _uncached),
     {"claims": {"htm": "GET"}}),
)  # fmt: skip

_AGAIN = Text("Send nøyaktig samme forespørsel igjen.", "Send exactly the same request again.")
_FIRST: Step = sends(DELIVERED, EVERYDAY, keep_request="a")
GROUP.case(
    "F244",
    "Samme bevis to ganger",
    "The same proof twice",
    _FIRST,
    sends(UNAUTHORISED, _AGAIN, keep_request="a"),
    source="helseid § 13 D14; helseid § 13.2",
)
GROUP.case(
    "F245",
    "Beviset er brukt opp også når meldingen ble avvist",
    "The proof is spent also when the message was rejected",
    sends(
        code(1001),
        Text("Send uten et x-hode.", "Send without an x-header."),
        keep_request="a",
        headers={names.VENDOR: None},
    ),
    sends(UNAUTHORISED, _AGAIN, keep_request="a"),
    source="transport § 9 step 6; transport § 14.2 point 1",
)


def _at_once(harness: ReceiverHarness) -> RawResponse:
    """Send two copies of one request at the same time; returns the answer with the higher status."""
    submission = Submission()
    built = harness.build(submission)
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(harness.send_built, submission, *built) for _ in range(2)]
    responses = [one.result() for one in both]
    harness.remembered("lower", "status", lambda: min(one.status or 999 for one in responses))
    return max(responses, key=lambda one: one.status or 999)


def _other_delivered(harness: ReceiverHarness, _response: RawResponse) -> list[Text]:
    lower = harness.remembered("lower", "status", int)
    return [] if lower in {200, 201} else [Text(f"Den andre fikk {lower}.", f"The other one got {lower}.")]


GROUP.case(
    "F246",
    "To kopier samtidig: nøyaktig én blir godtatt",
    "Two copies at once: exactly one is let in",
    Step(
        Text("Send samme forespørsel to ganger samtidig.", "Send the same request twice at the same time."),
        _at_once,
        UNAUTHORISED.also("den andre er levert", "the other one is delivered", _other_delivered),
    ),
    source="helseid § 13 D14; helseid § 13.2",
)
