"""What each service type (list 9151) requires: the obligation matrix of IPLOS 3.7 as a frame."""

from __future__ import annotations

from functools import cache

import polars as pl

from ktt.domain.codes.lists import code_list

NEEDS = ("needs_application", "needs_decision", "needs_outcome", "needs_hours", "needs_rotating")
"""Columns of the matrix, true where IPLOS 3.7's control rules make the field obligatory for the type."""


@cache
def obligations() -> pl.DataFrame:
    """One row per service type: `service_type`, `group`, the five `needs_…` columns, and `provider`.

    `provider` is the organisation number's rule (Helsedirektoratet's answers of 2015): required, optional, forbidden
    or unstated. `group` is ours where SSB's KOSTRA definitions do not name one.
    """
    return pl.DataFrame([_row(code.code, code.properties) for code in code_list("9151").codes])


def _row(code: str, properties: dict[str, object]) -> dict[str, object]:
    obligatory = properties["obligations"]
    assert isinstance(obligatory, list)
    matrix = {need: need in obligatory for need in NEEDS}
    return {"service_type": code, "group": properties["group"], **matrix, "provider": properties["provider"]}
