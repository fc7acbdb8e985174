"""Every error code, and what a sender does with it (transport § 8, § 10.1)."""

from __future__ import annotations

from itertools import pairwise

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import (
    at,
    at_most,
    both,
    delivered,
    ended,
    in_line,
    one_content,
    sealed_anew,
)
from ktt.testing.conformance.sender.case import AGAIN, CALM, RUNS, Group, Judge, Scene, arms, wants
from ktt.testing.conformance.sender.cases.content import ids
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.conformance.sender.request import Kind
from ktt.wire import headers
from ktt.wire.answers import AnswerCode

GROUP = Group(Text("Feilkodene", "The error codes"), "transport § 8, § 10.1")
_TWO = wants(Kind.NEW, 2)
_STOPS = (
    "Meldingen sendes én gang, og ingenting etter den.",
    "The message is sent once, and nothing after it.",
)
_STOPPING: Judge = both(at_most(1), one_content, ended)


def _name(code: int) -> str:
    """F901 for 1001, F921 for 2001."""
    return f"F9{code % 1000 + (0 if code < 2000 else 20):02}"  # noqa: PLR2004 - the second thousand


def _rejected(fault: str, scene_name: str = "") -> Scene:
    return Scene(f"rejected-{scene_name or fault}", (arms(fault, 50), _TWO, RUNS))


for _code in (1001, 1002, 1003, 1005, 2001, 2003, 2004, 2005, 2006, 2007, 2008):
    GROUP.case(
        _name(_code),
        (f"{_code} {AnswerCode(_code).label}: avvist", f"{_code} {AnswerCode(_code).label}: rejected"),
        _STOPS,
        _rejected(str(_code)),
        _STOPPING,
    )


def _keys_again(seen: Seen) -> list[Text]:
    """Between two tries in one run, the receiver's keys are fetched."""
    found = []
    for earlier, later in pairwise(seen.posts):
        fetched = [note for note in seen.key_requests if earlier.number < note.number < later.number]
        if earlier.run == later.run and not fetched:
            found.append(at(later.number, "uten å hente nøklene på nytt.", "without fetching the keys anew."))
    return found


for _code in (1004, 1006, 1007, 1008, 1009):
    GROUP.case(
        _name(_code),
        (f"{_code} {AnswerCode(_code).label}: konvolutten", f"{_code} {AnswerCode(_code).label}: the envelope"),
        (
            "Høyst ett forsøk til, med nøklene hentet på nytt og ny kryptering; ingen annen melding.",
            "At most one more try, with the keys fetched anew and a new envelope; no other message.",
        ),
        _rejected(str(_code)),
        both(at_most(2), one_content, _keys_again, sealed_anew, ended),
    )
GROUP.case(
    "F910",
    ("1007 ExpiredKey, én gang", "1007 ExpiredKey, once"),
    ("Meldingen leveres etter ny henting av nøkler.", "The message is delivered once the keys are fetched anew."),
    Scene("expired-once", (arms("1007"), wants(Kind.NEW), RUNS, AGAIN)),
    both(_keys_again, sealed_anew, delivered(1)),
    needs=(Ability.LINE,),
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
    both(at_most(2), one_content, ended),
)
_SPLIT = Scene("too-large", (arms("2009"), wants(Kind.NEW), RUNS, AGAIN))


def _smaller(seen: Seen) -> list[Text]:
    """What was too large does not come again as it was."""
    first, *later = seen.posts
    return [
        at(post.number, "den samme, like stor.", "the same one, as large.")
        for post in later
        if post.claims.get(headers.CLAIM_HASH) == first.claims.get(headers.CLAIM_HASH)
    ]


def _whole(seen: Seen) -> list[Text]:
    wanted = ids(seen.posts[0])[0]
    got = {one for post in seen.posts[1:] if post.told for one in ids(post)[0]}
    if wanted <= got:
        return []
    return [Text(f"{len(wanted - got)} opplysninger mangler.", f"{len(wanted - got)} records are missing.")]


GROUP.case(
    _name(2009),
    ("2009: for stor", "2009: too large"),
    ("Delt i mindre meldinger, i rekkefølge; alt leveres.", "Split into smaller messages, in order; all is delivered."),
    _SPLIT,
    both(_smaller, _whole, ended),
    needs=(Ability.CONTENT,),
    source="transport § 10.1",
)


def _not_again(seen: Seen) -> list[Text]:
    return [
        at(later.number, "den samme igjen.", "the same again.")
        for earlier, later in pairwise(seen.posts)
        if earlier.run == later.run and earlier.identity == later.identity
    ]


for _case, _fault, _nb, _en in (
    ("F931", "2009", "2009 på en avsender som ikke kan dele", "2009 to a sender that cannot split"),
    ("F932", "413", "413 fra en proxy, uten kode", "413 from a proxy, without a code"),
):
    GROUP.case(
        _case,
        (_nb, _en),
        ("Den samme sendes ikke igjen i samme kjøring.", "The same one is not sent again in the same run."),
        Scene(f"too-large-{_fault}", (arms(_fault, 50), wants(Kind.NEW), RUNS)),
        both(_not_again, ended),
    )
GROUP.case(
    _name(2010),
    ("2010 StorageError: midlertidig", "2010 StorageError: temporary"),
    ("Samme melding igjen til den er levert.", "The same message again until it is delivered."),
    Scene("2010", (arms("2010"), _TWO, RUNS, AGAIN, AGAIN)),
    both(in_line, sealed_anew, delivered(2), ended),
    source="transport § 8",
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
        (f"{_nb}: køen stanser", f"{_en}: the line stops"),
        _STOPS,
        _rejected(_fault),
        _STOPPING,
        source="transport § 10 rule 4, § 10.1",
    )
_HELD = Scene("held", (arms("2008"), _TWO, RUNS, RUNS, RUNS), frozenset({Ability.LINE, Ability.STARTS}))
GROUP.case(
    "F950",
    ("Avvist, og startet igjen uten at noe er rettet", "Rejected, and started again with nothing corrected"),
    ("Ingenting etter den avviste meldingen sendes.", "Nothing after the rejected message is sent."),
    _HELD,
    one_content,
    source="transport § 10 rules 4, 4a",
)
_MENDED = Scene(
    "mended",
    (arms("2008"), _TWO, RUNS, CALM, wants(Kind.MEND), RUNS, AGAIN),
)


def _other_content(seen: Seen) -> list[Text]:
    rejected, later = seen.posts[0], seen.posts[1:]
    if not later:
        return [Text("Ingenting ble sendt etter rettelsen.", "Nothing was sent after the correction.")]
    if later[0].identity == rejected.identity:
        return [at(later[0].number, "det avviste innholdet igjen.", "the rejected content again.")]
    return []


def _covered(seen: Seen) -> list[Text]:
    """What was rejected is in what is delivered afterwards."""
    wanted = ids(seen.posts[0])[0]
    missing = wanted - {one for post in seen.posts if post.told for one in ids(post)[0]}
    if not missing:
        return []
    return [Text(f"{len(missing)} opplysninger ble aldri levert.", f"{len(missing)} records were never delivered.")]


GROUP.case(
    "F951",
    ("Avvist, rettet og sendt", "Rejected, corrected and sent"),
    (
        "Meldingen lages på nytt, leveres først, og køen går videre.",
        "The message is made anew, delivered first, and the line goes on.",
    ),
    _MENDED,
    both(_other_content, _covered, delivered(2), ended),
    source="transport § 10 rule 6",
)
