"""A synthetic record system in a folder: `epj.sqlite`, `mapping.toml`, `koder/*.csv` and `answers.json`."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from ktt.core.clock import Clock, SystemClock, norwegian_day
from ktt.core.os_faults import os_reason
from ktt.domain.places import SPECIAL_MUNICIPALITIES, successors
from ktt.testing.synthetic.answers import describe
from ktt.testing.synthetic.errors import FolderUnwritable, MunicipalityUnknown, RecordSystemThere, WrongMeasure
from ktt.testing.synthetic.faults.answer_key import AnswerKey, save_key
from ktt.testing.synthetic.faults.definitions import Origin
from ktt.testing.synthetic.faults.person_case import FIRST_DAY
from ktt.testing.synthetic.faults.planting import faulty_people
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.municipality import Ids, Municipality, create_municipality, owner
from ktt.testing.synthetic.municipality.population import Population
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system import database as store
from ktt.testing.synthetic.record_system.mapping import write_mapping

DATABASE, ANSWERS = "epj.sqlite", "answers.json"
UNIDENTIFIED = 0.003
"""Share of recipients without any national number (an assumption); each of them gives a finding."""
_MOST_FAULTS = 1000  # of each rule, which makes some 150 000 persons

Answers = dict[str, Any]
Progress = Callable[[int], None]


def write_epj(
    folder: Path,
    *,
    recipients: int,
    municipality: str,
    start: dt.date,
    seed: int | str,
    until: dt.date | None = None,
    organisation: str | None = None,
    unidentified: float = UNIDENTIFIED,
    faults: int = 0,
    force: bool = False,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Answers:
    """Write a record system of so many recipients at any time from `start`, as of the end of `until` (default today).

    The same arguments give the same content. With `faults`, so many persons more for each rule that the content of a
    record system can break, each with that one fault: `answers["faults"]` says what the rules must find, and where.
    `progress` is called with the number of persons, former ones included, that are written so far.
    The folder is written completely or not at all; raises a `KTT-SYN` error when it cannot be.
    """
    today = until or norwegian_day((clock or SystemClock()).now())
    _check(folder, recipients, municipality, start, today, force=force)
    _check_faults(faults, today)
    generated = create_municipality(municipality, recipients, Random(str(seed)), load_profile(), Ids())  # noqa: S311 (no secrets)
    with _replacing(folder) as draft:
        with closing(sqlite3.connect(draft / DATABASE)) as connection:
            _lay_out(connection, municipality, organisation or owner(municipality))
            people = Population(generated, today, unidentified).people(recipients, start)
            _fill(connection, generated, people, today, faults=faults, progress=progress)
            _finish(connection, generated, today, seed=str(seed), recipients=recipients)
            answers = describe(connection)
        write_mapping(draft)
        write_answers(draft, answers)
    return answers


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A draft folder beside `folder`, whose files take the place of the folder's when all of them are written."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
            draft = Path(name)
            yield draft
            _move(draft, folder)
    except OSError as fault:
        raise FolderUnwritable(folder=folder, reason=os_reason(fault)) from fault


def _check(folder: Path, recipients: int, municipality: str, start: dt.date, today: dt.date, *, force: bool) -> None:
    if (folder / DATABASE).exists() and not force:
        raise RecordSystemThere(folder=folder)
    if successors(municipality) != (municipality,) or municipality in SPECIAL_MUNICIPALITIES:
        raise MunicipalityUnknown(municipality=municipality)
    if recipients < 1:
        raise WrongMeasure(
            name="recipients", value=recipients, allowed_nb="minst én mottaker", allowed_en="at least one recipient"
        )
    if not dt.date(2012, 1, 1) <= start < today:  # histories reach some years back, and 2005 is the limit of IPLOS 3.7
        raise WrongMeasure(
            name="from",
            value=start,
            allowed_nb="en dag fra 2012 og før «until»",
            allowed_en="a day from 2012 and before `until`",
        )


def _check_faults(faults: int, today: dt.date) -> None:
    if not 0 <= faults <= _MOST_FAULTS:
        raise WrongMeasure(
            name="faults",
            value=faults,
            allowed_nb=f"0 til {_MOST_FAULTS} feil per regel",
            allowed_en=f"0 to {_MOST_FAULTS} faults a rule",
        )
    if faults and today < FIRST_DAY:
        raise WrongMeasure(
            name="until", value=today, allowed_nb=f"en dag fra {FIRST_DAY}", allowed_en=f"a day from {FIRST_DAY}"
        )


def _lay_out(connection: sqlite3.Connection, municipality: str, organisation: str) -> None:
    # Without a journal, which is slow: the file is deleted unless all of it is written.
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    store.create(connection)
    connection.execute(
        "INSERT INTO installasjon VALUES (?, ?, ?, ?)", (organisation, municipality, "Syntetisk EPJ", "1.0")
    )


def _fill(
    connection: sqlite3.Connection,
    generated: Municipality,
    people: Iterator[Person],
    today: dt.date,
    *,
    faults: int,
    progress: Progress | None,
) -> None:
    """Write the people, and after them those with a planted fault, whose answer key is kept in the database."""
    key = AnswerKey()
    faulty = faulty_people(generated, today, faults, key, Origin.RECORD_SYSTEM)
    for done in store.fill(connection, chain(people, faulty)):
        if progress is not None:
            progress(done)
    save_key(connection, key)


def _finish(
    connection: sqlite3.Connection, generated: Municipality, today: dt.date, *, seed: str, recipients: int
) -> None:
    store.index(connection)
    store.set_state(connection, seed=seed, recipients=recipients, day=today.isoformat(), last=generated.ids.last)
    store.log_export(connection, today.isoformat())
    connection.commit()


def write_answers(folder: Path, answers: Answers) -> None:
    """Put the answer key in place in one step."""
    file = folder / f".{ANSWERS}"
    file.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    file.replace(folder / ANSWERS)


def _move(draft: Path, folder: Path) -> None:
    """Replace the folder's files. The database is last, since its presence says that the record system is complete."""
    folder.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        (folder / DATABASE).unlink()
    shutil.rmtree(folder / "koder", ignore_errors=True)
    for name in ("koder", "mapping.toml", ANSWERS, DATABASE):
        (draft / name).replace(folder / name)
