"""Which records are outside what is sent: not faults, only counted (messages § 5.2, § 7.5)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.domain.records import ASSESSMENT, CARE_SERVICE, DECISION, ROOTS
from ktt.domain.schema import RecordType
from ktt.sender.thresholds import OPENING

NOT_STARTED, BEFORE_OPENING = "no start date", "ended before 2017"
_REASON = "reason"


def excluded_ids(frames: Mapping[str, pl.DataFrame], unreadable: pl.Series) -> dict[str, pl.DataFrame]:
    """For each sent type, the ids that are not sent and the `reason`.

    `unreadable` are the services whose start date could not be read: that is a finding, and not a missing start.
    """
    services = _of_service(frames[CARE_SERVICE.name], unreadable)
    found = {CARE_SERVICE.name: services}
    for root in ROOTS:
        if root is DECISION:
            found[root.name] = _of_decision(frames[DECISION.name], frames[CARE_SERVICE.name], services)
        elif root is ASSESSMENT:
            found[root.name] = _of_assessment(frames[ASSESSMENT.name])
        elif root is not CARE_SERVICE:
            found[root.name] = _reasons(root, frames[root.name].filter(_over), BEFORE_OPENING)
    return found


_over = (pl.col("starts_on") < OPENING) & (pl.col("ends_on") < OPENING)


def _reasons(root: RecordType, frame: pl.DataFrame, reason: str) -> pl.DataFrame:
    return frame.select(pl.col(root.key).alias("local_id"), pl.lit(reason).alias(_REASON))


def _of_service(services: pl.DataFrame, unreadable: pl.Series) -> pl.DataFrame:
    planned = services.filter(pl.col("starts_on").is_null() & ~pl.col("service_id").is_in(unreadable.implode()))
    return pl.concat(
        [
            _reasons(CARE_SERVICE, planned, NOT_STARTED),
            _reasons(CARE_SERVICE, services.filter(_over), BEFORE_OPENING),
        ]
    )


def _of_decision(decisions: pl.DataFrame, services: pl.DataFrame, excluded_services: pl.DataFrame) -> pl.DataFrame:
    # A decision is in force while a service that refers to it is, so that a service is never sent without its decision.
    old = decisions.filter(pl.coalesce("decided_on", "applied_on") < OPENING)
    if old.is_empty():
        return _reasons(DECISION, old, BEFORE_OPENING)
    alive = services.join(excluded_services, left_on="service_id", right_on="local_id", how="anti")
    return _reasons(DECISION, old.join(alive, on="decision_id", how="anti"), BEFORE_OPENING)


def _of_assessment(assessments: pl.DataFrame) -> pl.DataFrame:
    # Valid until the day before the person's next one: over before the opening when the next is on that day or earlier.
    old = assessments.filter(pl.col("assessed_on") <= OPENING)
    last = old.group_by("local_person_id").agg(pl.col("assessed_on").max().alias("latest"))
    followed = old.join(last, on="local_person_id").filter(
        (pl.col("assessed_on") < OPENING) & (pl.col("assessed_on") < pl.col("latest"))
    )
    return _reasons(ASSESSMENT, followed, BEFORE_OPENING)
