"""Alarms through a real web server and a real mail server: one when something begins, one when it ends, none between."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import ssl
import threading
import time

import pytest
import sqlalchemy as sa

from ktt.alarms import telling
from ktt.alarms.email import Email
from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.webhook import Webhook, signature
from ktt.core.http.client import HttpClient
from ktt.core.text import Text
from ktt.sender.monitoring.alarms.ring import ring
from ktt.sender.monitoring.alarms.sql import SqlAlarms
from ktt.sender.monitoring.alarms.tables import NOTICE, SCHEMA
from ktt.sender.monitoring.overview import Status
from ktt.sender.monitoring.things import Actor, Thing
from ktt.storage.database import Database
from support.http_raw_server import raw_server
from support.mail_server import mail_server
from support.outbox_queues import OTHER, UNIT
from support.self_signed_certificate import self_signed

OK, DOWN = b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"
SECRET = b"hemmelig"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def alarms(request, clock):
    database = Database.open(request.getfixturevalue(f"{request.param}_url"), SCHEMA)
    yield SqlAlarms(database, clock)
    database.close()


@pytest.fixture
def http():
    client = HttpClient()
    yield client
    client.close()


def thing(cause="queue", unit=UNIT, *, rings=True):
    says, remedy = Text(nb=f"«{cause}» står.", en=cause), Text(nb="Se «ktt outbox».", en="see")
    return Thing(unit.key if unit else None, cause, Actor.HERE, 13, says, remedy, rings)


def seen(*things):
    """A status in which these must be done."""
    return lambda: Status(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), (), None, things)


def told(server):
    """What each request told: event, unit, cause."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    return [[(one["event"], one["unit"], one["cause"]) for one in body["notices"]] for body in bodies]


def test_one_when_it_begins_and_one_when_it_ends(alarms, http, clock):
    with raw_server(OK) as server:
        hook = Webhook(server.url, SECRET, http.exchange, clock)
        for things in ([], [thing()], [thing()], [thing(), thing("late")], [thing("late")], [], [], [thing()]):
            assert ring(alarms, seen(*things), [hook]) == []
        assert told(server) == [
            [("began", UNIT.key, "queue")],
            [("began", UNIT.key, "late")],
            [("ended", UNIT.key, "queue")],
            [("ended", UNIT.key, "late")],
            [("began", UNIT.key, "queue")],
        ]


def test_what_rings_nobody_up_is_not_told(alarms, http, clock):
    with raw_server(OK) as server:
        ring(alarms, seen(thing("registration", rings=False)), [Webhook(server.url, SECRET, http.exchange, clock)])
        assert server.requests == []


def test_a_post_is_signed_with_its_time(alarms, http, clock):
    with raw_server(OK) as server:
        ring(alarms, seen(thing(unit=None)), [Webhook(server.url, SECRET, http.exchange, clock)])
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    at = str(int(clock.now().timestamp()))
    assert headers["X-KTT-Timestamp"] == at
    assert headers["X-KTT-Signature"] == f"sha256={signature(SECRET, at, body)}"
    assert signature(b"feil", at, body) != signature(SECRET, at, body)
    assert json.loads(body)["text"].startswith("ktt: 1 nytt varsel\n\n⚠ «queue» står. Se «ktt outbox».")


def test_a_webhook_that_is_down_is_tried_again_and_each_notice_is_told_once_in_order(alarms, http, clock):
    with raw_server(DOWN, DOWN, OK) as server:
        hook = Webhook(server.url, SECRET, http.exchange, clock)
        (fault,) = ring(alarms, seen(thing()), [hook])
        assert "1 varsel kunne ikke leveres (webhook: HTTP 503)." in fault.says().nb
        assert len(ring(alarms, seen(), [hook])) == 1
        assert ring(alarms, seen(), [hook]) == []
        assert ring(alarms, seen(), [hook]) == []
        assert told(server)[2:] == [[("began", UNIT.key, "queue"), ("ended", UNIT.key, "queue")]]


def test_nobody_there_is_a_fault_that_is_returned(alarms, http, clock):
    with raw_server(OK) as server:
        address = server.url
    assert [fault.code for fault in ring(alarms, seen(thing()), [Webhook(address, SECRET, http.exchange, clock)])] == [
        "KTT-MON-02"
    ]


def test_a_run_of_one_unit_tells_of_that_unit_and_of_what_is_common(alarms, http, clock):
    with raw_server(OK) as server:
        hook = Webhook(server.url, SECRET, http.exchange, clock)
        ring(alarms, seen(thing(), thing(unit=OTHER), thing("key", unit=None)), [hook], only=UNIT.key)
        ring(alarms, seen(thing(unit=OTHER)), [hook])
        ring(alarms, seen(), [hook], only=UNIT.key)  # the other's has not ended: nobody looked
        assert told(server) == [
            [("began", UNIT.key, "queue"), ("began", "", "key")],
            [("began", OTHER.key, "queue"), ("ended", UNIT.key, "queue"), ("ended", "", "key")],
        ]


def test_the_mail_says_it_in_bokmal(alarms, tmp_path):
    with mail(tmp_path) as (server, channel):
        ring(alarms, seen(thing(), thing("late", unit=OTHER)), [channel])
        ring(alarms, seen(), [channel])
    first, second = (email.message_from_string(text, policy=email.policy.default) for text in server.messages)
    assert (first["Subject"], first["To"]) == ("ktt: 2 nye varsler", "drift@kommune.example, vakt@kommune.example")
    assert f"⚠ {UNIT.key}: «queue» står. Se «ktt outbox». (siden " in first.get_content()
    assert second["Subject"] == "ktt: 2 over"


def test_a_mail_server_that_refuses_does_not_keep_the_webhook_waiting(alarms, http, clock, tmp_path):
    with mail(tmp_path, refuses=b"550 no\r\n") as (server, channel), raw_server(OK) as web:
        hook = Webhook(web.url, SECRET, http.exchange, clock)
        (fault,) = ring(alarms, seen(thing()), [channel, hook])
        assert ("email", len(told(web)), server.messages) == (fault.facts["channel"], 1, [])
        server.refuses = b""
        assert ring(alarms, seen(thing()), [channel, hook]) == []
        assert (len(told(web)), len(server.messages)) == (1, 1)


def test_a_mail_server_with_a_foreign_certificate_is_told_nothing(alarms, tmp_path):
    with mail(tmp_path, trust=ssl.create_default_context()) as (server, channel):
        assert [fault.code for fault in ring(alarms, seen(thing()), [channel])] == ["KTT-MON-02"]
        assert server.messages == []


@pytest.mark.parametrize("slow", ["webhook", "email"])
def test_a_slow_channel_keeps_neither_the_run_nor_the_other_waiting(
    alarms, http, clock, tmp_path, slow, *, monkeypatch
):
    """It is given up together with the run's patience, and told again, whole, when it answers."""
    silent = threading.Event()
    hang = lambda _connection: silent.wait(60)  # noqa: E731

    class UntilTheQuickOneIsDone(threading.Thread):  # on a busy machine it needs longer than the run's patience
        def join(self, timeout=None):
            super().join(timeout if self.name == f"alarm-{slow}" else 60)

    monkeypatch.setattr(telling, "Thread", UntilTheQuickOneIsDone)
    with mail(tmp_path) as (server, channel), raw_server(*([hang] if slow == "webhook" else []), OK) as web:
        hook = Webhook(web.url, SECRET, http.exchange, clock)
        if slow == "email":
            server.hold = silent
        begun = time.monotonic()
        (fault,) = ring(alarms, seen(thing()), [channel, hook], seconds=0.3)
        assert time.monotonic() - begun < 30
        assert (fault.facts["channel"], "ikke ferdig på 0.3 sekunder" in fault.says().nb) == (slow, True)
        quick = "email" if slow == "webhook" else "webhook"
        assert not alarms.pending(quick)
        assert len(alarms.pending(slow)) == 1
        silent.set()
        server.hold = None
        assert ring(alarms, seen(thing()), [channel, hook]) == []
        assert not alarms.pending(slow)


def test_what_nobody_foresaw_in_a_channel_is_told_by_its_kind_and_the_others_are_told(alarms):
    quick, broken = Remembers("webhook"), Remembers("email", ZeroDivisionError("with words that nobody must see"))
    (fault,) = ring(alarms, seen(thing()), [broken, quick])
    assert (fault.facts["channel"], fault.facts["reason"]) == ("email", "ZeroDivisionError")
    assert len(quick.notices) == 1
    assert (len(alarms.pending("email")), len(alarms.pending("webhook"))) == (1, 0)


def test_old_notices_that_are_told_are_forgotten(alarms, clock):
    quick, broken = Remembers("webhook"), Remembers("email", AlarmNotDelivered(channel="email", reason="nei", count=1))
    ring(alarms, seen(thing("untold")), [quick, broken])
    ring(alarms, seen(), [quick])  # that it ended is for the webhook alone
    ring(alarms, seen(thing("goes on"), thing("short")), [quick])
    ring(alarms, seen(thing("goes on")), [quick])
    assert [notice.number for notice in quick.notices] == [1, 2, 3, 4, 5]
    clock.advance(dt.timedelta(days=400))
    ring(alarms, seen(thing("goes on")), [quick])
    assert numbers(alarms) == [1, 2, 3, 4, 5], "400 days are kept"
    clock.advance(dt.timedelta(seconds=1))
    ring(alarms, seen(thing("goes on")), [quick])
    assert numbers(alarms) == [1, 3, 5], "one that is untold, what goes on, and the newest"
    ring(alarms, seen(), [quick])
    assert quick.notices[-1].number == 6
    assert "«goes on» står." in quick.notices[-1].says
    assert numbers(alarms) == [1, 6]


def numbers(alarms):
    with alarms._database.reading() as connection:
        return sorted(connection.scalars(sa.select(NOTICE.c.number)))


class Remembers:
    """A channel of this process."""

    def __init__(self, name, fault=None):
        self.name, self.fault, self.notices = name, fault, []

    def tell(self, notices):
        if self.fault:
            raise self.fault
        self.notices += notices


def mail(folder, *, refuses=b"", trust=None):
    """A mail server with a certificate of its own, and the channel to it."""
    from contextlib import contextmanager

    @contextmanager
    def opened():
        pem = self_signed(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        with mail_server(context) as server:
            server.refuses = refuses
            recipients = ("drift@kommune.example", "vakt@kommune.example")
            known = trust or ssl.create_default_context(cafile=str(pem))
            yield server, Email("127.0.0.1", server.port, "ktt@kommune.example", recipients, trust=known)

    return opened()
