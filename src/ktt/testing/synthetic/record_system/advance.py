"""The record system moves forward: one day, or several, each determined by the seed."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from ktt.testing.synthetic.errors import FolderUnwritable, RecordSystemMissing, WrongMeasure
from ktt.testing.synthetic.faults.key import load
from ktt.testing.synthetic.municipality.day_simulator import ALL_KINDS, Desk
from ktt.testing.synthetic.municipality.office import Ids, open_office
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system import database
from ktt.testing.synthetic.record_system.answers import describe
from ktt.testing.synthetic.record_system.create import DATABASE, Answers, write_answers

_WEEK = 7
_SHARE = 0.01  # of the recipients change on a day (domain § 11)
_SELDOM = ("death", "moved away", "deletion of decision", "permanent number")


def advance_day(folder: Path, *, days: int = 1) -> Answers:
    """Move the record system in a folder so many days forward; all of them or none. Any week holds every kind of change.

    About one per cent of the recipients change a day; persons with planted faults stay as they are, and the answer key
    tells what is wrong with them on the new day. Raises a `KTT-SYN` fault when there is nothing to move.
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
        raise FolderUnwritable(folder=folder, reason=str(fault)) from fault
    except sqlite3.DatabaseError as fault:
        raise RecordSystemMissing(folder=folder) from fault
    except OSError as fault:
        raise FolderUnwritable(folder=folder, reason=fault.strerror) from fault
    return answers


def _days(connection: sqlite3.Connection, folder: Path, days: int) -> Answers:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_tilstand'").fetchone():
        raise RecordSystemMissing(folder=folder)
    connection.execute("BEGIN IMMEDIATE")
    state: dict[str, Any] = database.state(connection)
    (municipality,) = connection.execute("SELECT kommunenr FROM installasjon").fetchone()
    office = open_office(municipality, state["recipients"], Random(), load_profile(), Ids(state["last"]))  # noqa: S311 (no secrets)
    office.numbers.given.update(n for (n,) in connection.execute("SELECT ident FROM bruker WHERE ident IS NOT NULL"))
    today = dt.date.fromisoformat(state["day"])
    owed: list[str] = state.get("owed", [])
    faulty = load(connection).people
    for _ in range(days):
        today += dt.timedelta(1)
        office.rng.seed(f"{state['seed']}:{today}")
        owed = _day(Desk(connection, office, today, set(faulty)), state["recipients"], owed)
        database.log_export(connection, today.isoformat())
    database.set_state(connection, day=today.isoformat(), last=office.ids.last, owed=owed)
    answers = describe(connection)
    connection.execute("COMMIT")
    return answers


def _day(desk: Desk, recipients: int, owed: list[str]) -> list[str]:
    """One day's changes; returns the kinds that could happen to nobody today and are owed tomorrow."""
    rng = desk.office.rng
    desk.prepare()
    desk.due()
    turn = desk.today.toordinal() % _WEEK
    rota = [*owed, *(kind for n, kind in enumerate(ALL_KINDS) if n % _WEEK == turn and kind not in owed)]
    missing = [kind for kind in rota if not desk.do(kind)]
    common = [kind for kind in ALL_KINDS if kind not in _SELDOM]
    for _ in range(round(recipients * _SHARE * rng.uniform(0.5, 1.5)) - len(rota)):
        desk.do(rng.choice(common))
    return missing
