"""Synthetic persons here, real ones in production: counted in one pass, and never named."""

from __future__ import annotations

import pytest

from ktt.domain.identifiers import parse_person_number
from ktt.messages.version import UnitSummary
from ktt.receiver.pipeline.person_kinds import wrong_person_kinds
from support.receiver_harness import OTHER_UNIT, UNIT

SYNTHETIC, NOBODY = "08844110015", "31120012345"  # Tenor series; a plain month with check digits that do not hold
DUF, UNTOLD = "201212345678", "31520012345"  # neither says whether it is synthetic (the last is an H-number)


@pytest.mark.parametrize("copies", [1, 400], ids=["few", "many"])
@pytest.mark.parametrize(
    ("environment", "number", "wrong"),
    [
        ("sandbox", SYNTHETIC, False),
        ("sandbox", NOBODY, True),
        ("et", NOBODY, True),
        ("qa", NOBODY, True),
        ("production", NOBODY, False),
        ("production", SYNTHETIC, True),
        ("sandbox", DUF, False),
        ("production", DUF, False),
        ("sandbox", UNTOLD, False),
    ],
)
def test_which_numbers_belong_where(environment: str, number: str, wrong: bool, copies: int):
    found = wrong_person_kinds([UnitSummary(UNIT, [number] * copies)], environment)
    assert [fault.says.en.split(" ")[0] for fault in found] == ([str(copies)] if wrong else [])


def test_the_place_is_the_unit_and_the_number_is_not_shown():
    found = wrong_person_kinds(
        [UnitSummary(UNIT, [SYNTHETIC]), UnitSummary(OTHER_UNIT, [NOBODY, SYNTHETIC])], "sandbox"
    )
    assert [fault.pointer for fault in found] == ["/1"]
    assert NOBODY not in repr(found)


def test_a_message_of_deletions_alone_has_no_persons():
    assert wrong_person_kinds([UnitSummary(UNIT, [])], "sandbox") == []


def test_the_numbers_of_these_tests_are_no_ones():
    assert parse_person_number(SYNTHETIC).synthetic
    assert not parse_person_number(NOBODY).valid
