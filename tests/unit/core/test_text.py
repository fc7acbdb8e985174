"""Sentences in both languages: counts with their nouns, spans of time, and why the operating system refused."""

import datetime as dt
import errno
import os

import pytest

from ktt.core.os_faults import os_reason
from ktt.core.text import Text, duration

COUNT = Text(nb="{n:melding|meldinger} i køen", en="{n:message is|messages are} queued")


@pytest.mark.parametrize(
    ("n", "nb", "en"),
    [
        (0, "0 meldinger i køen", "0 messages are queued"),
        (1, "1 melding i køen", "1 message is queued"),
        (2, "2 meldinger i køen", "2 messages are queued"),
        (21, "21 meldinger i køen", "21 messages are queued"),
    ],
)
def test_a_count_goes_with_its_noun(n, nb, en):
    assert COUNT.format(n=n) == Text(nb=nb, en=en)


def test_a_number_without_noun_is_written_as_it_is():
    filled = Text(nb="{n} {n:03d} {x} {x:.2f} {ja}", en="{n} {x}").format(n=7, x=1.5, ja=True)
    assert (filled.nb, filled.en) == ("7 007 1,5 1,50 True", "7 1.5")


@pytest.mark.parametrize(
    ("span", "nb", "en"),
    [
        (dt.timedelta(hours=26), "26 timer", "26 hours"),
        (dt.timedelta(days=2), "2 døgn", "2 days"),
        (dt.timedelta(hours=50), "50 timer", "50 hours"),
        (dt.timedelta(days=1), "24 timer", "24 hours"),
        (dt.timedelta(minutes=1), "60 sekunder", "60 seconds"),
        (dt.timedelta(seconds=93), "93 sekunder", "93 seconds"),
        (dt.timedelta(seconds=3610), "60 minutter", "60 minutes"),
        (dt.timedelta(seconds=1), "1 sekund", "1 second"),
        (dt.timedelta(), "0 sekunder", "0 seconds"),
    ],
)
def test_a_span_of_time_is_in_words(span, nb, en):
    assert duration(span) == Text(nb=nb, en=en)


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_no_word_of_the_operating_system_is_shown(number):
    reason = os_reason(OSError(number, os.strerror(number)))
    assert os.strerror(number) not in reason.nb
    assert reason.nb != reason.en


def test_a_cause_without_number_is_told_by_its_kind():
    assert "TimeoutError" in os_reason(TimeoutError("timed out")).nb
