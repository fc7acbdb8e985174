"""The record types as they are declared."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES, CARE_SERVICE, PAUSE, RECIPIENT, ROOTS, own_date, subset

each_type = pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=ALL_TYPES)


@each_type
def test_keys_and_orders_are_columns(kind):
    for name in (kind.key, *kind.own_date, *kind.order, *([kind.parent_key] if kind.parent_key else [])):
        assert kind.column(name).name == name


@each_type
def test_every_code_list_that_a_column_names_is_held(kind):
    for column in kind.columns:
        if column.code_list:
            assert code_list(column.code_list).codes


@each_type
def test_an_empty_frame_conforms(kind):
    assert kind.conform(kind.empty()).schema == kind.empty().schema


def test_conform_fills_casts_and_drops():
    frame = PAUSE.conform(pl.DataFrame({"pause_id": ["P"], "starts_on": [dt.date(2026, 1, 1)], "odd": [1]}))
    assert frame.row(0, named=True) == {
        "service_id": None, "pause_id": "P", "starts_on": dt.date(2026, 1, 1), "ends_on": None}  # fmt: skip


def test_the_own_date_is_the_first_that_is_filled():
    decision = ROOTS[0]
    frame = decision.conform(
        pl.DataFrame(
            {
                "decision_id": ["a", "b"],
                "applied_on": [dt.date(2026, 1, 1), dt.date(2026, 1, 2)],
                "decided_on": [dt.date(2026, 2, 1), None],
            }
        )
    )
    assert frame.select(own_date(decision)).to_series().to_list() == [dt.date(2026, 2, 1), dt.date(2026, 1, 2)]


def test_a_subset_brings_parts_and_people_along():
    records = {
        "care_service": CARE_SERVICE.conform(pl.DataFrame({"service_id": ["a", "b"], "local_person_id": ["1", "2"]})),
        "pause": PAUSE.conform(pl.DataFrame({"service_id": ["a", "b"], "pause_id": ["p", "q"]})),
        "recipient": RECIPIENT.conform(pl.DataFrame({"local_person_id": ["1", "2"]})),
    }
    chosen = subset(records, CARE_SERVICE, pl.Series(["b"]))
    assert {name: frame.height for name, frame in chosen.items()} == {
        "care_service": 1, "provider_period": 0, "pause": 1, "recipient": 1}  # fmt: skip
    assert chosen["recipient"]["local_person_id"].to_list() == ["2"]
