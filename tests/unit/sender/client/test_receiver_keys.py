"""Which key a message is sealed for, and how long the list is cached."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from ktt.core.http.exchange import Response, converse
from ktt.messages.contract import NotSent
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.receiver_keys import ReceiverKeys
from ktt.wire.envelope import ReceiverKey
from support.client_scripted_servers import RECEIVER, ScriptedServers, keys_answer
from support.wire_keys import receiver_private_key

DAY = dt.timedelta(days=1)


def key(key_id, expires_at, bits=2048):
    return ReceiverKey(key_id, receiver_private_key(bits).public_key(), expires_at)


def chosen(clock, *keys):
    servers = ScriptedServers(keys=[keys_answer(keys)])
    return converse(ReceiverKeys(RECEIVER, clock).current(), servers.exchange).id


def refused(clock, answer):
    with pytest.raises(ConversationStopped) as stop:
        converse(ReceiverKeys(RECEIVER, clock).current(), ScriptedServers(keys=[answer]).exchange)
    return stop.value.outcome


def test_the_latest_expiry_wins(clock):
    now = clock.now()
    assert chosen(clock, key("a", now + DAY), key("b", now + 3 * DAY), key("c", now + 2 * DAY)) == "b"


def test_on_a_tie_the_first_listed_wins(clock):
    end = clock.now() + DAY
    assert chosen(clock, key("a", end), key("b", end)) == "a"


def test_an_expired_key_is_never_used(clock):
    now = clock.now()
    assert refused(clock, keys_answer([key("a", now), key("b", now - DAY)])) == NotSent(
        "keys: none usable (2 expired, 0 unfit)"
    )


def test_an_unfit_key_is_passed_over_and_logged(clock, caplog):
    weak = keys_answer([key("weak", clock.now() + 9 * DAY, 1024), key("good", clock.now() + DAY)])
    with caplog.at_level(logging.WARNING, "ktt.sender.client"):
        assert converse(ReceiverKeys(RECEIVER, clock).current(), ScriptedServers(keys=[weak]).exchange).id == "good"
    assert "weak is not used: 1024 bits" in caplog.text


@pytest.mark.parametrize(("bits", "warned"), [(2048, True), (3072, False)])
def test_a_key_below_3072_bits_is_used_with_a_warning(clock, caplog, bits, warned):
    with caplog.at_level(logging.INFO, "ktt.sender.client"):
        chosen(clock, key("a", clock.now() + DAY, bits))
    assert f"The receiver's key is a ({bits} bits)" in caplog.text
    assert ("is weak" in caplog.text) == warned


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(500, {}, b"[]"), "keys: HTTP 500"),
        (Response(302, {"location": "https://servers.example"}), "keys: HTTP 302"),
        (Response(200, {}, b"<html>"), "keys: not JSON"),
        (Response(200, {}, b"null"), "keys: not a list"),
        (Response(200, {}, b"[]"), "keys: none usable (0 expired, 0 unfit)"),
        (Response(200, {}, b"[{}]"), "keys: none usable (0 expired, 1 unfit)"),
    ],
)
def test_without_a_usable_list_nothing_is_sent(clock, answer, reason):
    assert refused(clock, answer) == NotSent(reason)


@pytest.mark.parametrize(
    ("control", "still_kept", "fetched_again"),
    [
        (None, 364 * DAY, 365 * DAY),  # until the key expires
        ("max-age=300", dt.timedelta(seconds=299), dt.timedelta(seconds=300)),
        ("public, max-age=300", dt.timedelta(seconds=299), dt.timedelta(seconds=300)),
        ("max-age=999999999", 364 * DAY, 365 * DAY),
        ("s-maxage=5", 364 * DAY, 365 * DAY),
    ],
)
def test_the_list_is_kept_as_long_as_the_key_and_the_receiver_allow(clock, control, still_kept, fetched_again):
    headers = {"cache_control": control} if control else {}
    start = clock.now()
    later = keys_answer([key("b", start + 700 * DAY)])
    servers = ScriptedServers(keys=[keys_answer([key("a", start + 365 * DAY)], **headers), later])
    keys = ReceiverKeys(RECEIVER, clock)
    seen = []
    for at in (dt.timedelta(), still_kept, fetched_again):
        clock.at = start + at
        seen.append(converse(keys.current(), servers.exchange).id)
    assert seen == ["a", "a", "b"]


@pytest.mark.parametrize("control", ["no-store", "no-cache", "max-age=0"])
def test_a_list_that_may_not_be_kept_is_fetched_each_time(clock, control):
    servers = ScriptedServers(keys=[keys_answer([key("a", clock.now() + DAY)], cache_control=control)])
    keys = ReceiverKeys(RECEIVER, clock)
    for _ in range(3):
        converse(keys.current(), servers.exchange)
    assert len(servers.requests) == 3
