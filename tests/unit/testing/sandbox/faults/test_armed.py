"""The faults that wait: for which requests each is, in which order they are taken, and what they are in words."""

from __future__ import annotations

import pytest

from ktt.testing.sandbox.faults.armed import FaultQueue
from ktt.testing.sandbox.faults.conditions import Conditions, HeaderPattern, RequestFacts, facts_of
from ktt.testing.sandbox.faults.faults import Fault, read_fault
from ktt.wire import base64url, headers

LOSE, BUSY = Fault("lose"), Fault("status", 503)


def facts(message_type: str = "KTT_Vedtak", unit: str = "312000008", **more: str) -> RequestFacts:
    token = compact({headers.CLAIM_PARENT: unit})
    fields = {"DPoP": compact({headers.CLAIM_TYPE: message_type}), "Authorization": f"DPoP {token}", **more}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    return facts_of({"headers": pairs})


def compact(claims: dict) -> str:
    import orjson

    return ".".join(base64url.encode(part) for part in (b'{"alg":"RS256"}', orjson.dumps(claims), b"x"))


def test_faults_are_taken_in_the_order_they_wait():
    faults = FaultQueue()
    faults.add(LOSE)
    faults.add(BUSY)
    assert faults.take("keys") is None
    assert faults.take("message", {"status"}) == BUSY
    assert faults.waiting() == ["lose"]
    faults.clear()
    assert faults.take("message") is None
    assert read_fault("slow", 2.0) == Fault("slow", seconds=2.0)


@pytest.mark.parametrize(
    ("count", "every", "met"),
    [
        (1, 1, "X......."),
        (3, 1, "XXX....."),
        (None, 1, "XXXXXXXX"),
        (2, 3, "..X..X.."),
        (None, 3, "..X..X.."),
        (1, 8, ".......X"),
    ],
)
def test_which_of_eight_requests_meet_it(count, every, met):
    faults = FaultQueue()
    faults.add(BUSY, count, every=every)
    assert "".join("X" if faults.take("message") else "." for _ in range(8)) == met
    assert bool(faults.armed()) == (count is None)


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        (Conditions(), True),
        (Conditions("KTT_Vedtak"), True),
        (Conditions("KTT_Tjeneste"), False),
        (Conditions(unit="312000008"), True),
        (Conditions(unit="314000005"), False),
        (Conditions("KTT_Vedtak", "314000005"), False),
        (Conditions(headers=(HeaderPattern("X-Trace", "a*"),)), True),
        (Conditions(headers=(HeaderPattern("x-trace", "A*"),)), False),
        (Conditions(headers=(HeaderPattern("x-trace", "a"),)), False),
        (Conditions(headers=(HeaderPattern("x-trace", "?bc"), HeaderPattern("x-other", "*"))), False),
    ],
)
def test_every_condition_must_hold(conditions, fits):
    assert conditions.fit(facts(x_trace="abc")) == fits


def test_requests_without_token_or_proof_meet_no_such_condition():
    for pairs in ([], [(b"dpop", b"nonsense"), (b"authorization", b"DPoP a.b.c")]):
        assert not Conditions("KTT_Vedtak").fit(facts_of({"headers": pairs}))
        assert not Conditions(unit="312000008").fit(facts_of({"headers": pairs}))
    assert Conditions(unit="312000008").fit(facts_of({"headers": []}, "312000008"))


def test_only_requests_that_meet_the_conditions_are_counted():
    faults = FaultQueue()
    faults.add(BUSY, every=2, conditions=Conditions("KTT_Vedtak"))
    faults.add(LOSE, None, conditions=Conditions("KTT_Diagnose"))
    types = ["KTT_Tjeneste", "KTT_Vedtak", "KTT_Diagnose", "KTT_Tjeneste", "KTT_Vedtak"]
    assert [faults.take("message", None, facts(one)) for one in types] == [None, None, LOSE, None, BUSY]


@pytest.mark.parametrize(
    ("what", "count", "every", "conditions", "says"),
    [
        ("503", 1, 1, Conditions(), ("503: neste melding", "503: the next message")),
        ("lose", 3, 1, Conditions(), ("lose: de neste 3 meldingene", "lose: the next 3 messages")),
        (
            "503",
            None,
            1,
            Conditions(),
            ("503: hver melding, til den fjernes", "503: every message, until it is removed"),
        ),
        ("503", 1, 3, Conditions(), ("503: hver 3. melding, 1 gang til", "503: every 3rd message, 1 time more")),
        ("503", 2, 11, Conditions(), ("503: hver 11. melding, 2 ganger til", "503: every 11th message, 2 times more")),
        (
            "token-down",
            2,
            1,
            Conditions(unit="312000008"),
            (
                "token-down: de neste 2 tokenforespørslene fra enheten 312000008",
                "token-down: the next 2 token requests from unit 312000008",
            ),
        ),
        (
            "2008",
            1,
            1,
            Conditions("KTT_Vedtak", "312000008", (HeaderPattern("x-a", "{b}*"),)),
            (
                "2008: neste melding av typen KTT_Vedtak fra enheten 312000008 med x-a som «{b}*»",
                "2008: the next message of type KTT_Vedtak from unit 312000008 with x-a like “{b}*”",
            ),
        ),
    ],
)
def test_what_waits_in_words(what, count, every, conditions, says):
    faults = FaultQueue()
    faults.add(read_fault(what), count, every=every, conditions=conditions)
    assert faults.armed()[0]["says"] == dict(zip(("nb", "en"), says, strict=True))


def test_one_can_be_removed():
    faults = FaultQueue()
    first, second = faults.add(BUSY, 2), faults.add(LOSE)
    assert faults.remove(first)
    assert not faults.remove(first)
    assert faults.waiting() == ["lose"]
    assert [one["number"] for one in faults.armed()] == [second]
