"""Who may send for whom, in every combination: the access list and `check_access` together decide it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages.version import UnitSummary
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.pipeline.body_checks import check_units
from ktt.receiver.pipeline.header_checks import check_access
from ktt.receiver.pipeline.stages import Admitted, Caller, Opened
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database
from ktt.wire.answers import AnswerCode

CITY, TOWN, STRANGER = "312000563", "312000008", "314000013"  # two holders, and one that has no right
CHILD, OTHER_CHILD = "314000021", "314000048"  # units below the city; only the first is in the list
VENDOR, OTHER_VENDOR = "314000005", "314000056"
TYPE, OTHER_TYPE, NO_TYPE = "KTT_Vedtak", "KTT_Tjeneste", "KTT_Diagnose"

OWN, EAST, BELOW = (
    ReportingUnit(CITY, "0301", "03"),
    ReportingUnit(CITY, "0301", "04"),
    ReportingUnit(CHILD, "0301", "04"),
)
TOWNS = ReportingUnit(TOWN, "1114")

PARENTS = ("", CITY, TOWN, STRANGER, CHILD)
CHILDREN = (None, CITY, TOWN, CHILD, OTHER_CHILD, STRANGER)
SUPPLIERS = (None, VENDOR, OTHER_VENDOR)
TYPES = (TYPE, OTHER_TYPE, NO_TYPE)

ALLOWED = {
    # parent, child, vendor, type                     the units that the message may be about; all else is 2001
    (CITY, None, None, TYPE): {OWN, EAST},
    (CITY, CITY, None, TYPE): {OWN, EAST},
    (CITY, TOWN, None, TYPE): {OWN, EAST},  # a child that is somebody else gives nothing
    (CITY, CHILD, None, TYPE): {OWN, EAST, BELOW},
    (CITY, OTHER_CHILD, None, TYPE): {OWN, EAST},
    (CITY, STRANGER, None, TYPE): {OWN, EAST},
    (CITY, CHILD, None, OTHER_TYPE): {BELOW},  # without the child in the token the city may not send it
    (CITY, None, VENDOR, TYPE): {OWN, EAST},
    (CITY, CITY, VENDOR, TYPE): {OWN, EAST},
    (CITY, TOWN, VENDOR, TYPE): {OWN, EAST},
    (CITY, CHILD, VENDOR, TYPE): {OWN, EAST, BELOW},
    (CITY, OTHER_CHILD, VENDOR, TYPE): {OWN, EAST},
    (CITY, STRANGER, VENDOR, TYPE): {OWN, EAST},
    (CITY, CHILD, VENDOR, OTHER_TYPE): {BELOW},
    (TOWN, None, None, TYPE): {TOWNS},
    (TOWN, CITY, None, TYPE): {TOWNS},
    (TOWN, TOWN, None, TYPE): {TOWNS},
    (TOWN, CHILD, None, TYPE): {TOWNS},
    (TOWN, OTHER_CHILD, None, TYPE): {TOWNS},
    (TOWN, STRANGER, None, TYPE): {TOWNS},
    (TOWN, None, OTHER_VENDOR, TYPE): {TOWNS},
    (TOWN, CITY, OTHER_VENDOR, TYPE): {TOWNS},
    (TOWN, TOWN, OTHER_VENDOR, TYPE): {TOWNS},
    (TOWN, CHILD, OTHER_VENDOR, TYPE): {TOWNS},
    (TOWN, OTHER_CHILD, OTHER_VENDOR, TYPE): {TOWNS},
    (TOWN, STRANGER, OTHER_VENDOR, TYPE): {TOWNS},
}


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory):
    """The city may send for two districts of its own and for a child, through one vendor; the town through another."""
    folder: Path = tmp_path_factory.mktemp("access")
    database = Database.open(f"sqlite:///{folder / 'access.sqlite'}", SCHEMA)
    made = AccessList(database)
    made.grant(OWN, [TYPE], suppliers=[VENDOR])
    made.grant(EAST, [TYPE])
    made.grant(BELOW, [TYPE, OTHER_TYPE], holder=CITY)
    made.grant(TOWNS, [TYPE], suppliers=[OTHER_VENDOR])
    yield made
    database.close()


def allowed(access: AccessList, parent: str, child: str | None, vendor: str | None, kind: str) -> set[ReportingUnit]:
    """The units that the caller may send for; empty when it is refused."""
    try:
        return set(check_access(Caller("client-1", parent, child, vendor), access.units(parent, kind, vendor)))
    except Refusal:
        return set()


def test_who_may_send_for_whom(access: AccessList):
    every = list(product(PARENTS, CHILDREN, SUPPLIERS, TYPES))
    assert set(ALLOWED) <= set(every)
    found = {case: units for case in every if (units := allowed(access, *case))}
    assert found == ALLOWED


def test_a_refusal_is_2001_and_says_nothing_of_what_others_may():
    with pytest.raises(Refusal) as refused:
        check_access(Caller("client-1", CITY, None, None), {TOWNS})
    (error,) = refused.value.errors
    assert (refused.value.status, error.code, error.property_name, error.details) == (400, 2001, None, None)


@pytest.mark.parametrize("child", CHILDREN)
def test_a_child_narrows_and_never_gives(access: AccessList, child: str | None):
    """Whatever the client says its child is, it gets nothing that the holder has not been granted."""
    for parent, vendor, kind in product(PARENTS, SUPPLIERS, TYPES):
        assert allowed(access, parent, child, vendor, kind) <= access.units(parent, kind, vendor)


MESSAGES = [
    # units in the message                 granted to the caller        whose the message is; None is 2001
    ([OWN], {OWN}, (OWN,)),
    ([OWN, EAST], {OWN, EAST, BELOW}, (OWN, EAST)),
    ([EAST, OWN, EAST], {OWN, EAST}, (OWN, EAST)),
    ([], {EAST, OWN}, (OWN, EAST)),  # one that names none concerns all that the caller has
    ([EAST], {OWN}, None),  # another district of the same organisation
    ([OWN, TOWNS], {OWN}, None),  # one of two is not the caller's
    ([ReportingUnit(CITY, "0301")], {OWN, EAST}, None),  # the whole city is not one of its districts
    ([ReportingUnit(CITY, "1103", "03")], {OWN}, None),
]


@pytest.mark.parametrize(("named", "granted", "owners"), MESSAGES)
def test_a_message_may_name_only_units_of_its_caller(named, granted, owners):
    admitted = Admitted(None, None, None, frozenset(granted), None, b"")
    services = SimpleNamespace(settings=SimpleNamespace(environment="sandbox"))
    summaries = [UnitSummary(unit, []) for unit in named]
    if owners is not None:
        assert check_units(Opened(admitted, b""), summaries, services).units == owners
        return
    with pytest.raises(Refusal) as refused:
        check_units(Opened(admitted, b""), summaries, services)
    (error,) = refused.value.errors
    assert error.kind is AnswerCode.SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE
    foreign = [f"/{index}" for index, unit in enumerate(named) if unit not in granted]
    assert [place for place, _ in error.places()] == foreign
