"""Who one person is: a D-number that became permanent, a number that came late, and what must never be led together."""

from __future__ import annotations

import pytest

from ktt.registry import NOW
from ktt.registry.persons.whom import LocalPerson, NumberedPerson, keys_of
from ktt.registry.questions import registry_state
from support.registry_inbox import NUMBERS, OTHER, UNIT, ListInbox, message, recipient, service, services

D_NUMBER = f"{int(NUMBERS['1'][0]) + 4}{NUMBERS['1'][1:6]}12345"  # of the same day of birth as person 1
OTHER_D = "41858012345"  # of another day


def told(*steps, unit=UNIT):
    """One message a step: the number that local person 7 then has, and its kind."""
    given = {"national": "national", "d": "d"}
    for at, (number, kind) in enumerate(steps, start=1):
        person = recipient("7", number) | {"person_number_kind": given.get(kind)}
        code = "15" if at % 2 else "18"
        yield message(at, services(service("T-7", "7", service_type=code), people=[person]), unit=unit)


def keys(registry, whom):
    with registry.reading() as connection:
        found = keys_of(connection, registry.identities, whom)
    named = {registry.identities.number_key(number): name for name, number in NAMES.items()}
    named |= {registry.identities.local_key(unit, "7"): "nameless" for unit in (UNIT, OTHER)}
    return sorted(named[key] for key in found)


NAMES = {"one": NUMBERS["1"], "two": NUMBERS["2"], "d": D_NUMBER, "other d": OTHER_D}
ONE, TWO, D = (NUMBERS["1"], "national"), (NUMBERS["2"], "national"), (D_NUMBER, "d")
NAMELESS, ANOTHER_D = (None, None), (OTHER_D, "d")


@pytest.mark.parametrize(
    ("steps", "asked", "expected"),
    [
        ([D, ONE], ONE, ["d", "one"]),
        ([D, ONE], D, ["d", "one"]),
        ([NAMELESS, ONE], ONE, ["nameless", "one"]),
        ([NAMELESS, D, ONE], ONE, ["d", "nameless", "one"]),
        ([ONE, NAMELESS], ONE, ["nameless", "one"]),
        ([ANOTHER_D, ONE], ONE, ["one"]),  # born on another day: a slip that was corrected
        ([TWO, ONE], ONE, ["one"]),
        ([TWO, ONE], TWO, ["two"]),
        ([NAMELESS, TWO, ONE], TWO, ["two"]),  # what was nameless is whoever the local person is now
        ([NAMELESS, TWO, ONE], ONE, ["nameless", "one"]),
        ([D, TWO, ONE], ONE, ["d", "one"]),
    ],
)
def test_which_keys_are_one_person(registry, steps, asked, expected):
    registry.ingest(ListInbox(*told(*steps)))
    assert keys(registry, NumberedPerson(asked[0])) == expected


def test_a_local_person_is_whoever_it_is_now(registry):
    registry.ingest(ListInbox(*told(D, ONE)))
    assert keys(registry, LocalPerson(UNIT, "7")) == ["d", "one"]


def test_it_is_led_on_through_another_unit(registry):
    registry.ingest(ListInbox(*told(D, ONE), *(m for m in told(D, D, D, unit=OTHER) if m.position == 3)))
    assert keys(registry, LocalPerson(OTHER, "7")) == ["d", "one"]


class TestCounting:
    def test_whom_no_record_is_about_is_not_counted(self, registry):
        both = services(service("T-1"), service("T-2", "2"))
        registry.ingest(ListInbox(message(1, both), message(2, deletions=["T-1"])))
        state = registry_state(registry._database, NOW)
        assert (state.persons, state.units[0].persons) == (1, 1)

    def test_one_with_a_new_number_is_one(self, registry):
        person = recipient("7", NUMBERS["1"])
        registry.ingest(ListInbox(*told(D), message(2, services(service("T-8", "7"), people=[person]))))
        state = registry_state(registry._database, NOW)
        assert (state.persons, state.records["care_service"]) == (1, 2)
