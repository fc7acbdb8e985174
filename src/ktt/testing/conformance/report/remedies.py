"""What to do when a case did not hold: for its group, and for some cases in particular. Where it is written stands beside."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text
from ktt.testing.conformance.case import Case
from ktt.testing.conformance.requirements.protocol import cited

_SENDER: Mapping[str, tuple[str, str]] = {
    "The conversation with HelseID": (
        "Rett skjemaet, klientpåstanden eller beviset som sendes til HelseID, slik det står under «Ventet».",
        "Correct the form, the client assertion or the proof that is sent to HelseID, as “Expected” says.",
    ),
    "When HelseID fails": (
        "Send ingen melding uten et godt token: la meldingen stå først i køen, og prøv igjen senere.",
        "Send no message without a good token: leave the message first in the queue, and try again later.",
    ),
    "The proof in the message": (
        "Lag beviset på nytt for hver sending, med medlemmene og kravene som står under «Ventet».",
        "Make the proof anew for each submission, with the members and claims that “Expected” names.",
    ),
    "The headers": (
        "Sett hodet slik det står under «Ventet», én gang i hver sending.",
        "Set the header as “Expected” says, once in each submission.",
    ),
    "The envelope": (
        "Krypter steg for steg som i transport § 4, og prøv dere mot de to verdiene der.",
        "Encrypt step by step as in transport § 4, and test against the two values there.",
    ),
    "The receiver's keys": (
        "Hent listen på nytt, velg nøkkelen som utløper sist, og send ingenting uten en nøkkel som kan brukes.",
        "Fetch the list anew, choose the key that expires last, and send nothing without a key that will do.",
    ),
    "The content": (
        "Rett det som lager meldingen. «ktt validate» viser hver feil med sted, uten å sende.",
        "Correct what makes the message. `ktt validate` shows each fault with its place, without sending.",
    ),
    "The queue": (
        "Hold én kø for hver enhet: send den første meldingen til den er bekreftet, og aldri en annen før den.",
        "Keep one queue for each unit: send its first message until it is confirmed, and never another before it.",
    ),
    "When the receiver fails for a while": (
        "La meldingen stå først, vent, og send det samme innholdet igjen med et nytt bevis; gi opp etter noen forsøk.",
        "Leave the message first, wait, and send the same content again with a new proof; give up after some attempts.",
    ),
    "The error codes": (
        "Gjør det som står for koden i transport § 10.1, og send ingen annen melding før denne er levert eller rettet.",
        "Do what transport § 10.1 says about the code, and send no other message before this one is delivered or corrected.",
    ),
    "The whole run": (
        "Se etter en verdi som lages én gang og brukes igjen, eller noe om personer som settes utenfor konvolutten.",
        "Look for a value that is made once and used again, or something about persons that is put outside the envelope.",
    ),
}
_RECEIVER: Mapping[str, tuple[str, str]] = {
    "Everyday messages": (
        "Godta meldingen: protokollen tillater denne skrivemåten.",
        "Accept the message: the protocol allows this spelling.",
    ),
    "Keys": (
        "Rett listen i /keys, eller hva mottaket gjør med nøkkelen som meldingen nevner.",
        "Correct the list at /keys, or what the receiver does with the key that the message names.",
    ),
    "The access token": (
        "Kontroller raden i tabell A som kilden nevner, og avvis før noe annet leses.",
        "Check the row of table A that the source names, and refuse before anything else is read.",
    ),
    "The proof": (
        "Kontroller raden i tabell D som kilden nevner, og avvis før kroppen leses.",
        "Check the row of table D that the source names, and refuse before the body is read.",
    ),
    "The proof's key": (
        "Ta bare nøklene og algoritmene i tabell D, rad D4 til D8, og beregn avtrykket av nøkkelen selv.",
        "Take only the keys and algorithms of table D, rows D4 to D8, and compute the key's thumbprint yourself.",
    ),
    "Headers": (
        "Kontroller de fem x-hodene og innholdstypen i trinn 7, og nevn alle feil i ett svar.",
        "Check the five x-headers and the content type at step 7, and name all faults in one answer.",
    ),
    "Claims about the message, and access": (
        "Kontroller kravene om meldingen i trinn 8, og tilgangen i trinn 9 og 18, med koden som er ventet.",
        "Check the claims about the message at step 8, and access at steps 9 and 18, with the code that is expected.",
    ),
    "The envelope": (
        "Åpne konvolutten steg for steg som i transport § 14.3, og gi alle feil i den det samme svaret.",
        "Open the envelope step by step as in transport § 14.3, and give all its faults the same answer.",
    ),
    "The content": (
        "Les innholdet strengt først når konvolutten er åpnet, og svar 2007 eller 2008 med stedet.",
        "Read the content strictly once the envelope is open, and answer 2007 or 2008 with the place.",
    ),
    "Sizes": (
        "Godta kropper under grensen, og avvis større mens de leses, med 2009.",
        "Accept bodies below the limit, and refuse larger ones while they are read, with 2009.",
    ),
    "Order and receipts": (
        "Kjenn igjen enhetens siste melding, og gi den samme kvitteringen; alt annet er en ny melding.",
        "Recognise the unit's last message, and give it the same receipt; anything else is a new message.",
    ),
    "The framework's answers": (
        "La også rammeverkets og tolkerens svar ha X-Correlation-ID og en kropp i FHIs form.",
        "Give the framework's and the parser's answers X-Correlation-ID and a body in FHI's form too.",
    ),
    "When something breaks": (
        "Lagre melding og kvittering i én transaksjon før det svares, så en ny sending får samme kvittering.",
        "Store message and receipt in one transaction before the answer, so that a resend gets the same receipt.",
    ),
    "The pack's examples": (
        "Kontroller innholdet med skjemaet i pakken: eksempler på N skal godtas, eksempler på F avvises.",
        "Check the content by the pack's schema: examples of N are to be accepted, examples of F refused.",
    ),
}
_CASES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("sender", "N703"): (
        "Sorter historikken etter måned, og send den eldste først.",
        "Sort the history by month, and send the oldest first.",
    ),
    ("sender", "F809"): (
        "Regn meldingen som levert bare når status er 200 eller 201 og kroppen sier «delivered»: true.",
        "Count the message as delivered only when the status is 200 or 201 and the body says `delivered`: true.",
    ),
    ("sender", "F814"): (
        "Vent så mange sekunder som «Retry-After» sier, eller la meldingen stå til neste kjøring.",
        "Wait for as many seconds as `Retry-After` says, or leave the message to the next run.",
    ),
    ("sender", "F817"): (
        "Gi opp etter noen forsøk, si fra, og la meldingen stå først til neste kjøring.",
        "Give up after some attempts, tell somebody, and leave the message first for the next run.",
    ),
    ("sender", "F819"): (
        "Avslutt med en annen kode enn 0 når noe ikke ble levert.",
        "End with another code than 0 when something was not delivered.",
    ),
    ("sender", "F828"): (
        "Les status, hode og kropp sammen: «delivered» teller bare med status 200 eller 201.",
        "Read status, header and body together: `delivered` counts only with status 200 or 201.",
    ),
    ("sender", "F830"): (
        "Vent mellom forsøkene, for eksempel 1 sekund som dobles hver gang.",
        "Wait between attempts, for example 1 second that doubles each time.",
    ),
    ("sender", "F831"): (
        "Ta alltid den eldste meldingen i enhetens kø, også når nyere er kommet til.",
        "Always take the oldest message of the unit's queue, also when newer ones have come.",
    ),
    ("sender", "F832"): (
        "Lag ny symmetrisk nøkkel og ny IV for hvert forsøk. Den samme konvolutten er tillatt, men skaper feil når mottaket bytter nøkkel.",
        "Make a new symmetric key and IV for each attempt. The same envelope is allowed, but fails when the receiver changes its key.",
    ),
}
_GROUPS = {"sender": _SENDER, "receiver": _RECEIVER}
_LIKE = {("sender", "F810"): "F809", ("sender", "F815"): "F814", ("sender", "F829"): "F828"}


def remedy(end: str, case: Case) -> Text:
    """What whoever makes that end (`sender` or `receiver`) does when the case did not hold."""
    name = _LIKE.get((end, case.name), case.name)
    return Text(*_CASES.get((end, name), _GROUPS[end][case.group.en]))


def links(case: Case) -> list[str]:
    """The places in the protocol pages where it is written, from the repository's root."""
    return list(dict.fromkeys(one.link for one in cited(case.source)))
