"""Findings as the registry's controller gets them: counted, with what each day opened and closed; on both databases."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.receiver.store.finding_log import SqlFindingLog
from support.receiver_api import decisions, follower, sent

UNIT, AHEAD = "312000008-1114", "2031-01-01"
DAY = dt.timedelta(days=1)


def test_what_is_open_and_what_each_day_changed(make_receiver, any_database_url):
    receiver = make_receiver(any_database_url)
    worker, log = follower(receiver), SqlFindingLog(receiver.database)
    first = receiver.clock.now().date()
    sent(receiver, decisions(("V-1", {"vedtakDato": AHEAD}), ("V-2", {"vedtakDato": AHEAD})))
    opened = worker.run().opened
    receiver.clock.advance(DAY)
    sent(receiver, decisions(("V-1", {"sakId": "S-1"})))
    sent(receiver, decisions(("V-2", {"vedtakDato": AHEAD, "sakId": "S-2"}), ("V-3", {"vedtakDato": AHEAD})))
    worker.run()

    found = log.findings(first)
    assert found.open["findings"].sum() == opened
    assert set(found.open["software"]) == {"Prove AS | ProveEPJ | 1.0 | 2.0"}
    assert set(found.open["unit"]) == {UNIT}
    by_day = found.changed.group_by("day").agg(_sum("opened"), _sum("closed")).sort("day")
    assert by_day.rows() == [(first, opened, 0), (first + DAY, opened // 2, opened // 2)]
    assert log.findings(first + DAY).changed["day"].unique().to_list() == [first + DAY]
    of_date = found.fields.filter(field="decided_on").rows()
    assert {row[:2] for row in of_date} == {(UNIT, "decision")}


def _sum(name):
    return pl.col(name).sum()
