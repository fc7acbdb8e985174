"""Access by command, against a running receiver: in force at the next message, whichever process takes it."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import run
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, Rejected
from support.receiver_service import TYPE, VENDOR, outgoing, registered_units, service, units

UNIT, CHILD_OWNER = units(2)
CHILD = ReportingUnit("312000210", "1114")
REASON = ["--reason", "avtale 7"]


@pytest.fixture(scope="module")
def running_receiver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access")
    with registered_units(folder, 0) as place, service(folder / "mottak", None, place) as running:
        running.start()
        yield place, running


@pytest.fixture
def told(running_receiver, capfd):
    """Run `ktt mottak access …`; its output, as data where it can be."""
    config = ["--config", str(running_receiver[1].config)]

    def tell(*words, code=0, data=True):
        assert run(["mottak", "access", *words, *config, *(["--json"] if data else [])]) == code
        out, err = capfd.readouterr()
        return json.loads(out or err) if data else out + err

    return tell


@pytest.fixture
def answers(running_receiver):
    """Send the same unit's messages over and over until both processes have answered: 2001, or accepted."""
    place, running = running_receiver
    numbers = iter(range(1000))

    def send(unit, **how):
        outcomes = set()
        for _ in range(6):
            client = place.receiver_client(
                unit, running.address, **how
            )  # a connection of its own: either process may take it
            outcome = client.send(outgoing(unit, next(numbers)))
            outcomes.add(outcome.code if isinstance(outcome, Rejected) else type(outcome))
            client.close()
        (one,) = outcomes
        return one

    return send


def test_granted_and_revoked_and_undone(told, answers):
    assert answers(UNIT) == 2001
    told("grant", UNIT.key, "--type", TYPE, *REASON)
    assert answers(UNIT) is Accepted
    gone = told("revoke", UNIT.key, *REASON)
    assert answers(UNIT) == 2001
    back = told("undo", str(gone["number"]), *REASON)
    assert answers(UNIT) is Accepted
    told("revoke", UNIT.key, "--type", "KTT_Tjeneste", *REASON)
    assert answers(UNIT) is Accepted, "another type was revoked, which was never there"
    trail = told("log")
    assert [(one["rights"][0]["act"], one["reason"]) for one in trail[-3:]] == [
        ("grant", "avtale 7"),
        ("revoke", "avtale 7"),
        ("grant", "avtale 7"),
    ]
    assert back["undoes"] == gone["number"]
    told("revoke", UNIT.key, *REASON)


def test_a_vendor_sends_where_the_holder_has_let_it_in(told, answers):
    told("grant", UNIT.key, *REASON)
    assert answers(UNIT, client=VENDOR) == 2001, "the holder may, its vendor may not yet"
    told("grant-supplier", UNIT.organisation, VENDOR, *REASON)
    assert answers(UNIT, client=VENDOR) is Accepted
    assert told("suppliers") == [{"supplier": VENDOR, "holders": [UNIT.organisation]}]
    assert told("list", "--only", UNIT.organisation)[0]["suppliers"] == [VENDOR]
    told("revoke-supplier", UNIT.organisation, VENDOR, *REASON)
    assert answers(UNIT, client=VENDOR) == 2001
    assert answers(UNIT) is Accepted, "the holder itself was left alone"
    told("revoke", UNIT.key, *REASON)


def test_a_child_unit_of_the_holder(told, answers):
    owner = CHILD_OWNER.organisation
    told("grant", CHILD.key, "--holder", owner, "--type", TYPE, *REASON)
    assert told("check", owner, TYPE, "--child", CHILD.organisation)["units"] == [CHILD.key]
    assert answers(CHILD, client=owner, child=CHILD.organisation) is Accepted
    assert told("check", owner, TYPE) == {"units": [], "answer": 2001}
    assert answers(CHILD, client=owner) == 2001, "the token does not speak for the child"
    assert answers(CHILD) == 2001, "a child has no right of its own, whatever its token says"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["grant", "312000009-1114"], "KTT-MOT-09", "312000009"),
        (["grant", "312000008-1114-01"], "KTT-MOT-10", "1114-01"),
        (["grant", "312000008-9999"], "KTT-MOT-10", "9999"),
        (["grant", "312000008-0101"], "KTT-MOT-10", "heter nå 3101"),
        (["grant", "312000008-1114-"], "KTT-MOT-10", "1114-"),
        (["grant", "312000008"], "KTT-MOT-10", "ORGNR-KOMMUNENR"),
        (["grant", "312000008-1114", "--type", "KTT_Ukjent"], "KTT-MOT-11", "KTT_Vedtak"),
        (["grant", "312000008-1114", "--supplier", "123"], "KTT-MOT-09", "123"),
        (["grant-supplier", "312000008", "31400000x"], "KTT-MOT-09", "31400000x"),
        (["revoke", "x"], "KTT-CLI-01", "ORGNR"),
        (["undo", "999"], "KTT-MOT-07", "999"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_reason(told, words, code, says):
    reason = [] if words[0] == "check" else REASON
    shown = told(*words, *reason, code=2)
    assert shown["code"] == code
    assert says in shown["what"]["nb"] + shown["remedy"]["nb"]


def test_a_change_without_a_reason_is_not_made(told):
    assert "--reason" in told("grant", UNIT.key, code=2, data=False)


def test_it_can_be_read(told):
    told("grant", UNIT.key, "--type", TYPE, *REASON)
    shown = told("list", data=False)
    assert "Bjerkreim" in shown
    shown = told("grant", UNIT.key, "--type", TYPE, *REASON, data=False)
    assert "slik var det allerede" in shown
    shown = told("revoke", UNIT.key, *REASON, data=False)
    assert "ktt mottak access undo" in shown
    assert "avtale 7" in told("log", data=False)
