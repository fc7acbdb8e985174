"""Every error code, and what a sender does with it (transport § 8, § 10.1)."""

from __future__ import annotations

from itertools import pairwise

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.content import ids
from ktt.testing.conformance.sender.checks import (
    Check,
    all_of,
    at,
    at_most_per_run,
    delivered,
    in_order,
    only_first_message,
    proven_anew,
    runs_ended,
)
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.conformance.sender.scenario import CLEARS_FAULTS, RUNS, RUNS_AGAIN, Scenario, injects, prepares
from ktt.wire import headers
from ktt.wire.answers import AnswerCode

GROUP = CaseGroup(Text("Feilkodene", "The error codes"), "transport § 8; transport § 10.1")
_TWO = prepares(PreparationKind.NEW, 2)
_STOPS = (
    "Meldingen sendes én gang, og ingenting etter den.",
    "The message is sent once, and nothing after it.",
)
_STOPPING: Check = all_of(at_most_per_run(1), only_first_message, runs_ended)


def _name(code: int) -> str:
    """F901 for 1001, F921 for 2001."""
    return f"F9{code % 1000 + (0 if code < 2000 else 20):02}"  # noqa: PLR2004 - the codes of the second thousand


def _rejected(fault: str, scene_name: str = "") -> Scenario:
    return Scenario(f"rejected-{scene_name or fault}", (injects(fault, 50), _TWO, RUNS))


for _code in (1001, 1002, 1003, 1005, 2001, 2003, 2004, 2005, 2006, 2007, 2008):
    GROUP.case(
        _name(_code),
        (f"{_code} {AnswerCode(_code).label}: avvist", f"{_code} {AnswerCode(_code).label}: rejected"),
        _STOPS,
        _rejected(str(_code)),
        _STOPPING,
    )


def _keys_again(recorded: RecordedScenario) -> list[Text]:
    """Between two attempts in one run the receiver's keys are fetched again."""
    found = []
    for earlier, later in pairwise(recorded.messages):
        fetched = [request for request in recorded.key_requests if earlier.number < request.number < later.number]
        if earlier.run == later.run and not fetched:
            found.append(at(later.number, "uten å hente nøklene på nytt.", "without fetching the keys anew."))
    return found


for _code in (1004, 1006, 1007, 1008, 1009):
    GROUP.case(
        _name(_code),
        (f"{_code} {AnswerCode(_code).label}: konvolutten", f"{_code} {AnswerCode(_code).label}: the envelope"),
        (
            "Høyst ett forsøk til, med nøklene hentet på nytt og nytt bevis; ingen annen melding.",
            "At most one more try, with the keys fetched anew and a new proof; no other message.",
        ),
        _rejected(str(_code)),
        all_of(at_most_per_run(2), only_first_message, _keys_again, proven_anew, runs_ended),
    )
GROUP.case(
    "F910",
    ("1007 ExpiredKey, én gang", "1007 ExpiredKey, once"),
    ("Meldingen leveres etter ny henting av nøkler.", "The message is delivered once the keys are fetched anew."),
    Scenario("expired-once", (injects("1007"), prepares(PreparationKind.NEW), RUNS, RUNS_AGAIN)),
    all_of(_keys_again, proven_anew, delivered(1)),
    needs=(Ability.QUEUE,),
    level=Level.SHOULD,
)
GROUP.case(
    _name(2002),
    ("2002: tokenet har ingen organisasjon", "2002: the token has no organisation"),
    (
        "Høyst ett forsøk til, med nytt token; ingen annen melding.",
        "At most one more try, with a new token; no other message.",
    ),
    _rejected("2002"),
    all_of(at_most_per_run(2), only_first_message, runs_ended),
)
_SPLIT = Scenario("too-large", (injects("2009"), prepares(PreparationKind.NEW), RUNS, RUNS_AGAIN))


def _smaller(recorded: RecordedScenario) -> list[Text]:
    """The message that was too large is not sent again unchanged."""
    first, *later = recorded.messages
    return [
        at(message.number, "den samme, like stor.", "the same one, as large.")
        for message in later
        if message.claims.get(headers.CLAIM_HASH) == first.claims.get(headers.CLAIM_HASH)
    ]


def _whole(recorded: RecordedScenario) -> list[Text]:
    wanted = ids(recorded.messages[0])[0]
    got = {one for message in recorded.messages[1:] if message.confirmed for one in ids(message)[0]}
    if wanted <= got:
        return []
    return [Text(f"{len(wanted - got)} opplysninger mangler.", f"{len(wanted - got)} records are missing.")]


GROUP.case(
    _name(2009),
    ("2009: for stor", "2009: too large"),
    ("Delt i mindre meldinger, i rekkefølge; alt leveres.", "Split into smaller messages, in order; all is delivered."),
    _SPLIT,
    all_of(_smaller, _whole, runs_ended),
    needs=(Ability.CONTENT,),
    source="transport § 10.1; messages § 7.6",
)


def _not_again(recorded: RecordedScenario) -> list[Text]:
    return [
        at(later.number, "den samme igjen.", "the same again.")
        for earlier, later in pairwise(recorded.messages)
        if earlier.run == later.run and earlier.identity == later.identity
    ]


for _case, _fault, _nb, _en in (
    ("F931", "2009", "2009 på en avsender som ikke kan dele", "2009 to a sender that cannot split"),
    ("F932", "413", "413 fra en mellomtjener (proxy), uten kode", "413 from a proxy, without a code"),
):
    GROUP.case(
        _case,
        (_nb, _en),
        ("Den samme sendes ikke igjen i samme kjøring.", "The same one is not sent again in the same run."),
        Scenario(f"too-large-{_fault}", (injects(_fault, 50), prepares(PreparationKind.NEW), RUNS)),
        all_of(_not_again, runs_ended),
    )
GROUP.case(
    _name(2010),
    ("2010 StorageError: midlertidig", "2010 StorageError: temporary"),
    ("Samme melding igjen til den er levert.", "The same message again until it is delivered."),
    Scenario("2010", (injects("2010"), _TWO, RUNS, RUNS_AGAIN, RUNS_AGAIN)),
    all_of(in_order, proven_anew, delivered(2), runs_ended),
    source="transport § 8; transport § 10.1",
)
for _case, _fault, _nb, _en in (
    ("F940", "unknown-code", "En kode som ikke er publisert", "A code that is not published"),
    ("F941", "400", "400 uten kode", "400 without a code"),
    ("F942", "404", "404", "404"),
    ("F943", "405", "405", "405"),
    ("F944", "415", "415", "415"),
    ("F945", "431", "431", "431"),
):
    GROUP.case(
        _case,
        (f"{_nb}: køen stanser", f"{_en}: the queue stops"),
        _STOPS,
        _rejected(_fault),
        _STOPPING,
        source="transport § 10 rule 4; transport § 10.1",
    )
_HELD = Scenario("held", (injects("2008", 50), _TWO, RUNS, RUNS, RUNS), frozenset({Ability.QUEUE, Ability.STARTS}))
GROUP.case(
    "F950",
    ("Avvist, og startet igjen uten at noe er rettet", "Rejected, and started again with nothing corrected"),
    (
        "Ingen annen melding sendes; den avviste kan prøves igjen.",
        "No other message is sent; the rejected one may be tried again.",
    ),
    _HELD,
    only_first_message,
    source="transport § 10 rule 4; transport § 10 rule 4a",
)
_MENDED = Scenario(
    "mended",
    (injects("2008"), _TWO, RUNS, CLEARS_FAULTS, prepares(PreparationKind.MEND), RUNS, RUNS_AGAIN),
)


def _other_content(recorded: RecordedScenario) -> list[Text]:
    rejected, later = recorded.messages[0], recorded.messages[1:]
    if not later:
        return [Text("Ingenting ble sendt etter rettelsen.", "Nothing was sent after the correction.")]
    if later[0].identity == rejected.identity:
        return [at(later[0].number, "det avviste innholdet igjen.", "the rejected content again.")]
    return []


def _covered(recorded: RecordedScenario) -> list[Text]:
    """The records that were rejected are delivered afterwards."""
    wanted = ids(recorded.messages[0])[0]
    missing = wanted - {one for message in recorded.messages if message.confirmed for one in ids(message)[0]}
    if not missing:
        return []
    return [Text(f"{len(missing)} opplysninger ble aldri levert.", f"{len(missing)} records were never delivered.")]


GROUP.case(
    "F951",
    ("Avvist, rettet og sendt", "Rejected, corrected and sent"),
    (
        "Meldingen lages på nytt, leveres først, og køen går videre.",
        "The message is made anew, delivered first, and the queue goes on.",
    ),
    _MENDED,
    all_of(_other_content, _covered, delivered(2), runs_ended),
    source="transport § 10 rule 6",
)
