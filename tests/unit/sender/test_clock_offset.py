"""A clock that is wrong is told as one, with its offset by the `Date` of the answer that refused, and not as a wrong client."""

import datetime as dt
from email.utils import format_datetime

import pytest

from ktt.core.http.exchange import Response, converse
from ktt.messages.contract import Refused
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.clock_offset import with_offset, without_offset
from ktt.sender.outbox.dispatch import stop_reason
from ktt.sender.outbox.errors import AccessRefused, ClockWrong
from ktt.sender.outbox.message import Attempt
from ktt.sender.outbox.state_machine import closed
from support.client_scripted_servers import (
    CORRELATION,
    UNIT,
    ScriptedServers,
    helseid,
    json_answer,
    message,
    message_answer,
    receiver_client,
)

NOW = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)


def dated(seconds):
    return format_datetime(NOW + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("date", "took", "noted"),
    [
        (dated(0), 0, None),
        (dated(-5), 0, None),
        (dated(5), 0, None),
        (dated(93), 0, -93),
        (dated(-93), 0, 93),
        (dated(30), 40, None),  # the answer took 40 seconds: somewhere in them it was dated
        (dated(-30), 40, 30),
        (dated(60), 40, -20),
        (dated(-3600 * 24 * 400), 0, 3600 * 24 * 400),
        ("Mon, 02 Mar 2026 06:02:00 -0000", 0, None),  # of no known zone
        ("i dag", 0, None),
        ("", 0, None),
        (None, 0, None),
    ],
)
def test_the_offset_is_what_cannot_be_explained_by_the_way(date, took, noted):
    answer = Response(401, {} if date is None else {"date": date})
    reason = with_offset("access", answer, NOW, NOW + dt.timedelta(seconds=took))
    offset = None if noted is None else dt.timedelta(seconds=noted)
    assert without_offset(reason) == ("access", offset)
    assert (reason == "access") == (noted is None)


def test_helseid_refuses_and_the_offset_goes_along(clock):
    clock.at = NOW
    servers = ScriptedServers(tokens=[json_answer({"error": "invalid_client"}, 400, date=dated(120))])
    with pytest.raises(ConversationStopped) as stop:
        converse(helseid(clock).token(), servers.exchange)
    assert stop.value.outcome == Refused(400, "HelseID: invalid_client, clock -120 s")


def test_the_receiver_refuses_and_the_offset_goes_along(clock):
    clock.at = NOW
    servers = ScriptedServers(messages=[message_answer(401, date=dated(-3700))])
    outcome = receiver_client(servers, clock).send(message())
    assert outcome == Refused(401, "access, clock +3700 s", CORRELATION)


class First:
    """The first message of a queue, as far as it is asked."""

    unit, sequence, state = UNIT, 7, None


def told(reason):
    attempt = closed(Attempt(1, NOW), NOW, Refused(400, reason))
    return stop_reason(First, [attempt])


@pytest.mark.parametrize(
    ("noted", "nb", "en"),
    [("-93", "93 sekunder for sent", "93 seconds slow"), ("+7200", "2 timer for fort", "2 hours fast")],
)
def test_the_queue_says_that_the_clock_is_wrong(noted, nb, en):
    stopped = told(f"HelseID: invalid_client, clock {noted} s")
    assert isinstance(stopped, ClockWrong)
    assert f"går {nb}" in stopped.says().nb
    assert f"is {en}" in stopped.says().en
    assert "(HTTP 400 HelseID: invalid_client)" in stopped.says().nb
    assert "NTP" in stopped.advises().nb


def test_a_right_clock_is_not_spoken_of():
    assert isinstance(told("HelseID: invalid_client"), AccessRefused)
