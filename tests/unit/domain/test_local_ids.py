"""A national number inside a local id, however it is written."""

from __future__ import annotations

import polars as pl
import pytest

from ktt.domain.local_ids import (
    holds_national_number,
    holds_valid_national_number,
    may_hold_national_number,
    national_number_inside,
    unreadable,
    unreadable_among,
    valid_national_number_inside,
)

NUMBER = "08844110015"  # Tenor series
D_NUMBER = "71844110015"  # the form alone

HOLD = [
    NUMBER,
    f"P-{NUMBER}",
    f"{NUMBER}-P",
    f"P{NUMBER}X",
    D_NUMBER,
    "088441 10015",
    "088441-10015",
    "08.84.41.10015",
    "08'8441'10015",
    "0 8 8 4 4 1 1 0 0 1 5",
    "088441\u200b10015",
    "088441_10015",
    "088441 - 10015",
    "8844110015",
    "P8844110015",
    "88441-10015",
    "8844110015.0",
    "2026-088441-10015",
    "V-088441-10015-2",
    "088 441 100 15",
    "0884 4110 015",
    "8844110015,00",
    "{3f250408-8441-4001-8a0c-a08844110016}-08844110015",
    "\u0660\u0668\u0668\u0664\u0664\u0661\u0661\u0660\u0660\u0661\u0665",
    "\uff10\uff18\uff18\uff14\uff14\uff11\uff11\uff10\uff10\uff11\uff15",
]
HOLD_NONE = [
    "1001",
    "X-2026-0031",
    "81844110015",
    "0884411001",
    "202600000031",
    "088441-10016",
    "8844110016",
    "2026-01-01-00012",
    "08844 a 110015",
    "",
    "3f250408-8441-1001-5a0c-a08844110015",
    "a1b2c3d4-0000-4000-8000-e08844110015",
    "{3F250408-8441-1001-5A0C-A08844110015}",
    "K-3f25040884411001a08844110015cafe",
    "K-3f25040884411001a08844110015cafexxx",
    "sha1:3f25040884411001a08844110015cafe00000000",
    "20088441100150000000",
    "00000000008844110015",
    "2026-000031",
    "2026/12-00031",
    "20088441-10015",
    "1234-5678-9012-3456-7890",
    "88441 100-15-2",
]


@pytest.mark.parametrize("local_id", HOLD)
def test_a_number_is_found_however_it_is_written(local_id: str):
    assert holds_national_number(local_id)


@pytest.mark.parametrize("local_id", HOLD_NONE)
def test_other_ids_hold_none(local_id: str):
    assert not holds_national_number(local_id)


@pytest.mark.parametrize(
    ("of_column", "of_one"),
    [(national_number_inside, holds_national_number), (valid_national_number_inside, holds_valid_national_number)],
)
def test_a_column_is_judged_as_each_id_alone(of_column, of_one):
    ids = [*HOLD, None, *HOLD_NONE]
    found = pl.DataFrame({"id": ids}).select(of_column(pl.col("id"))).to_series()
    assert found.to_list() == [one is not None and of_one(one) for one in ids]


@pytest.mark.parametrize("local_id", HOLD)
def test_only_one_of_right_form_is_not_valid(local_id: str):
    assert holds_valid_national_number(local_id) is (local_id != D_NUMBER)


def test_of_running_numbers_one_in_a_hundred_at_most_reads_as_a_number():
    numbers = [str(number) for number in range(1_000_000_000, 9_999_999_999, 899_981)]
    found = sum(map(holds_national_number, numbers))
    assert 0 < found < len(numbers) / 100
    assert not any(holds_national_number(f"2026-{number:06}") for number in range(0, 1_000_000, 97))


@pytest.mark.parametrize("between", ["x", "æx"])
def test_many_ids_are_asked_at_once(between: str):
    for local_id in HOLD:
        assert may_hold_national_number(between.join(["V-1", local_id, "1"]))
    assert not may_hold_national_number(between.join(["2026-0031", "V-12345678", "10001", "202601", ""]))


READABLE = ["1", "V-2026/12 (b)", "Å-1", "é", "ß–1", "汉字", "\U0001f600", "a\u00a0b"]
NOT_READABLE = [
    "",
    " ",
    " 1",
    "1 ",
    "\u00a01",
    "1\u3000",
    "1\t",
    "a\nb",
    "a\x7fb",
    "a\x85b",
    "a\u00adb",
    "a\u200bb",
    "a\u200db",
    "\ufeff1",
    "a\u202eb",
    "a\u2066b",
    "a\u2028b",
    "a\u115fb",
    "a\u3164",
    "a\ufe0f",
    "a\u2800b",
    "a\u0378b",
    "a\uffffb",
    "a\ue000b",
    "a\U000e0001b",
]


@pytest.mark.parametrize("local_id", READABLE)
def test_people_can_read_it(local_id: str):
    assert unreadable_among([local_id, local_id]) == set()


@pytest.mark.parametrize("local_id", NOT_READABLE, ids=ascii)
def test_people_cannot_read_it(local_id: str):
    assert unreadable_among(["1", local_id, "2"]) == {local_id}


def test_a_column_is_read_as_each_id_alone():
    ids = [*READABLE, *NOT_READABLE, *map(chr, [*range(0x500), 0x1680, 0x2000, 0x2003, 0x2060, 0x10FFFF])]
    found = pl.DataFrame({"id": ids}).select(unreadable(pl.col("id"))).to_series().to_list()
    assert found == [one in unreadable_among([one]) for one in ids]
