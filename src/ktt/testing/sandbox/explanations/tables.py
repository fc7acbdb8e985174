"""Tables A (the access token), D (the DPoP proof) and C (the client assertion, helseid § 14): what each row wants, and what to do.

The rows are those of helseid § 12, § 13 and § 14; `docs/reference/token-and-proof.md` is printed from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ktt.core.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: what it wants of the token, proof or assertion, and what a sender does when it fails."""

    number: str
    wants: Text
    remedy: Text


def _rows(*rows: tuple[str, str, str, str, str]) -> Mapping[str, Row]:
    return {
        number: Row(number, Text(nb=wants_nb, en=wants_en), Text(nb=remedy_nb, en=remedy_en))
        for number, wants_nb, wants_en, remedy_nb, remedy_en in rows
    }


TOKEN = _rows(
    (
        "A1",
        "tre deler base64url uten fyll, skilt med punktum, høyst 8192 tegn",
        "three parts of base64url without padding, separated by full stops, at most 8192 characters",
        "Send tokenet nøyaktig slik HelseID ga det.",
        "Send the token exactly as HelseID gave it.",
    ),
    (
        "A2",
        "en algoritme som mottaket tillater",
        "an algorithm that the receiver allows",
        "Bruk tokenet fra HelseID; lag det ikke selv.",
        "Use the token from HelseID; do not make it yourself.",
    ),
    (
        "A3",
        "en `kid` som er i HelseIDs nøkkelsett, og en signatur fra den nøkkelen",
        "a `kid` that is in HelseID's key set, and a signature by that key",
        "Hent tokenet fra den HelseID som mottaket stoler på.",
        "Get the token from the HelseID that the receiver trusts.",
    ),
    (
        "A4",
        "ingen `crit`, og ikke `b64` annet enn true",
        "no `crit`, nor `b64` other than true",
        "Fjern utvidelsen fra hodet.",
        "Remove the extension from the header.",
    ),
    (
        "A5",
        "`typ` lik at+jwt eller JWT",
        "a `typ` of at+jwt or JWT",
        "Send et tilgangstoken, ikke et bevis eller en klientpåstand.",
        "Send an access token, not a proof or a client assertion.",
    ),
    (
        "A6",
        "nøyaktig den utstederen mottaket stoler på, i `iss`",
        "exactly the issuer that the receiver trusts, in `iss`",
        "Sett klientens HelseID-adresse til utstederen over.",
        "Set the client's HelseID address to the issuer above.",
    ),
    (
        "A7",
        "mottakets navn i `aud`, alene",
        "the receiver's name in `aud`, alone",
        "Be HelseID om scopet til mottaket, og om ingen andres i samme token.",
        "Ask HelseID for the receiver's scope, and for nobody else's in the same token.",
    ),
    (
        "A8",
        "`exp`, `nbf` og `iat` som hele sekunder, og at tokenet gjelder nå",
        "`exp`, `nbf` and `iat` in whole seconds, and that the token is valid now",
        "Hent et nytt token når det er under 30 sekunder igjen, og still klokka (NTP).",
        "Get a new token when less than 30 seconds are left, and set the clock (NTP).",
    ),
    (
        "A9",
        "mottakets scope som helt ord i `scope`",
        "the receiver's scope as a whole word in `scope`",
        "Be om scopet i forespørselen til HelseID, og kontroller at klienten er gitt det.",
        "Ask for the scope in the request to HelseID, and see that the client was granted it.",
    ),
    (
        "A10",
        "`cnf` med bare `jkt`, 43 tegn base64url",
        "`cnf` with `jkt` alone, 43 characters of base64url",
        "Send et DPoP-bevis til HelseID, så tokenet bindes til nøkkelen.",
        "Send a DPoP proof to HelseID, so that the token is bound to the key.",
    ),
    (
        "A11",
        "JSON-objekter uten dobbelte navn eller tall som ikke kan leses likt av alle",
        "JSON objects without duplicate names or numbers that parsers read differently",
        "Bruk et bibliotek for JWT; bygg ikke teksten selv.",
        "Use a JWT library; do not build the text yourself.",
    ),
    (
        "A12",
        "nøyaktig ett hode `Authorization: DPoP <token>`",
        "exactly one header `Authorization: DPoP <token>`",
        "Bruk skjemaet DPoP, ikke Bearer, og send hodet én gang.",
        "Use the scheme DPoP, not Bearer, and send the header once.",
    ),
    (
        "step 4",
        "hvem klienten er, og minst ett organisasjonsnummer med ni siffer",
        "who the client is, and at least one organisation number of nine digits",
        "Kontroller at klienten hører til en virksomhet; en klient for flere virksomheter oppgir virksomheten i klientpåstanden.",
        "See that the client belongs to an organisation; a multi-tenant client names it in the client assertion.",
    ),
    (
        "step 9",
        "leverandørens organisasjonsnummer med ni siffer, når det er der",
        "the supplier's organisation number of nine digits, where there is one",
        "Bruk tokenet fra HelseID; lag det ikke selv.",
        "Use the token from HelseID; do not make it yourself.",
    ),
    (
        "carried",
        "en `jti` på 1 til 128 synlige ASCII-tegn",
        "a `jti` of 1 to 128 visible ASCII characters",
        "Bruk tokenet fra HelseID; lag det ikke selv.",
        "Use the token from HelseID; do not make it yourself.",
    ),
)

PROOF = _rows(
    (
        "D1",
        "nøyaktig ett hode `DPoP`, uten komma",
        "exactly one header `DPoP`, without a comma",
        "Send ett bevis, laget for denne forespørselen.",
        "Send one proof, made for this request.",
    ),
    (
        "D2",
        "én kompakt JWS på høyst 8192 tegn, uten `crit` og med strenge JSON-objekter",
        "one compact JWS of at most 8192 characters, without `crit` and with strict JSON objects",
        "Bruk et bibliotek for JWT; bygg ikke teksten selv.",
        "Use a JWT library; do not build the text yourself.",
    ),
    (
        "D4",
        "`typ` lik dpop+jwt, med små bokstaver",
        "a `typ` of dpop+jwt, in lower case",
        "Sett `typ` i hodet til dpop+jwt.",
        "Set `typ` in the header to dpop+jwt.",
    ),
    (
        "D5",
        "en asymmetrisk algoritme som passer til nøkkelen",
        "an asymmetric algorithm that fits the key",
        "Bruk RS256 eller PS256 med RSA, ES256 med P-256.",
        "Use RS256 or PS256 with RSA, ES256 with P-256.",
    ),
    (
        "D6",
        "den offentlige nøkkelen i `jwk`, uten noen privat del",
        "the public key in `jwk`, without any private member",
        "Legg bare kty, n og e (RSA) eller kty, crv, x og y (EC) i `jwk`.",
        "Put only kty, n and e (RSA) or kty, crv, x and y (EC) into `jwk`.",
    ),
    (
        "D7",
        "en signatur fra nøkkelen i `jwk`",
        "a signature by the key in `jwk`",
        "Signer med nøkkelen dere viser. En ES-signatur er r og s etter hverandre, ikke DER.",
        "Sign with the key you show. An ES signature is r and s side by side, not DER.",
    ),
    (
        "D8",
        "samme nøkkel som tokenet er bundet til (`cnf.jkt`)",
        "the key that the token is bound to (`cnf.jkt`)",
        "Bruk samme nøkkel i beviset til HelseID og i beviset til mottaket, og hent nytt token når nøkkelen byttes.",
        "Use one key in the proof to HelseID and in the proof to the receiver, and get a new token when the key changes.",
    ),
    (
        "D9",
        "`htm` lik forespørselens metode, med store bokstaver",
        "`htm` equal to the method of the request, in upper case",
        "Lag beviset for metoden dere bruker.",
        "Make the proof for the method you use.",
    ),
    (
        "D10",
        "`htu` lik adressen, uten spørring",
        "`htu` equal to the address, without its query",
        "Sett `htu` til adressen forespørselen går til, slik mottaket kjenner den.",
        "Set `htu` to the address that the request goes to, as the receiver knows it.",
    ),
    (
        "D11",
        "`iat` i hele sekunder, nær nå",
        "`iat` in whole seconds, close to now",
        "Lag et nytt bevis for hver forespørsel, sist av alt, og still klokka (NTP).",
        "Make a new proof for each request, last of all, and set the clock (NTP).",
    ),
    (
        "D12",
        "den noncen som ble gitt sist, i `nonce`",
        "the nonce that was given last, in `nonce`",
        "Legg verdien av svarhodet DPoP-Nonce i `nonce`, og send på nytt.",
        "Put the value of the answer's header DPoP-Nonce into `nonce`, and send again.",
    ),
    (
        "D13",
        "`ath` lik base64url av SHA-256 av tokenet, uten fyll",
        "`ath` equal to base64url of SHA-256 of the token, without padding",
        "Regn ut `ath` av tokenet dere sender i samme forespørsel.",
        "Compute `ath` from the token that you send in the same request.",
    ),
    (
        "D14",
        "en `jti` på 1 til 128 synlige ASCII-tegn som ikke er brukt før",
        "a `jti` of 1 to 128 visible ASCII characters that was not used before",
        "Lag et nytt bevis for hvert forsøk, også når samme melding sendes igjen.",
        "Make a new proof for each try, also when the same message is sent again.",
    ),
    (
        "D15",
        "de fem påstandene om meldingen, som tekst",
        "the five claims about the message, as text",
        "Legg alle fem i beviset; se transport § 5.",
        "Put all five into the proof; see transport § 5.",
    ),
)

ASSERTION = _rows(
    (
        "C1",
        "klientens id i `iss` og `sub`",
        "the client's id in `iss` and `sub`",
        "Bruk klientens id fra HelseID.",
        "Use the client's id from HelseID.",
    ),
    (
        "C2",
        "HelseIDs adresse alene i `aud`",
        "HelseID's address alone in `aud`",
        "Sett `aud` til utstederen.",
        "Set `aud` to the issuer.",
    ),
    (
        "C3",
        "`exp` i hele sekunder og høyst 60 fram; `iat` og `nbf` som ikke ligger fram i tid",
        "`exp` in whole seconds and at most 60 ahead; an `iat` and an `nbf` that are not ahead",
        "La påstanden gjelde i 30 sekunder, og still klokka (NTP).",
        "Let the assertion live for 30 seconds, and set the clock (NTP).",
    ),
    (
        "C4",
        "en `jti` på 1 til 128 tegn som ikke er brukt før",
        "a `jti` of 1 to 128 characters that was not used before",
        "Lag en ny klientpåstand for hver forespørsel.",
        "Make a new client assertion for each request.",
    ),
    (
        "C5",
        "en signatur fra en av klientens registrerte nøkler",
        "a signature by one of the client's registered keys",
        "Signer med den private nøkkelen til den som er registrert i HelseID, og navngi den i `kid`.",
        "Sign with the private key of the one that is registered at HelseID, and name it in `kid`.",
    ),
    (
        "C6",
        "en kompakt JWS med `typ` lik client-authentication+jwt eller JWT, og strenge JSON-objekter",
        "a compact JWS with a `typ` of client-authentication+jwt or JWT, and strict JSON objects",
        "Bruk et bibliotek for JWT, og sett `typ` i hodet.",
        "Use a JWT library, and set `typ` in the header.",
    ),
)

REQUEST = _rows(  # what HelseID refuses for another reason than proof or assertion, by OAuth's error (RFC 6749 § 5.2)
    (
        "invalid_request",
        "et skjema med hvert felt én gang, og en organisasjon skrevet som i helseid § 6",
        "a form with each field once, and an organisation written as in helseid § 6",
        "Se på feltene i forespørselen, og på assertion_details.",
        "Look at the fields of the request, and at assertion_details.",
    ),
    (
        "invalid_grant",
        "en organisasjon som har gitt klienten fullmakt",
        "an organisation that has delegated to the client",
        "Be organisasjonen gi leverandøren fullmakt i HelseID.",
        "Ask the organisation to delegate to the supplier at HelseID.",
    ),
    (
        "invalid_scope",
        "et scope som klienten er gitt",
        "a scope that the client was granted",
        "Be om fhi:slash.mottak/all, og kontroller at klienten er gitt det.",
        "Ask for fhi:slash.mottak/all, and see that the client was granted it.",
    ),
    (
        "unsupported_grant_type",
        "grant_type lik client_credentials",
        "a grant_type of client_credentials",
        "Sett grant_type i forespørselen.",
        "Set grant_type in the request.",
    ),
)
