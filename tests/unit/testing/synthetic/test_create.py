"""`write_epj`: a folder with a database of its own kind, a mapping and an answer key; whole or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from contextlib import closing

import pytest

from ktt.domain.content import content_hash
from ktt.testing.synthetic.create import write_epj
from ktt.testing.synthetic.errors import FolderUnwritable, MunicipalityUnknown, RecordSystemThere, WrongMeasure
from ktt.testing.synthetic.municipality.numbers import kind_of
from support.settable_clock import SettableClock
from support.synthetic_municipality import OPENING, TODAY, generate

SMALL = {"recipients": 25, "municipality": "1114", "start": OPENING, "until": TODAY}


def written(folder):
    """Everything in a folder as text."""
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        database = "\n".join(connection.iterdump())
    texts = {
        p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*.*") if p.suffix != ".sqlite"
    }
    return texts | {"epj.sqlite": database}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("synthetic") / "epj"
    write_epj(place, seed=7, **SMALL)
    return place


def answers_of(folder):
    return json.loads((folder / "answers.json").read_text("utf-8"))


def test_the_folder_holds_what_a_sender_needs_and_the_answers(folder):
    assert sorted(p.name for p in folder.iterdir()) == ["answers.json", "epj.sqlite", "koder", "mapping.toml"]
    assert "HJSPL;15;;;" in (folder / "koder" / "tjenestetype.csv").read_text("utf-8")


def test_the_same_seed_gives_the_same_content_and_another_seed_another(folder, tmp_path):
    write_epj(tmp_path / "same", seed=7, **SMALL)
    write_epj(tmp_path / "other", seed=8, **SMALL)
    assert written(tmp_path / "same") == written(folder)
    ours, others = answers_of(folder)["content"], answers_of(tmp_path / "other")["content"]
    assert all(ours[name] != others[name] for name in ours)


def test_the_answers_agree_with_a_recount_from_the_model(folder):
    rows = {name: list(found) for name, found in _sendable(generate(25, "7")[1]).items()}
    answers = answers_of(folder)
    assert answers["counts"] == {name: len(found) for name, found in sorted(rows.items())}
    assert answers["content"] == {name: content_hash(found) for name, found in sorted(rows.items())}


def _sendable(people):
    """Messages § 7.5 once more, from the model that was never in a database."""
    rows = {name: [] for name in ("recipient", "decision", "care_service", "circumstances", "assessment", "diagnosis")}
    for person in people:
        over = lambda x: x.starts_on is None or (x.ends_on is not None and x.ends_on < OPENING)  # noqa: E731
        services = [s for s in person.services if not over(s)]
        referred = {s.decision_id for s in services}
        nexts = [a.assessed_on for a in person.assessments[1:]] + [dt.date.max] * bool(person.assessments)
        sent = {
            "care_service": [(s, s.starts_on) for s in services],
            "circumstances": [(c, c.starts_on) for c in person.circumstances if not over(c)],
            "diagnosis": [(d, d.starts_on) for d in person.diagnoses if not over(d)],
            "assessment": [(a, a.assessed_on) for a, n in zip(person.assessments, nexts, strict=True) if n > OPENING],
            "decision": [
                (d, own)
                for d in person.decisions
                if (own := d.decided_on or d.applied_on) >= OPENING or d.decision_id in referred
            ],
        }
        for name, found in sent.items():
            rows[name] += [_row(item) | _home(person, own) for item, own in found]
        if any(sent.values()):
            rows["recipient"].append(
                {
                    "local_person_id": person.local_person_id,
                    "person_number": person.person_number,
                    "person_number_kind": kind_of(person.person_number),
                    "died_on": person.died_on,
                }
            )
    return rows


_PARTS = {
    "lines": "decision_line",
    "appeals": "appeal",
    "providers": "provider_period",
    "pauses": "pause",
    "scores": "score",
}


def _row(record):
    return {_PARTS.get(name, name): value for name, value in dataclasses.asdict(record).items()}


def _home(person, on):
    lived = next(r for r in person.residences if r.starts_on <= on and (r.ends_on is None or on <= r.ends_on))
    return {
        "home_municipality": None if lived.municipality == "1114" else lived.municipality,
        "home_district": lived.district,
    }


def test_what_is_kept_back_is_counted_with_the_reason(folder):
    excluded = answers_of(folder)["excluded"]
    assert excluded["care_service"]["ended before 2017"] > 0
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        (services,) = connection.execute("SELECT count(*) FROM omsorg_tjeneste").fetchone()
    assert answers_of(folder)["counts"]["care_service"] + sum(excluded["care_service"].values()) == services


def test_the_export_log_tells_how_many_rows_each_table_has(folder):
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        log = connection.execute(
            "SELECT tabell, antall FROM eksport_logg WHERE dato = ?", (TODAY.isoformat(),)
        ).fetchall()
        assert len(log) == 14
        for table, count in log:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)


def test_values_are_written_the_local_way(folder):
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        kinds = {
            "dates": "SELECT count(*) FROM omsorg_tjeneste WHERE startdato GLOB '[0-3][0-9].[01][0-9].20[0-9][0-9]'",
            "for ever": "SELECT count(*) FROM omsorg_tjeneste WHERE sluttdato = '31.12.9999'",
            "decimal comma": "SELECT count(*) FROM vedtak_linje WHERE timer_uke GLOB '*[0-9],[0-9][0-9]'",
            "local codes": "SELECT count(*) FROM vedtak_linje WHERE tjkode = 'HJSPL' AND utfall = 'INNV'",
            "local time": "SELECT count(*) FROM sak_vedtak WHERE sist_endret GLOB '20* [01][0-9]:[0-5][0-9]:[0-5][0-9]'",
        }
        assert all(connection.execute(query).fetchone()[0] > 0 for query in kinds.values())


def test_the_diary_and_answers_hold_no_national_number(folder):
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        numbers = [n for (n,) in connection.execute("SELECT ident FROM bruker WHERE ident IS NOT NULL")]
    text = (folder / "answers.json").read_text() + (folder / "mapping.toml").read_text()
    assert numbers
    assert not any(number in text for number in numbers)


def test_today_is_the_clocks_day_in_norway(tmp_path):
    late = SettableClock(dt.datetime(2017, 3, 31, 22, 30, tzinfo=dt.UTC))  # half past midnight on 1 April in Norway
    answers = write_epj(tmp_path / "e", recipients=2, municipality="1114", start=OPENING, seed=1, clock=late)
    assert answers["as_of"] == "2017-04-01"


def test_a_folder_with_a_record_system_is_refused_and_left_alone(folder):
    before = written(folder)
    with pytest.raises(RecordSystemThere):
        write_epj(folder, seed=9, **SMALL)
    assert written(folder) == before


def test_force_replaces_it_and_leaves_other_files(tmp_path):
    for seed in (1, 2):
        write_epj(tmp_path / "e", seed=seed, force=True, **SMALL | {"recipients": 2})
        (tmp_path / "e" / "notes.txt").write_text("mine")
    assert (tmp_path / "e" / "notes.txt").read_text() == "mine"
    write_epj(tmp_path / "f", seed=2, **SMALL | {"recipients": 2})
    assert answers_of(tmp_path / "e") == answers_of(tmp_path / "f")


def test_what_stops_half_way_leaves_nothing(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_epj(tmp_path / "e", seed=1, progress=stop, **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_with_everybody(tmp_path):
    told = []
    answers = write_epj(tmp_path / "e", seed=1, progress=told.append, **SMALL)
    people = answers["counts"]["recipient"] + sum(answers["excluded"].get("recipient", {}).values())
    assert told[-1] == people


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"recipients": 0}, WrongMeasure),
        ({"municipality": "0101"}, MunicipalityUnknown),  # Halden until 2019
        ({"municipality": "9999"}, MunicipalityUnknown),
        ({"municipality": "Oslo"}, MunicipalityUnknown),
        ({"start": TODAY}, WrongMeasure),
        ({"start": dt.date(2004, 1, 1)}, WrongMeasure),
    ],
)
def test_wrong_wishes_are_refused(tmp_path, wrong, fault):
    with pytest.raises(fault):
        write_epj(tmp_path / "e", seed=1, **SMALL | wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnwritable):
        write_epj(tmp_path / "file" / "epj", seed=1, **SMALL | {"recipients": 1})


@pytest.mark.parametrize("municipality", ["0301", "4601", "1508", "3907"])
def test_any_municipality_can_be_made(tmp_path, municipality):
    answers = write_epj(tmp_path / "e", seed=1, **SMALL | {"recipients": 3, "municipality": municipality})
    assert answers["unit"]["municipality"] == municipality
    assert answers["counts"]["decision"] > 0
