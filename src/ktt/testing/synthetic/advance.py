"""Moves a record system forward by one or several days, each determined by the seed."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.testing.synthetic.answers import describe
from ktt.testing.synthetic.create import DATABASE, Answers, write_answers
from ktt.testing.synthetic.day_simulator import ALL_KINDS, DaySimulator
from ktt.testing.synthetic.errors import FolderUnwritable, RecordSystemMissing, WrongMeasure
from ktt.testing.synthetic.faults.answer_key import load_key
from ktt.testing.synthetic.municipality.municipality import Ids, create_municipality
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system import database

_WEEK = 7
_SHARE = 0.01  # of the recipients that change on a day (domain § 11)
_SELDOM = ("death", "moved away", "deletion of decision", "permanent number")

_SQLITE = Text(nb="SQLite sier «{says}»", en="SQLite says “{says}”")


def advance_day(folder: Path, *, days: int = 1) -> Answers:
    """Move the record system in a folder so many days forward; all of them or none. Any week holds every kind of change.

    About one per cent of the recipients change on a day. Persons with planted faults stay as they are, and the answer key
    says which findings they give on the new day. Raises a `KTT-SYN` error when the folder has no record system.
    """
    if not 1 <= days <= 366:  # noqa: PLR2004 (a year at a time)
        raise WrongMeasure(name="days", value=days, allowed_nb="1 til 366 dager", allowed_en="1 to 366 days")
    if not (folder / DATABASE).is_file():
        raise RecordSystemMissing(folder=folder)
    try:
        with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
            answers = _days(connection, folder, days)
        write_answers(folder, answers)
    except sqlite3.OperationalError as fault:
        raise FolderUnwritable(folder=folder, reason=_SQLITE.format(says=fault)) from fault
    except sqlite3.DatabaseError as fault:
        raise RecordSystemMissing(folder=folder) from fault
    except OSError as fault:
        raise FolderUnwritable(folder=folder, reason=os_reason(fault)) from fault
    return answers


def _days(connection: sqlite3.Connection, folder: Path, days: int) -> Answers:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_tilstand'").fetchone():
        raise RecordSystemMissing(folder=folder)
    connection.execute("BEGIN IMMEDIATE")
    state: dict[str, Any] = database.state(connection)
    (municipality,) = connection.execute("SELECT kommunenr FROM installasjon").fetchone()
    generated = create_municipality(municipality, state["recipients"], Random(), load_profile(), Ids(state["last"]))  # noqa: S311 (no secrets)
    generated.numbers.given.update(n for (n,) in connection.execute("SELECT ident FROM bruker WHERE ident IS NOT NULL"))
    today = dt.date.fromisoformat(state["day"])
    owed: list[str] = state.get("owed", [])
    faulty = load_key(connection).people
    for _ in range(days):
        today += dt.timedelta(1)
        generated.rng.seed(f"{state['seed']}:{today}")
        owed = _day(DaySimulator(connection, generated, today, set(faulty)), state["recipients"], owed)
        database.log_export(connection, today.isoformat())
    database.set_state(connection, day=today.isoformat(), last=generated.ids.last, owed=owed)
    answers = describe(connection)
    connection.execute("COMMIT")
    return answers


def _day(simulator: DaySimulator, recipients: int, owed: list[str]) -> list[str]:
    """Make one day's changes; returns the kinds that could happen to nobody and are tried again tomorrow."""
    rng = simulator.municipality.rng
    simulator.prepare()
    simulator.due()
    turn = simulator.today.toordinal() % _WEEK
    todays = [*owed, *(kind for n, kind in enumerate(ALL_KINDS) if n % _WEEK == turn and kind not in owed)]
    missing = [kind for kind in todays if not simulator.do(kind)]
    common = [kind for kind in ALL_KINDS if kind not in _SELDOM]
    for _ in range(round(recipients * _SHARE * rng.uniform(0.5, 1.5)) - len(todays)):
        simulator.do(rng.choice(common))
    return missing
