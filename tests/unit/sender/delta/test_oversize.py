"""Records larger than a message: the quick look that spares the weighing never overlooks one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.domain.records import ASSESSMENT
from ktt.messages.register import pack
from ktt.sender.delta.batches import Limits, fits
from ktt.sender.delta.oversize import most, oversize
from support.delta_records import UNIT, diagnosis, records

VERSIONS = pack("ktt_v1")
(ASSESSED,) = (version for version in VERSIONS if version.record_type is ASSESSMENT)


def test_nothing_of_an_ordinary_size_is_weighed():
    some = records(diagnosis=[diagnosis("D-1", "2026-01-12")])
    assert list(oversize(some, VERSIONS, UNIT, Limits())) == []
    assert most(some, VERSIONS[-1].record_type) < 50_000


@pytest.mark.parametrize("maximum", [500, 620, 700, 1500])
def test_what_is_found_is_what_weighing_every_record_finds(maximum):
    ids = ["D", "D" * 50, "D" * 100]
    some = records(diagnosis=[diagnosis(name, "2026-01-12") for name in ids])
    limits = Limits(maximum=maximum)
    found = [name for _, heavy in oversize(some, VERSIONS, UNIT, limits) for name in heavy]
    assert found == sorted(one.local_id for one in VERSIONS[-1].encode(UNIT, some) if not fits(len(one.json), limits))


@given(st.integers(1, 300), st.text('æ"\\x\x01', max_size=90))
def test_no_record_is_larger_than_the_quick_look_says(scores, text):
    own = {"assessment_id": f"F{text}"}
    some = records(
        assessment=[own | {"assessed_on": dt.date(2026, 1, 12)}],
        score=[own | {"variable": str(n), "score": "3"} for n in range(scores)],
    )
    (encoded,) = ASSESSED.encode(UNIT, some)
    assert len(encoded.json) <= most(some, ASSESSMENT)
