"""`/units/…/inventory`: who may see what, what is answered, and when it is not there at all."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from ktt.messages.inventory import MOST
from ktt.receiver.api import paths
from ktt.registry.tables import AUDIT
from ktt.wire import headers
from support.receiver_api import ask, decisions, lookup, sent
from support.receiver_harness import BASE, LEFT_OUT, OTHER_UNIT, UNIT, VENDOR, ReceiverHarness

OWNER = {headers.CLAIM_PARENT: OTHER_UNIT.organisation}


def path(query: str = "", unit: Any = UNIT) -> str:
    district = "" if unit.district is None else f"&district={unit.district}"
    return f"/units/{unit.organisation}/inventory?municipality={unit.municipality}{district}{query and '&' + query}"


def inventory(receiver: ReceiverHarness, query: str = "", **token: Any) -> Any:
    answer = lookup(receiver, path(query), **token)
    assert answer.status == 200, answer.body
    return answer.json


def ingested(receiver: ReceiverHarness, *names: str) -> ReceiverHarness:
    sent(receiver, decisions(*((name, {}) for name in names)))
    receiver.registry.open().ingest(receiver.inbox)
    return receiver


def rows(page: Any) -> list[tuple[str, str]]:
    return [(one["record_type"], name) for one in page["records"] for name in one["local_ids"]]


def test_it_is_what_the_registry_says(fresh: ReceiverHarness):
    told = inventory(ingested(fresh, "V-1", "V-2"))
    assert [name for name in rows(told) if name[0] == "decision"] == [("decision", "V-1"), ("decision", "V-2")]
    assert (told["unit"], told["position"], told["pending"], told["held"]) == (UNIT.key, 1, 0, 0)
    assert (told["digests"], told["next"]) == (None, None)
    hashes = [text for one in told["records"] for text in one["hashes"]]
    assert all(re.fullmatch("[0-9a-f]{32}", text) for text in hashes)
    assert len(hashes) == len(rows(told))


def test_page_by_page_under_one_salt(fresh: ReceiverHarness):
    ingested(fresh, "V-1", "V-2", "V-3")
    whole, page = inventory(fresh), inventory(fresh, "limit=2")
    salt, found = page["salt"], rows(page)
    while page["next"]:
        page = inventory(fresh, f"limit=2&after={page['next']}")
        assert page["salt"] == salt
        found += rows(page)
    assert found == rows(whole)
    assert whole["salt"] != salt


def test_the_digests_count_the_same(fresh: ReceiverHarness):
    whole = inventory(ingested(fresh, "V-1", "V-2"))
    told = inventory(fresh, "as=digests")
    counts = {one["record_type"]: len(one["local_ids"]) for one in whole["records"]}
    assert {one["record_type"]: one["records"] for one in told["digests"]} == counts
    assert (told["records"], told["next"]) == ([], None)


def test_it_tells_how_many_messages_are_not_ingested(fresh: ReceiverHarness):
    ingested(fresh, "V-1")
    sent(fresh, decisions(("V-2", {})))
    sent(fresh, decisions(("V-3", {})))
    told = inventory(fresh)
    assert (told["position"], told["pending"]) == (3, 2)
    assert ("decision", "V-2") not in rows(told)


def test_how_far_it_has_come_is_told_without_a_look(fresh: ReceiverHarness):
    ingested(fresh, "V-1")
    sent(fresh, decisions(("V-2", {})))
    told = inventory(fresh, "as=progress")
    assert (told["position"], told["pending"], told["salt"]) == (2, 1, None)
    assert (told["records"], told["digests"]) == ([], None)
    with fresh.registry.open()._database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(AUDIT)) == 0


def test_the_log_of_looks_names_the_caller(fresh: ReceiverHarness):
    inventory(ingested(fresh, "V-1"), claims={headers.CLAIM_SUPPLIER: VENDOR})
    with fresh.registry.open()._database.reading() as connection:
        (look,) = connection.execute(sa.select(AUDIT)).all()
    assert (VENDOR in look.who, look.act, look.unit) == (True, "list", UNIT.key)


def test_what_is_not_ones_own_is_not_there(receiver: ReceiverHarness):
    asked = (
        lookup(receiver, path(unit=OTHER_UNIT)),
        lookup(receiver, path(), claims=OWNER),
        lookup(receiver, path(), claims={headers.CLAIM_SUPPLIER: "314000013"}),
        lookup(receiver, "/units/312000008/inventory?municipality=0301"),
        lookup(receiver, "/units/312000008/inventory?municipality=1114&district=01"),
        lookup(receiver, "/units/x/inventory?municipality=1114"),
    )
    assert {answer.status for answer in asked} == {404}
    assert len({answer.body.replace(answer.correlation_id.encode(), b"") for answer in asked}) == 1
    with receiver.registry.open()._database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(AUDIT)) == 0


@pytest.mark.parametrize(
    "lie", [{"htm": "POST"}, {"htu": f"{BASE}/units/312000008/outstanding"}, {"ath": LEFT_OUT}, {"iat": 0}]
)
def test_the_proof_is_for_this_method_and_address(receiver: ReceiverHarness, lie: dict[str, Any]):
    assert lookup(receiver, path(), proof=lie).status == 401


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        (f"limit={MOST + 1}", "limit"),
        ("limit=x", "limit"),
        ("after=x", "after"),
        ("after=", "after"),
        ("as=csv", "as"),
        ("municipality=0301", "municipality"),
        ("more=1", "?"),
    ],
)
def test_a_query_that_cannot_be_read_is_told(receiver: ReceiverHarness, query: str, name: str):
    answer = lookup(receiver, path(query))
    assert (answer.status, answer.json["errors"][0]["propertyName"]) == (400, name)


def test_without_a_registry_it_is_not_there(make_receiver: Any):
    receiver = make_receiver(collects_only=True)
    assert lookup(receiver, path()).status == 404
    assert paths.INVENTORY not in ask(receiver, "GET", "/openapi.json").json["paths"]


def test_a_registry_that_is_gone_is_503(fresh: ReceiverHarness):
    with fresh.registry.open()._database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE decision_current")
    answer = lookup(fresh, path())
    assert (answer.status, answer.codes) == (503, [2010])
