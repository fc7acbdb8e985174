"""A municipality gets another record system with other ids and a shorter history. Nothing is lost at the registry, and nothing
is there twice: counted by person, type and date in both record systems' own tables, which nothing of the sender has touched.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from ktt.sender.extract.sources.sql import open_source
from ktt.sender.outbox.errors import SourceChangeMustWait
from ktt.sender.plausibility.question import Acceptance
from ktt.sender.reconcile import run_mend
from ktt.sender.source_change.change import change_source
from ktt.sender.source_change.errors import IdsReused, OpenServicesLeft
from support.sender_epj import Epj
from support.whole_road import whole_road

CHANGED = "2023-03-01"
SINCE = f'since = "{CHANGED}"\nreason = "bytte av EPJ"\n'


class OldEpj(Epj):
    """2017 to 2023: services that ended, and some that were moved to the new one; of one of its decisions nothing is left."""

    def __init__(self, folder, persons):
        super().__init__(folder, persons)
        self.run("UPDATE tjeneste SET slutt = '2022-12-31' WHERE id LIKE '%a'")


@pytest.fixture
def road(tmp_path, clock):
    with whole_road(tmp_path, clock, persons=4, kind=OldEpj) as opened:
        opened.desk.load().check()
        yield opened


@pytest.fixture
def new(road, tmp_path):
    """It has the persons under other ids, what was running, and what came since."""
    folder = tmp_path / "new"
    folder.mkdir()
    epj = Epj(folder, persons=0)
    old = rows(road.epj)
    for number, fnr in old["person"]:
        epj.run("INSERT INTO person VALUES (?, ?)", f"N-{number}", fnr)
    for number, person, kind, start, _end, _changed in old["tjeneste"]:
        if number.endswith("b"):
            epj.services([(f"N-{number}", f"N-{person}", kind, start, None, "2023-03-01 08:00:00")])
    epj.service("N-T9", "N-P0", dt.date(2024, 5, 1))
    epj.diagnosis("N-D9", "N-P1", dt.date(2025, 1, 7))
    text = epj.mapping.read_text(encoding="utf-8")
    epj.mapping.write_text(text.replace("[table.tjeneste]\n", f"[table.tjeneste]\n{SINCE}"), encoding="utf-8")
    return epj


def rows(epj):
    with closing(sqlite3.connect(epj.file)) as connection:
        return {
            name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("person", "tjeneste", "diagnose")
        }


def account(*epjs):
    """How often each thing is in the record systems, by national number. What both have is one thing."""
    found = Counter()
    for epj in epjs:
        tables = rows(epj)
        number = dict(tables["person"])
        mine = Counter(("service", number[p], kind, start, end) for _, p, kind, start, end, _ in tables["tjeneste"])
        mine += Counter(("diagnosis", number[p], code, start, None) for _, p, code, start, _ in tables["diagnose"])
        found |= mine
    return found


def held(road):
    """How often each thing is at the registry, which knows a person by a key and not by the number."""
    road.ingest()
    assert not road.registry.held()
    key = dict(road.registry.people(road.unit).select("local_person_id", "person_key").iter_rows())
    number = {key[local]: fnr for local, fnr in rows(road.epj)["person"]}
    columns = {"care_service": ("service_type", "starts_on", "ends_on"), "diagnosis": ("code", "starts_on", "ends_on")}
    found = Counter()
    for (name, wanted), word in zip(columns.items(), ("service", "diagnosis"), strict=True):
        frame = road.registry.current(road.unit, name)
        values = [frame[one].cast(str).to_list() if one in frame.columns else [None] * frame.height for one in wanted]
        found += Counter(
            (word, number[key[person]], *told) for person, *told in zip(frame["local_person_id"], *values, strict=True)
        )
    return found


def change(road, new, **more):
    road.epj.log(road.today)
    new.log(road.today)
    use(road, new)
    with road.desk.sender() as sender:
        return change_source(sender, open_source(road.epj.url, road.epj.mapping), road.today, "ola", "ny EPJ", **more)


def use(road, epj):
    """The sender's settings name the record system."""
    text = road.desk.settings.read_text(encoding="utf-8")
    lines = [
        f'url = "sqlite:///{epj.file}"'
        if line.startswith('url = "sqlite:///') and "outbox" not in line
        else f'mapping = "{epj.mapping}"'
        if line.startswith("mapping =")
        else line
        for line in text.splitlines()
    ]
    road.desk.settings.write_text("\n".join(lines) + "\n", encoding="utf-8")


def daily(road, new):
    """Accepts by name whatever is asked, as Ola does when he has read it."""
    new.log(road.today)
    report = road.desk.daily()
    names = [one.name for one in report.questions.questions]
    return (road.desk.daily(accept=Acceptance(frozenset(names), "bytte av EPJ", "ola")) if names else report), names


def test_with_other_ids_and_a_shorter_history_nothing_is_lost_and_nothing_is_there_twice(road, new):
    before = held(road)
    assert before == account(road.epj)
    road.pass_days()
    found = change(road, new)
    assert {name: len(some) for name, some in found.kept.items()} == {"care_service": 4, "diagnosis": 4}
    assert (found.replaced["care_service"], found.open_services) == (4, [])
    report, asked = daily(road, new)
    report.check()
    assert any(name.startswith("table:") for name in asked)
    assert held(road) == account(road.epj, new)
    assert report.types["care_service"].kept == 4
    assert [one.since.isoformat() for one in report.limited] == [CHANGED]
    assert report.comparison.state == "equal"
    road.pass_days()
    quiet, asked = daily(road, new)
    assert (quiet.changes, quiet.messages, asked) == (0, 0, [])
    new.services([("N-T10", "N-P2", "1", "2026-02-02", None, "2026-03-05 08:00:00")])
    daily(road, new)[0].check()
    assert held(road) == account(road.epj, new)


def test_without_a_declared_change_the_history_would_go_and_ktt_asks(road, new):
    road.pass_days()
    use(road, new)
    new.log(road.today)
    report = road.desk.daily()
    assert report.exit_code == 5
    assert {"drop:care_service", "drop:diagnosis"} <= {one.name for one in report.questions.questions}
    assert held(road) == account(road.epj)


def test_what_was_kept_is_neither_mended_away_nor_sent_again(road, new):
    road.pass_days()
    change(road, new)
    daily(road, new)
    new.log(road.today)
    use(road, new)
    whole = account(road.epj, new)
    with road.desk.sender() as sender:
        mended = run_mend(sender, road.today, "ola")
    assert (mended.found.state, mended.mended.changes) == ("equal", 0)
    assert held(road) == whole


def test_what_is_released_is_withdrawn_when_it_is_accepted(road, new):
    road.pass_days()
    change(road, new)
    daily(road, new)
    with road.desk.sender() as sender:
        sender.outbox.keep(road.unit, {}, "ola", "historikken skal bort")
    daily(road, new)[0].check()
    assert held(road) == account(new)


@pytest.mark.parametrize(("answer", "there"), [("keep", True), ("withdraw", False)])
def test_a_running_service_that_the_new_one_lacks_must_be_decided(road, new, answer, there):
    new.run("DELETE FROM tjeneste WHERE id = 'N-T2b'")
    road.pass_days()
    with pytest.raises(OpenServicesLeft, match="T2b"):
        change(road, new)
    assert change(road, new, plan=True).open_services == ["T2b"]
    with road.desk.sender() as sender:
        assert sender.outbox.kept(road.unit) == {}
    change(road, new, open_services=answer)
    daily(road, new)[0].check()
    start = next(row[3] for row in rows(road.epj)["tjeneste"] if row[0] == "T2b")
    of_old = {one for one in account(road.epj) - account(new) if one[3:] == (start, None)}
    assert (of_old <= set(held(road))) == there
    assert held(road) == (account(road.epj, new) if there else account(road.epj, new) - Counter(of_old))


def test_ids_that_are_other_records_in_the_new_one_are_refused(road, new):
    new.service("T1a", "N-P3", dt.date(2024, 9, 9))
    road.pass_days()
    with pytest.raises(IdsReused, match="T1a"):
        change(road, new)


def test_it_waits_for_what_is_undelivered(road, new):
    road.pass_days()
    road.epj.service("T8", "P0", dt.date(2024, 1, 1))
    road.receiver.down = True
    road.desk.daily()
    with pytest.raises(SourceChangeMustWait):
        change(road, new)
