"""The five `x-*` values, and the date as the receiver wants it."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.wire.errors import HeaderValueUnfit
from ktt.wire.headers import SenderSoftware, read_date, value_fits, write_date


def test_the_five_headers_of_one_message():
    software = SenderSoftware("Prove AS", "ProveEPJ", "1.0.4", "3.0.9")
    assert software.headers(dt.date(2026, 11, 3)) == {
        "x-vendor-name": "Prove AS",
        "x-software-name": "ProveEPJ",
        "x-software-version": "1.0.4",
        "x-export-software-version": "3.0.9",
        "x-data-extraction-date": "03.11.2026",
    }


@pytest.mark.parametrize("value", ["", " ", "Øystein AS", "a\nb", "a\tb", "a\x7f", "a" * 101, "a\r\nx: y"])
def test_a_value_that_cannot_travel_stops_the_sender_at_the_start(value):
    assert not value_fits(value)
    with pytest.raises(HeaderValueUnfit) as fault:
        SenderSoftware("Prove AS", value, "1.0.4", "3.0.9")
    assert "x-software-name" in fault.value.says().nb
    assert fault.value.code == "KTT-WIR-01"


@pytest.mark.parametrize("value", ["a", "a" * 100, "Prove AS (c) ~!", "1.0.4-beta+2"])
def test_printable_ascii_travels(value):
    assert value_fits(value)


@pytest.mark.parametrize("day", [dt.date(2017, 1, 1), dt.date(2024, 2, 29), dt.date(2026, 12, 31)])
def test_a_date_is_read_as_it_was_written(day):
    assert read_date(write_date(day)) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "1.1.2026",
        "31.02.2026",
        "29.02.2025",
        "00.01.2026",
        "23.11.26",
        "23.11.2026 ",
        "23/11/2026",
        "٢٣.١١.٢٠٢٦",
        "01.01.0000",
    ],
)
def test_other_forms_are_no_date(text):
    assert read_date(text) is None
