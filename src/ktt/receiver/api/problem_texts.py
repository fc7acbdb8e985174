"""What each problem says and what to do about it, by the name that FHI's shape has for it."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text

_AGAIN = Text(nb="Vent litt og send det samme igjen.", en="Wait a little and send the same again.")
_KEYS = Text(
    nb="Hent «/keys» på nytt, krypter meldingen på nytt og send den igjen.",
    en="Fetch `/keys` again, encrypt the message again and send it.",
)
_HEADERS = Text(
    nb="«propertyName» nevner hodefeltet eller påstanden (claim). Rett den og send igjen.",
    en="`propertyName` names the header or claim. Correct it and send again.",
)
_REAL = Text(
    nb="Bruk bare syntetiske personer her. Ingenting av innholdet er lagret eller logget.",
    en="Use synthetic persons only here. Nothing of the content has been stored or logged.",
)
_PATH = Text(nb="«/swagger» viser alle adressene.", en="`/swagger` shows every address.")

TEXTS: Mapping[str, tuple[Text, Text]] = {
    "HttpHeaderMissing": (
        Text(nb="Et hodefelt eller en påstand mangler.", en="A header or claim is missing."),
        _HEADERS,
    ),
    "HttpHeaderValidation": (Text(nb="Et hodefelt har feil verdi.", en="A header has a wrong value."), _HEADERS),
    "InvalidMessageTypeVersion": (
        Text(nb="Meldingstypen eller versjonen er ukjent.", en="The message type or version is unknown."),
        Text(nb="«/swagger» viser typene som tas imot.", en="`/swagger` shows the types that are taken."),
    ),
    "InvalidKeyId": (Text(nb="Nøkkelen er ukjent.", en="The key is unknown."), _KEYS),
    "ExpiredKey": (Text(nb="Nøkkelen er utløpt.", en="The key has expired."), _KEYS),
    "InvalidDigest": (
        Text(nb="Hashverdien er ikke 32 byte i base64.", en="The hash is not 32 bytes in base64."),
        Text(nb="«msg_hash» er SHA-256 av klarteksten.", en="`msg_hash` is SHA-256 of the plaintext."),
    ),
    "PayloadHashMismatch": (Text(nb="Innholdet har en annen hashverdi.", en="The content has another hash."), _KEYS),
    "DecryptionErrorForAsymmetricalKey": (
        Text(nb="Den symmetriske nøkkelen kan ikke pakkes ut.", en="The symmetric key cannot be unwrapped."),
        _KEYS,
    ),
    "DecryptionErrorForSymmetricalKey": (
        Text(nb="Meldingen kan ikke dekrypteres.", en="The message cannot be decrypted."),
        _KEYS,
    ),
    "ShouldNotReceiveMessageForGivenOrganizationAndMessageType": (
        Text(
            nb="Denne meldingstypen tas ikke imot fra denne virksomheten.",
            en="This message type is not taken from this organisation.",
        ),
        Text(
            nb="Kontroller at enheten i meldingen er den tokenet gjelder, og at tilgangen er gitt.",
            en="See that the message's unit is the token's, and that access has been given.",
        ),
    ),
    "MissingOrganizationNumberClaimFromHelseIdToken": (
        Text(nb="Tokenet har ikke organisasjonsnummer.", en="The token has no organisation number."),
        Text(
            nb="Be om organisasjonsnummer i HelseID-tokenet.", en="Ask for an organisation number in the HelseID token."
        ),
    ),
    "SchemaNotFound": (
        Text(nb="Typen og versjonen har ikke noe skjema.", en="There is no schema for the type and version."),
        Text(nb="«/swagger» viser typene som har skjema.", en="`/swagger` shows the types that have one."),
    ),
    "InvalidJsonMessage": (
        Text(nb="Meldingen er ikke en JSON-liste i UTF-8.", en="The message is not a JSON array in UTF-8."),
        Text(nb="Skriv den med et JSON-bibliotek, uten BOM.", en="Write it with a JSON library, without a BOM."),
    ),
    "SchemaValidationFailed": (
        Text(nb="Meldingen kan ikke tas imot slik den er.", en="The message cannot be taken as it is."),
        Text(nb="«errorDetails» viser hvor og hvorfor.", en="`errorDetails` shows where and why."),
    ),
    "PayloadSizeLimitExceeded": (
        Text(nb="Innholdet er større enn grensen.", en="The content is larger than the limit."),
        Text(nb="Del perioden i flere meldinger.", en="Split the period into several messages."),
    ),
    "StorageError": (Text(nb="Databasen er ikke tilgjengelig.", en="The database is not available."), _AGAIN),
    "RealPersonNumber": (
        Text(
            nb="Innholdet har et tall som kan være en virkelig persons nummer.",
            en="The content has a number that may be a real person's.",
        ),
        _REAL,
    ),
    "BadRequest": (
        Text(nb="Forespørselen kan ikke leses.", en="The request cannot be read."),
        Text(nb="«/swagger» viser hva adressen tar imot.", en="`/swagger` shows what the address takes."),
    ),
    "Unauthorized": (
        Text(nb="Tokenet eller DPoP-beviset ble ikke godtatt.", en="The token or DPoP proof was not accepted."),
        Text(
            nb="Hent nytt token, og lag et nytt bevis for akkurat denne metoden og adressen.",
            en="Fetch a new token, and make a new proof for exactly this method and address.",
        ),
    ),
    "NotFound": (Text(nb="Adressen finnes ikke.", en="There is nothing here."), _PATH),
    "MethodNotAllowed": (Text(nb="Metoden brukes ikke her.", en="The method is not used here."), _PATH),
    "RequestTimeout": (
        Text(nb="Forespørselen kom ikke fram i tide.", en="The request was not complete in time."),
        _AGAIN,
    ),
    "LengthRequired": (
        Text(nb="Lengden må oppgis.", en="The length must be given."),
        Text(nb="Send «Content-Length».", en="Send `Content-Length`."),
    ),
    "PayloadTooLarge": (
        Text(nb="Innholdet er større enn grensen.", en="The content is larger than the limit."),
        Text(nb="Del det i flere meldinger.", en="Split it into several messages."),
    ),
    "UnsupportedMediaType": (
        Text(nb="Innholdstypen tas ikke imot.", en="The content type is not taken."),
        Text(
            nb="Send «application/json» i UTF-8, uten «Content-Encoding».",
            en="Send `application/json` in UTF-8, without `Content-Encoding`.",
        ),
    ),
    "TooManyRequests": (Text(nb="For mange forespørsler.", en="Too many requests."), _AGAIN),
    "RequestHeaderFieldsTooLarge": (
        Text(nb="Hodefeltene er for store.", en="The headers are too large."),
        Text(nb="Send bare de hodefeltene som brukes.", en="Send only the headers that are used."),
    ),
    "InternalServerError": (Text(nb="Noe uventet gikk galt.", en="Something unexpected went wrong."), _AGAIN),
    "ServiceUnavailable": (
        Text(nb="Tjenesten er ikke tilgjengelig nå.", en="The service is not available now."),
        _AGAIN,
    ),
}
