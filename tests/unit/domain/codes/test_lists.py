"""Code lists: whole, dated, and the obligation matrix as published."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.domain.codes import code_frame, code_list, list_ids, obligations, valid_on
from ktt.domain.codes.errors import CodeListUnknown
from ktt.domain.codes.service_types import NEEDS


@pytest.mark.parametrize("list_id", list_ids())
def test_a_list_is_well_formed(list_id):
    found = code_list(list_id)
    assert found.id == list_id
    assert found.oid is None or found.oid.endswith(f".{list_id}")
    assert found.status in {"complete", "partial", "texts from field rules", "withdrawn", "unpublished"}
    assert bool(found.codes) is (found.status not in {"withdrawn", "unpublished"})
    assert len(set(found.values())) == len(found.codes)
    assert all(code.text for code in found.codes)
    assert code_frame(list_id).height == len(found.codes)


def test_a_list_we_do_not_hold():
    with pytest.raises(CodeListUnknown, match=r"\.\./secret"):
        code_list("../secret")


def test_code_ten_is_unused():
    assert "10" not in code_list("9151")
    assert code_list("9151").get("10") is None
    assert len(code_list("9151").codes) == 28


@pytest.mark.parametrize(
    ("code", "first_day", "last_day"),
    [
        ("12", None, "2018-12-31"), ("13", None, "2018-12-31"), ("16", None, "2018-12-31"),
        ("27", "2019-01-01", None), ("28", "2019-01-01", None), ("29", "2019-01-01", None),
    ],
)  # fmt: skip
def test_service_types_change_with_the_year(code, first_day, last_day):
    day = dt.timedelta(days=1)
    if first_day:
        first = dt.date.fromisoformat(first_day)
        assert valid_on("9151", code, first)
        assert not valid_on("9151", code, first - day)
    if last_day:
        last = dt.date.fromisoformat(last_day)
        assert valid_on("9151", code, last)
        assert not valid_on("9151", code, last + day)


def test_an_unknown_code_is_valid_on_no_day():
    assert not valid_on("9151", "10", dt.date(2026, 1, 1))


def test_a_frame_says_the_same_as_the_values():
    for code, _, valid_from, valid_to in code_frame("9151").rows():
        assert valid_on("9151", code, valid_from)
        assert valid_on("9151", code, valid_to)


# The matrix of domain § 5, read off row by row: application, decision, outcome, hours, rotating, provider.
MATRIX = {
    "1": "x x x x - required", "2": "x x x x - required", "3": "x x x x - required", "4": "x x x x - required",
    "5": "x x x - - optional", "6": "- - - - - optional", "7": "x x x x - optional", "8": "x x x - x required",
    "9": "x x x x - optional", "11": "x x x x - optional", "12": "- - - - - forbidden", "13": "- - - - - forbidden",
    "14": "- x x - - unstated", "15": "x x x x - required", "16": "- - - - - optional", "17": "x x x x - required",
    "18": "x x x - - required", "19": "x x x - - required", "20": "x x x - - required", "21": "x x x - - required",
    "22": "x x x x - required", "23": "- x x - - unstated", "24": "- x - - - unstated", "25": "- - - - - required",
    "26": "- - - - - forbidden", "27": "- - - - - unstated", "28": "- - - - - unstated", "29": "x x x - - forbidden",
}  # fmt: skip


def test_the_obligations_of_every_service_type():
    found = {
        row["service_type"]: " ".join(["x" if row[need] else "-" for need in NEEDS] + [row["provider"]])
        for row in obligations().to_dicts()
    }
    assert found == MATRIX


def test_seventeen_types_need_the_whole_decision_and_ten_need_hours():
    frame = obligations()
    whole = frame.filter(pl.all_horizontal("needs_application", "needs_decision", "needs_outcome"))
    assert whole.height == 17
    assert frame.filter("needs_hours").height == 10
    assert sorted(frame.filter(pl.col("group") == "coercion")["service_type"]) == ["14", "23", "24"]
    assert sorted(frame.filter(pl.col("group") == "home_services")["service_type"]) == ["1", "15", "2", "3"]
