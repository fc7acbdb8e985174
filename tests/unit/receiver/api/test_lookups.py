"""`/receipts` and `/units/…/outstanding`, and the follower that finds out what is still wrong."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time

import pytest
import sqlalchemy as sa

from ktt.receiver.errors import FollowerAlreadyRuns
from ktt.receiver.findings.follower import Follower
from ktt.receiver.store import tables
from ktt.wire import headers
from support.receiver_doors import follower, lookup, outstanding, spoiled
from support.receiver_world import BASE, LEFT_OUT, OTHER_UNIT, VENDOR, World, message

OWNER = {headers.CLAIM_PARENT: OTHER_UNIT.organisation}
AHEAD = "2031-01-01"
A_NUMBER = "08844110015"  # synthetic: month + 80


def decisions(*records: tuple[str, dict], deleted: tuple[str, ...] = ()) -> bytes:
    """A message with one decision for each (id, other values), made of the everyday example."""
    told = json.loads(message())
    pattern = next(one for one in told[0]["vedtak"] if "tjenester" in one)
    told[0]["vedtak"] = [{**pattern, "vedtakId": name, **values} for name, values in records]
    told[0]["slettVedtak"] = [{"vedtakId": name, "erSlettet": True} for name in deleted]
    return json.dumps(told).encode()


def standing(world: World) -> set[tuple[str, str]]:
    return {(one["local_id"], one["rule"]) for one in outstanding(world)["findings"]}


def sent(world: World, payload: bytes) -> str:
    answer = world.post(payload)
    assert answer.status == 200, answer.body
    return answer.correlation_id


# ── receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_receipt_says_what_was_accepted(fresh: World):
    correlation = sent(fresh, message())
    answer = lookup(fresh, f"/receipts/{correlation}")
    assert answer.status == 200
    told = answer.json
    assert (told["unit"], told["message_type"], told["version"]) == ("312000008-1114", "KTT_Vedtak", "1")
    assert (told["received_at"], told["extracted_on"]) == ("2026-03-02T06:00:00+00:00", "2026-03-02")
    assert (told["position"], told["last_of_unit"], told["resent"]) == (1, True, 0)
    assert told["judging"] == {"state": "waiting", "code": None, "standing": 0}


def test_a_resend_is_told(fresh: World):
    first, again, third = (sent(fresh, message()) for _ in range(3))
    assert first == again == third
    told = lookup(fresh, f"/receipts/{first}").json
    assert (told["resent"], told["resent_last_at"]) == (2, "2026-03-02T06:00:00+00:00")
    sent(fresh, decisions(("V-9", {})))
    assert lookup(fresh, f"/receipts/{first}").json["last_of_unit"] is False


REFUSED = {
    "no such receipt": lambda world, correlation: lookup(world, f"/receipts/{'0' * 8}-{correlation[9:]}"),
    "no such form": lambda world, correlation: lookup(world, "/receipts/1"),
    "another's": lambda world, correlation: lookup(world, f"/receipts/{correlation}", claims=OWNER),
    "a vendor without leave": lambda world, correlation: lookup(
        world, f"/receipts/{correlation}", claims={headers.CLAIM_SUPPLIER: "314000013"}
    ),
    "no organisation with rights": lambda world, correlation: lookup(
        world, f"/receipts/{correlation}", claims={headers.CLAIM_PARENT: LEFT_OUT, headers.CLAIM_CHILD: "312000008"}
    ),
    "another's unit": lambda world, _: lookup(world, "/units/312000563/outstanding"),
    "no unit": lambda world, _: lookup(world, "/units/999999999/outstanding"),
    "no organisation number": lambda world, _: lookup(world, "/units/x/outstanding"),
}


def test_what_is_not_ones_own_is_not_there(world: World):
    """One answer for what does not exist and what is another's."""
    correlation = sent(world, message())
    answers = [ask(world, correlation) for ask in REFUSED.values()]
    assert {one.status for one in answers} == {404}
    bodies = {one.body.replace(one.correlation_id.encode(), b"") for one in answers}
    assert len(bodies) == 1


def test_the_vendor_sees_what_it_sends_for(world: World):
    correlation = sent(world, message())
    assert lookup(world, f"/receipts/{correlation}", claims={headers.CLAIM_SUPPLIER: VENDOR}).status == 200


LIES = {
    "method": {"htm": "POST"},
    "address": {"htu": f"{BASE}/message"},
    "another receipt": {"htu": f"{BASE}/receipts/1"},
    "no binding": {"ath": LEFT_OUT},
    "old": {"iat": 0},
    "no id": {"jti": LEFT_OUT},
}


@pytest.mark.parametrize("lie", LIES)
def test_the_proof_is_for_this_method_and_address(world: World, lie: str):
    answer = lookup(world, "/units/312000008/outstanding", proof=LIES[lie])
    assert answer.status == 401
    assert "invalid_dpop_proof" in answer.header("WWW-Authenticate")
    assert answer.header("Content-Type") == "application/problem+json"


def test_a_proof_is_spent(world: World):
    once = {"jti": "looked-up-once"}
    assert lookup(world, "/units/312000008/outstanding", proof=once).status == 200
    assert lookup(world, "/units/312000008/outstanding", proof=once).status == 401


def test_the_query_is_no_part_of_the_address(world: World):
    assert lookup(world, "/units/312000008/outstanding?limit=1").status == 200


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=1", "after=-1.0", "limt=1", "limit=1&limit=1"]
)
def test_a_query_that_cannot_be_read_is_told(world: World, query: str):
    answer = lookup(world, f"/units/312000008/outstanding?{query}")
    assert answer.status == 400
    assert answer.json["errors"][0]["propertyName"] in {"limit", "after", "?"}


def test_a_database_that_is_gone_is_503(fresh: World):
    with fresh.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_standing")
    answer = lookup(fresh, "/units/312000008/outstanding")
    assert (answer.status, answer.codes) == (503, [2010])


# ── what is still wrong ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", pytest.param("postgres_url", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, make_world) -> World:
    """A receiver on each of the databases."""
    return make_world(None if request.param == "sqlite" else request.getfixturevalue(request.param))


def test_a_finding_opens_stands_and_closes(either: World):
    judge = follower(either)
    sent(either, decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {})))
    assert outstanding(either)["waiting"] == 1
    first = judge.run()
    assert first.messages == 1
    opened = outstanding(either)
    assert opened["waiting"] == 0
    assert {one["local_id"] for one in opened["findings"]} == {"V-1"}
    assert opened["standing"] == len(opened["findings"]) == first.opened
    assert {one["rule"] for one in opened["rules"]} == {one["rule"] for one in opened["findings"]}

    either.clock.advance(dt.timedelta(hours=24))
    sent(either, decisions(("V-2", {"sakId": "S-2"})))
    judge.run()
    assert outstanding(either)["findings"] == opened["findings"], "another record changes nothing"

    sent(either, decisions(("V-1", {"vedtakDato": AHEAD, "sakId": "S-1"})))
    judge.run()
    still = outstanding(either)["findings"]
    assert [one["since"] for one in still] == [one["since"] for one in opened["findings"]], "since the first time"
    assert {one["seen_at"] for one in still} == {3}

    sent(either, decisions(("V-1", {"sakId": "S-1"})))
    assert judge.run().closed == first.opened
    assert outstanding(either)["findings"] == []


def test_a_deletion_closes(fresh: World):
    judge = follower(fresh)
    sent(fresh, decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {"vedtakDato": AHEAD})))
    judge.run()
    assert {name for name, _ in standing(fresh)} == {"V-1", "V-2"}
    sent(fresh, decisions(deleted=("V-1",)))
    judge.run()
    assert {name for name, _ in standing(fresh)} == {"V-2"}


def test_each_unit_and_type_by_itself(fresh: World):
    sent(fresh, message())
    assert fresh.post(message("KTT_Tjeneste"), message_type="KTT_Tjeneste").status == 200
    follower(fresh).run()
    (unit,) = outstanding(fresh)["units"]
    assert (unit["unit"], unit["municipality"], unit["district"]) == ("312000008-1114", "1114", None)
    assert {one["message_type"]: one["messages"] for one in unit["received"]} == {"KTT_Vedtak": 1, "KTT_Tjeneste": 1}
    of_other = lookup(fresh, "/units/312000563/outstanding", claims=OWNER).json
    assert [(one["district"], one["received"]) for one in of_other["units"]] == [("03", [])]


def test_page_by_page_is_all_of_it(fresh: World):
    sent(fresh, decisions(*((f"V-{n}", {"vedtakDato": AHEAD}) for n in range(7))))
    sent(fresh, decisions(*((f"V-{n}", {"vedtakDato": AHEAD}) for n in range(7, 10))))
    follower(fresh).run()
    whole = outstanding(fresh)
    pages, after = [], ""
    while True:
        page = outstanding(fresh, f"limit=4{after}")
        pages.append(page)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [one for page in pages for one in page["findings"]] == whole["findings"]
    assert {page["standing"] for page in pages} == {whole["standing"]}
    assert len(pages) == -(-whole["standing"] // 4)


def test_one_type_can_be_asked_for(fresh: World):
    sent(fresh, decisions(("V-1", {"vedtakDato": AHEAD})))
    follower(fresh).run()
    assert outstanding(fresh, "type=KTT_Tjeneste")["findings"] == []
    assert outstanding(fresh, "type=KTT_Vedtak")["findings"]


def test_an_id_that_is_a_persons_number_is_not_shown_and_still_closes(fresh: World):
    judge = follower(fresh)
    sent(fresh, decisions((A_NUMBER, {"vedtakDato": AHEAD})))
    judge.run()
    found = outstanding(fresh)
    assert found["findings"]
    assert A_NUMBER not in json.dumps(found)
    with fresh.database.reading() as connection:
        assert A_NUMBER not in str(connection.execute(sa.select(tables.STANDING)).all())
    sent(fresh, decisions(deleted=(A_NUMBER,)))
    judge.run()
    assert outstanding(fresh)["findings"] == []


# ── the follower ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_that_does_not_open_is_set_aside_and_the_others_go_on(fresh: World, caplog):
    first, bad, last = (sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD}))) for n in (1, 2, 3))
    with fresh.database.transaction() as connection:
        connection.execute(sa.update(tables.INBOX).where(tables.INBOX.c.position == 2).values(payload=b"spoilt"))
    done = follower(fresh).run()
    assert [one.position for one in done.set_aside] == [2]
    assert {name for name, _ in standing(fresh)} == {"V-1", "V-3"}
    assert [one["correlation_id"] for one in outstanding(fresh)["set_aside"]] == [bad]
    assert lookup(fresh, f"/receipts/{bad}").json["judging"]["state"] == "set_aside"
    assert lookup(fresh, f"/receipts/{last}").json["judging"]["state"] == "judged"
    assert "message 2 of unit 312000008-1114 is not judged" in caplog.text
    assert lookup(fresh, f"/receipts/{first}").json["judging"]["standing"] > 0


def test_a_message_whose_version_is_gone_is_set_aside(fresh: World):
    sent(fresh, message())
    done = follower(fresh, find=lambda _type, _version: None).run()
    assert [(one.position, one.reason) for one in done.set_aside] == [(1, "LookupError")]


def test_a_fault_of_the_rules_quotes_nothing(fresh: World, monkeypatch: pytest.MonkeyPatch, caplog):
    def judge_message(*_given: object, **_more: object) -> None:
        raise ValueError("the name of a person")

    monkeypatch.setattr("ktt.receiver.findings.follower.judge_message", judge_message)
    sent(fresh, message())
    follower(fresh).run()
    (aside,) = outstanding(fresh)["set_aside"]
    assert aside["code"] == "KTT-000"
    assert "person" not in caplog.text


def test_one_at_a_time(fresh: World):
    stop = threading.Event()
    running = threading.Thread(target=follower(fresh).follow, args=(stop,), kwargs={"pause": 0.01})
    running.start()
    try:
        sent(fresh, message())
        until = time.monotonic() + 20
        while outstanding(fresh)["waiting"] and time.monotonic() < until:
            time.sleep(0.02)
        assert outstanding(fresh)["waiting"] == 0
        with pytest.raises(FollowerAlreadyRuns):
            follower(fresh).follow(stop)
    finally:
        stop.set()
        running.join()


def test_two_that_run_at_once_write_each_page_once(fresh: World):
    for n in range(6):
        sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD})))
    threads = [threading.Thread(target=follower(fresh).run) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {name for name, _ in standing(fresh)} == {f"V-{n}" for n in range(6)}


HISTORY = [
    decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {})),
    decisions(("V-1", {"vedtakDato": AHEAD, "sakId": "S-1"})),
    decisions(("V-2", {"vedtakDato": AHEAD}), ("V-3", {"vedtakDato": AHEAD})),
    decisions(("V-1", {}), deleted=("V-3",)),
    decisions(("V-1", {"vedtakDato": AHEAD})),
    message("KTT_Tjeneste"),
    decisions(("V-4", {"vedtakDato": AHEAD}), deleted=("V-2",)),
]


@pytest.mark.parametrize("most", [1, 2, 3, 64])
def test_where_the_pages_end_makes_no_difference(make_world, monkeypatch: pytest.MonkeyPatch, most: int):
    """Against a second opinion: each message judged alone, and each record's newest message wins."""
    world = make_world()
    for payload in HISTORY:
        kind = "KTT_Tjeneste" if payload == HISTORY[5] else "KTT_Vedtak"
        assert world.post(payload, message_type=kind).status == 200
        world.clock.advance(dt.timedelta(minutes=1))
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_FIRST", most)
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_MOST", most)
    follower(world).run()
    with world.database.reading() as connection:
        rows = connection.execute(sa.select(tables.STANDING).order_by("opened_at", "nth")).all()
    found = {(row.local_id, row.opened_at, row.seen_at) for row in rows if row.local_id.startswith("V-")}
    assert found == {("V-1", 5, 5), ("V-4", 7, 7)}


def test_a_follower_that_is_stopped_goes_on_where_it_was(fresh: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_FIRST", 1)
    monkeypatch.setattr("ktt.receiver.findings.follower._PAGE_MOST", 1)
    for n in range(3):
        sent(fresh, decisions((f"V-{n}", {"vedtakDato": AHEAD})))
    stop, judge = threading.Event(), follower(fresh)
    take = judge._take
    judge._take = lambda *given: (take(*given), stop.set())[0]
    assert judge.run(stop=stop).messages == 1
    assert isinstance(judge, Follower)
    assert follower(fresh).run().messages == 2
    assert {name for name, _ in standing(fresh)} == {"V-0", "V-1", "V-2"}


def test_the_everyday_example_has_nothing_wrong(fresh: World):
    sent(fresh, message())
    assert follower(fresh).run().opened == 0
    sent(fresh, spoiled(message(), vedtakDato=AHEAD))
    assert follower(fresh).run().opened > 0
