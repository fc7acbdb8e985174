"""Stored messages judged and read anew, on SQLite and PostgreSQL: shown first, written as new knowledge, a unit at a time."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import polars as pl
import pytest
import sqlalchemy as sa

from ktt.receiver.api.queries import receipt
from ktt.receiver.store import tables
from ktt.registry import AsOf
from ktt.registry.errors import UnitNotHeld
from ktt.registry.reprocessing import ReadAnew
from ktt.registry.tables import LAYOUTS, REPROCESSING
from ktt.rules.rule_sets import published
from support.histories import History, interleaved
from support.registry_commands import ask
from support.registry_inbox import OTHER, UNIT, message, minute, service, services, spoiled
from support.reprocessing_place import (
    BEFORE,
    BUILT_IN,
    ENDED,
    TOO_EARLY,
    ends,
    everyday,
    pack_without_end,
    pack_without_mapping,
)
from support.told_records import sent


def reprocess(place, capfd, *words, code=0):
    capfd.readouterr()
    return ask(capfd, "reprocess", "--config", place.config, *words, code=code)


def written(place, capfd, code=0):
    return reprocess(place, capfd, "--write", "--reason", "pakken leste ikke slutten", code=code)


class TestThePlan:
    def test_shows_what_differs_and_writes_nothing(self, misread, capfd):
        before = misread.rows()
        answer = reprocess(misread, capfd)
        assert misread.rows() == before
        assert (answer["messages"], answer["not_stored"], answer["written"]) == (5, 0, False)
        assert answer["rules_changed"] == [{"rule": TOO_EARLY, "come": 1}]
        assert {one["unit"]: one["records"] for one in answer["units"]} == {
            UNIT.key: {"care_service": {"changed": 2}},
            OTHER.key: {"care_service": {"changed": 1}},
        }

    def test_of_another_pack(self, place, capfd, tmp_path):
        place.accepted(*everyday())
        place.take_in(BUILT_IN)
        assert reprocess(place, capfd)["units"] == []
        answer = reprocess(place, capfd, "--pack", pack_without_end(tmp_path))
        assert answer["packs"] == "no_end"
        assert answer["rules_changed"] == [{"rule": TOO_EARLY, "gone": 1}]

    def test_in_words(self, misread, capfd):
        capfd.readouterr()
        shown = ask(capfd, "reprocess", "--config", misread.config, data=False)
        for word in ("5 lagrede meldinger", TOO_EARLY, "tjeneste", f"--config {misread.config} --write --reason"):
            assert word in shown

    def test_of_one_unit(self, misread, capfd, tmp_path):
        (only,) = reprocess(misread, capfd, "--unit", OTHER.key)["units"]
        assert (only["unit"], only["records"]) == (OTHER.key, {"care_service": {"changed": 1}})
        assert reprocess(misread, capfd, "--unit", "312000999-1103", code=2)["code"] == "KTT-COV-04"
        reprocess(misread, capfd, "--unit", OTHER.key, "--write", "--reason", "denne først")
        assert [one["unit"] for one in reprocess(misread, capfd)["units"]] == [UNIT.key]

    def test_as_rows(self, misread, capfd, tmp_path):
        capfd.readouterr()
        shown = ask(capfd, "reprocess", "--config", misread.config, "--csv", data=False)
        assert "Enhet;Hva;Regel;Nye;Endres;Forsvinner" in shown
        assert f"{UNIT.key};avvik;{TOO_EARLY};1;0;0" in shown
        ask(capfd, "reprocess", "--config", misread.config, "--parquet", tmp_path / "rows.parquet", data=False)
        rows = pl.read_parquet(tmp_path / "rows.parquet").filter(pl.col("rule").is_null() | (pl.col("rule") == ""))
        assert {(one["unit"], one["changed"]) for one in rows.to_dicts()} == {(UNIT.key, 2), (OTHER.key, 1)}

    @pytest.mark.parametrize(
        "words",
        [["--plan", "--write"], ["--write"], ["--write", "--reason", "x", "--rules", "2026.1"]],
        ids=["both", "no reason", "rules that are not in force"],
    )
    def test_is_asked_for_in_one_way(self, place, capfd, words):
        assert reprocess(place, capfd, *words, code=2)["code"] == "KTT-CLI-01"


class TestWritten:
    def test_is_known_from_now_and_the_past_stays_readable(self, misread, capfd):
        instant = dt.datetime.now(dt.UTC)
        answer = written(misread, capfd)
        assert answer["written"]
        assert ends(misread) == {"T-1": ENDED, "T-2": BEFORE}
        assert ends(misread, AsOf(known_at=instant)) == {"T-1": None, "T-2": None}
        assert ends(misread, unit=OTHER) == {"T-4": ENDED}
        with misread.registry.reading() as connection:
            rows = connection.execute(sa.select(REPROCESSING).order_by(REPROCESSING.c.unit)).all()
        assert [(row.unit, row.why, row.packs, row.changed) for row in rows] == [
            (UNIT.key, "pakken leste ikke slutten", BUILT_IN, 2),
            (OTHER.key, "pakken leste ikke slutten", BUILT_IN, 1),
        ]

    def test_hangs_together(self, misread, capfd):
        written(misread, capfd)
        found = misread.verify()
        assert found.holds, found
        assert found.recomputed == 2

    def test_again_makes_no_difference(self, misread, capfd):
        written(misread, capfd)
        before = misread.rows()
        answer = written(misread, capfd)
        assert (answer["units"], answer["rules_changed"]) == ([], [])
        assert misread.rows() == before

    def test_what_comes_afterwards_goes_on_from_it(self, misread, capfd):
        written(misread, capfd)
        late = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        misread.accepted(message(6, services(service("T-1"), service("T-2", ends_on=ENDED)), at=late))
        misread.take_in(BUILT_IN)
        assert ends(misread) == {"T-1": None, "T-2": ENDED}
        assert misread.open_findings(TOO_EARLY) == []
        assert misread.verify().holds
        assert written(misread, capfd)["units"] == []

    def test_findings_are_open_since_now_and_shown_in_the_receipt(self, misread, capfd):
        instant = dt.datetime.now(dt.UTC)
        written(misread, capfd)
        assert misread.open_findings(TOO_EARLY) == ["T-2"]
        with misread.receiver.reading() as connection:
            mine = sa.select(tables.OPEN_FINDING).where(tables.OPEN_FINDING.c.rule == TOO_EARLY)
            row = connection.execute(mine).one()
            one, other = (receipt(connection, f"correlation-{n}", misread.vault).judging for n in (1, 2))
        assert row.since >= instant
        assert (row.opened_at, row.seen_at) == (1, 1)
        assert (one.state, one.later.opened, one.later.closed, one.later.rules) == ("judged", 1, 0, "2026.1")
        assert other.later is None


def test_rules_that_are_new_judge_what_came_before(place, capfd, monkeypatch):
    """The rule set of then had not the rule; the one of today has it."""
    newest = published.rule_sets()[-1]
    older = replace(
        newest, version="2025.9", digests={name: one for name, one in newest.digests.items() if name != TOO_EARLY}
    )
    newer = replace(newest, version="2026.2", effective_from=dt.date(2026, 6, 1))
    monkeypatch.setattr(published, "rule_sets", lambda: (older, newer))
    place.accepted(*everyday())
    place.take_in(BUILT_IN)
    assert place.open_findings(TOO_EARLY) == []
    answer = written(place, capfd)
    assert (answer["rules"], answer["rules_changed"]) == ("2026.2", [{"rule": TOO_EARLY, "come": 1}])
    assert [one["records"] for one in answer["units"]] == [{}], "rules report, and change no record"
    assert place.open_findings(TOO_EARLY) == ["T-2"]
    assert reprocess(place, capfd, "--rules", "2025.9")["rules_changed"] == [{"rule": TOO_EARLY, "gone": 1}]


class TestWhatIsGone:
    def test_stays_as_it_was_told(self, misread, capfd):
        with misread.receiver.transaction() as connection:
            connection.execute(sa.delete(tables.INBOX).where(tables.INBOX.c.position == 1))
        answer = written(misread, capfd)
        assert answer["not_stored"] == 1
        assert ends(misread) == {"T-1": ENDED, "T-2": None}, "T-1 was told again by a message that is stored"
        assert misread.open_findings(TOO_EARLY) == []
        assert written(misread, capfd)["units"] == []
        assert misread.verify().holds


class TestWhatCannotBeRead:
    def test_and_now_can_lets_its_unit_go_on(self, place, capfd, tmp_path):
        place.accepted(*everyday())
        place.take_in(pack_without_mapping(tmp_path))
        assert len(place.registry.held()) == 2
        answer = reprocess(place, capfd)
        assert [(one["unit"], one["position"]) for one in answer["readable"]] == [(UNIT.key, 1), (OTHER.key, 3)]
        written(place, capfd)
        assert place.registry.held() == []
        place.take_in(BUILT_IN)
        assert ends(place) == {"T-1": ENDED, "T-2": BEFORE}
        assert written(place, capfd)["rules_changed"] == [], "findings came with the pack"
        assert place.open_findings(TOO_EARLY) == ["T-2"]

    def test_any_more_leaves_its_unit_as_it_is_and_no_other(self, misread, capfd):
        bad = spoiled(message(3, None, ["T-4"], unit=OTHER))
        misread.receiver_content(3, bad.payload)
        before = ends(misread, unit=OTHER)
        answer = written(misread, capfd, code=4)
        assert {one["unit"] for one in answer["unreadable"]} == {OTHER.key}
        assert ends(misread, unit=OTHER) == before
        assert ends(misread) == {"T-1": ENDED, "T-2": BEFORE}

    def test_and_still_cannot_is_no_difference(self, place, capfd):
        place.accepted(message(1, services(service("T-1"))), spoiled(message(2, services(service("T-2")))))
        place.take_in(BUILT_IN)
        answer = written(place, capfd)
        assert (answer["units"], answer["readable"], answer["unreadable"]) == ([], [], [])
        with pytest.raises(UnitNotHeld):
            place.registry.release(OTHER, "Ingrid", "never held")


def test_a_unit_that_fails_stays_and_the_others_go_on(misread, capfd, monkeypatch):
    real = ReadAnew._write

    def failing(self, connection, anew, found, who):
        real(self, connection, anew, found, who)
        if found.unit == UNIT.key:
            raise UnitNotHeld(unit=found.unit)

    monkeypatch.setattr(ReadAnew, "_write", failing)
    answer = written(misread, capfd, code=4)
    assert {one["unit"]: one["left"] for one in answer["units"]} == {UNIT.key: "KTT-REG-03", OTHER.key: ""}
    assert ends(misread) == {"T-1": None, "T-2": None}
    assert ends(misread, unit=OTHER) == {"T-4": ENDED}
    monkeypatch.undo()
    assert written(misread, capfd)["written"]
    assert ends(misread) == {"T-1": ENDED, "T-2": BEFORE}


def test_a_unit_that_moved_on_meanwhile_is_left(misread, capfd, monkeypatch):
    real = ReadAnew.write

    def meanwhile(self, unit, who):
        if unit == UNIT.key and not misread.registry.held() and len(misread.inbox.after(0, 99)) == 5:
            misread.accepted(message(6, services(service("T-9")), at=minute(99)))
            misread.take_in(BUILT_IN)
        return real(self, unit, who)

    monkeypatch.setattr(ReadAnew, "write", meanwhile)
    answer = written(misread, capfd, code=4)
    assert {one["unit"]: one["left"] for one in answer["units"]} == {UNIT.key: "moved-on", OTHER.key: ""}
    assert written(misread, capfd)["written"]
    assert ends(misread) == {"T-1": ENDED, "T-2": BEFORE, "T-9": None}


def test_any_history_becomes_what_the_pack_of_today_reads(place, capfd, tmp_path):
    """The registry ends as one that has read the same messages by the right pack from the first."""
    told = interleaved([History(seed) for seed in range(12)], random.Random(1))
    messages = [sent(n, one.record_type, one.about, one.at, one.numbers) for n, (_, one) in enumerate(told, 1)]
    place.accepted(*messages)
    place.take_in(pack_without_end(tmp_path))
    wrong, right = standing(place.registry), by_right_pack(place, tmp_path)
    assert wrong != right
    written(place, capfd)
    assert standing(place.registry) == right
    assert place.verify().holds
    assert written(place, capfd)["units"] == []


def by_right_pack(place, tmp_path):
    from ktt.registry import Registry

    names = (place.place.key_file, place.place.identity_key_file)
    other = Registry.open(f"sqlite:///{tmp_path / 'right.sqlite'}", *names)
    other.ingest(place.inbox)
    found = standing(other)
    other.close()
    return found


def standing(registry):
    with registry.reading() as connection:
        return {
            name: sorted(map(tuple, connection.execute(_standing(layout.current, layout.key))))
            for name, layout in LAYOUTS.items()
        }


def _standing(table, key):
    return sa.select(table.c.unit, table.c[key], table.c.fingerprint).where(~table.c.deleted)
