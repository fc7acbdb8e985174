"""What `ktt status` says of a municipality: each thing that may be wrong, who must act, and how it ends."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from ktt.messages.contract import NotSent, Rejected, Unknown
from ktt.sender.keys.make import made_key, write_key
from ktt.sender.monitoring.errors import MetricsUnwritable
from ktt.sender.monitoring.facts import SqlFacts
from ktt.sender.monitoring.overview import status_of
from ktt.sender.monitoring.prometheus import exposition, write_metrics
from ktt.sender.outcomes.recorded import record_comparison
from ktt.sender.registry_comparison import RegistryComparison, TypeComparison
from support.sender_epj import UNIT

REJECTED = Rejected(http_status=400, code=2008, name="X", details="$.tjeneste[0]", correlation_id=None)


@pytest.fixture
def asked(town, tmp_path):
    """The status of the town now."""
    key = tmp_path / "klient.jwk"
    now = town.clock.now()
    write_key(key, made_key("P-256", now, now + dt.timedelta(days=365)))

    def status():
        return status_of(SqlFacts(town.store._database), UNIT, key, town.clock.now())

    return status


def told(status):
    """Cause, actor and exit code of all that must be done with the unit."""
    return [(thing.cause, thing.actor.value, thing.exit_code) for unit in status.units for thing in unit.things]


def test_a_store_without_a_unit_says_that_nothing_has_begun(asked):
    status = asked()
    assert told(status) == [("not begun", "here", 13)]
    assert (status.units[0].facts.unit, status.units[0].facts.last_run_at) == (UNIT, None)


def test_all_is_well_the_morning_after(loaded, asked):
    loaded.daily(1)
    status = asked()
    assert told(status) == []
    (unit,) = status.units
    assert (unit.facts.queue.undelivered, unit.facts.last_run_at) == (0, loaded.clock.now())


def failing(answer, days=1):
    def befall(town):
        town.epj.service("T9", "P0", dt.date(2026, 3, 2))
        town.registry.answers = [answer]
        town.daily(days)

    return befall


def no_run(town):
    town.daily(1)
    town.morning(3)


def held(town):
    town.epj.run("UPDATE tjeneste SET slutt = '2017-01-01' WHERE id = 'T0a'")
    town.daily(1)


def parked(town):
    failing(REJECTED)(town)
    town.store.park(UNIT, by="ola", reason="FHI avviser den")
    town.daily(2)


def unproved(town):
    mapping = town.epj.mapping.read_text(encoding="utf-8")
    start = mapping.index("\n[complete]\ncount = { query")
    town.use_mapping(mapping[:start] + mapping[mapping.index("\n", start + 20) :])
    town.epj.run("DELETE FROM tjeneste WHERE id IN ('T1a', 'T2a')")
    town.daily(1)


def unreadable(town):
    town.use_mapping(town.epj.mapping.read_text(encoding="utf-8").replace("FROM tjeneste", "FROM borte"))
    with pytest.raises(Exception, match="KTT-SRC-03"):
        town.daily(1)


def compared(state, **counts):
    def befall(town):
        town.daily(1)
        types = {"care_service": TypeComparison(sent=9, **counts)}
        record_comparison(town.sender.outcomes, UNIT, town.day(1), RegistryComparison(state, types=types))

    return befall


def paused(town):
    town.daily(1)
    town.store.pause(UNIT, by="ola", reason="bytter EPJ")


BEFALLS = [
    # what befalls the town | what must be done, by whom, in which class | of these, what rings
    ("rejected", failing(REJECTED), [("queue", "vendor", 13)], ["queue"]),
    ("no network", failing(NotSent("no connection")), [("queue", "here", 14)], ["queue"]),
    ("receiver down", failing(Unknown("HTTP 503")), [("queue", "receiver", 14)], ["queue"]),
    ("no run", no_run, [("late", "here", 13)], ["late"]),
    ("source gone", unreadable, [("run", "here", 10)], ["run"]),
    ("held", held, [("registration", "here", 3)], []),
    ("parked", parked, [("parked", "here", 3)], []),
    ("paused", paused, [("queue", "here", 13)], []),
    ("unproved", unproved, [("missing", "vendor", 3)], ["missing"]),
    ("differs", compared("different", missing=2), [("registry", "here", 4)], ["registry"]),
    ("held there", compared("held"), [("registry", "receiver", 13)], ["registry"]),
]


@pytest.mark.parametrize(("befall", "wanted", "rings"), [row[1:] for row in BEFALLS], ids=[row[0] for row in BEFALLS])
def test_what_must_be_done_and_by_whom(loaded, asked, befall, wanted, rings):
    befall(loaded)
    status = asked()
    assert told(status) == wanted
    assert status.exit_code == wanted[0][2]
    assert [thing.cause for thing in status.things if thing.rings] == rings


def test_what_is_mended_is_not_told_any_more(loaded, asked):
    failing(NotSent("no connection"))(loaded)
    assert told(asked()) != []
    loaded.daily(2)
    assert told(asked()) == []


def test_a_reconciliation_does_not_hide_that_the_last_run_failed(loaded, asked):
    unreadable(loaded)
    record_comparison(loaded.sender.outcomes, UNIT, loaded.day(1), RegistryComparison("equal"))
    assert told(asked()) == [("run", "here", 10)]


def test_the_verdict_counts_by_who_must_act(loaded, asked):
    held(loaded)
    loaded.morning(4)
    assert asked().verdict().nb == "2 ting må gjøres: 2 av dere."
    unproved(loaded)
    verdict = asked().verdict()
    assert (verdict.nb, verdict.en) == (
        "2 ting må gjøres: 1 av dere, 1 av leverandøren.",
        "2 things must be done: 1 by you, 1 by the vendor.",
    )


def test_the_figures_of_the_day_before_and_the_week_before(loaded, asked):
    for number in range(1, 10):
        if number in {2, 8}:
            loaded.epj.service(f"T9{number}", "P0", loaded.day(0))
        loaded.daily(number)
    trend = asked().units[0].facts.trend
    shown = [(one.day, one.changes) for one in (trend.newest, trend.day_before, trend.week_before)]
    assert shown == [(loaded.day(9), 0), (loaded.day(8), 1), (loaded.day(2), 1)]
    assert trend.newest.records - trend.week_before.records == 1
    data = asked().as_data()["units"][0]
    assert data["days_since"] == {"run": 0, "accepted": 1, "change": 1}


def test_without_a_key_the_status_says_so_and_goes_on(loaded, tmp_path):
    loaded.daily(1)
    status = status_of(SqlFacts(loaded.store._database), UNIT, tmp_path / "borte.jwk", loaded.clock.now())
    assert ([thing.cause for thing in status.common], status.exit_code) == (["key"], 15)
    assert status.verdict().nb == "1 ting må gjøres: 1 av dere."


def test_the_metrics_are_whole_lines_of_gauges_with_the_unit_as_their_only_label(loaded, asked, tmp_path):
    held(loaded)
    path = tmp_path / "ktt.prom"
    path.write_text("old")
    write_metrics(asked(), path)
    text = path.read_text(encoding="utf-8")
    assert text == exposition(asked())
    assert text.endswith("\n")
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) ktt_\w+ .+|ktt_unit_\w+\{unit="[0-9-]+"\} \d+|ktt_\w+ \d+', line), line
    assert f'ktt_unit_findings_registration{{unit="{UNIT.key}"}} 1' in text
    assert f'ktt_unit_last_run_seconds{{unit="{UNIT.key}"}} {int(loaded.clock.now().timestamp())}' in text
    assert (path.stat().st_mode & 0o777, sorted(p.name for p in tmp_path.glob("*ktt.prom*"))) == (0o644, ["ktt.prom"])


def test_metrics_that_cannot_be_written_are_told(loaded, asked, tmp_path):
    with pytest.raises(MetricsUnwritable):
        write_metrics(asked(), tmp_path / "borte" / "ktt.prom")
