"""The open cases as the units are told of them: a `messages.follow_ups.FollowUps`."""

from __future__ import annotations

from collections.abc import Sequence

from ktt.messages.follow_ups import FollowUp
from ktt.registry.cases.store import open_cases
from ktt.registry.cases.words import remedy, sentence
from ktt.storage.database import Database


class RegistryFollowUps:
    """Over the registry's database. Who has a case and what was noted of it is the controller's own, and is not told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_units(self, units: Sequence[str]) -> list[FollowUp]:
        """See `FollowUps`."""
        with self._database.reading() as connection:
            cases = open_cases(connection, units)
        return [
            FollowUp(
                number=case.number,
                unit=case.unit,
                cause=case.cause.value,
                since=case.since,
                deadline=case.deadline,
                says=sentence(case),
                remedy=remedy(case),
            )
            for case in cases
        ]
