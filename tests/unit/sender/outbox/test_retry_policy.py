"""How long one run waits, and what it does not wait for."""

from __future__ import annotations

import pytest

from ktt.messages.contract import NotSent, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.retry_policy import NO_RETRIES, RetryPolicy

LEAST, MOST = RetryPolicy(draw=lambda: 0.0), RetryPolicy(draw=lambda: 1.0)


@pytest.mark.parametrize(
    ("attempts", "least", "most"),
    [(1, 0.5, 1.0), (2, 1.0, 2.0), (3, 2.0, 4.0), (4, None, None)],
)
def test_the_delay_doubles_and_is_drawn_between_half_and_all_of_it(attempts, least, most):
    assert LEAST.delay(attempts, Unknown("no answer")) == least
    assert MOST.delay(attempts, NotSent("no connection")) == most


def test_the_delay_is_capped():
    assert RetryPolicy(attempts=99, draw=lambda: 1.0).delay(50, Unknown("no answer")) == 30.0


@pytest.mark.parametrize(("asked", "waits"), [(0.0, 0.0), (7.0, 7.0), (30.0, 30.0), (31.0, None)])
def test_a_delay_that_the_registry_asks_for_is_kept_or_left_to_the_next_run(asked, waits):
    assert MOST.delay(1, NotSent("too many requests", retry_after=asked)) == waits
    assert MOST.delay(1, Unknown("HTTP 503", retry_after=asked)) == waits


@pytest.mark.parametrize("outcome", [Refused(401, ""), Rejected(400, 2008, "", ""), TooLarge(413)])
def test_what_is_not_temporary_is_not_tried_again(outcome):
    assert MOST.delay(1, outcome) is None


def test_no_retries_is_one_attempt():
    assert NO_RETRIES.delay(1, Unknown("no answer")) is None
