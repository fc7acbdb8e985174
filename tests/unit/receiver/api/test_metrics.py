"""`/metrics`: what is counted, that nobody is named in it, and that several processes are one receiver."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ktt.receiver.api import paths
from ktt.wire import headers
from support.receiver_api import ask, check, follower, validate
from support.receiver_harness import ReceiverHarness, message

SECRET = "a-token-of-some-length"


def numbers(receiver: ReceiverHarness, *fields: tuple[str, str]) -> dict[str, float]:
    answer = ask(receiver, "GET", "/metrics", fields)
    assert answer.status == 200
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def busy(fresh: ReceiverHarness) -> ReceiverHarness:
    """A receiver that has seen most things."""
    assert fresh.post(message()).status == 200
    fresh.post(message(), proof="x.y.z")
    fresh.post(message(), token_claims={"aud": "another"})
    fresh.post(b"[{}]")
    fresh.post(message(), proof_claims={"iat": int(fresh.clock.now().timestamp()) - 3})
    validate(fresh)
    check(fresh)
    check(fresh, b"[17054512346]")
    ask(fresh, "GET", "/312000008/08844110015")
    return fresh


def test_what_is_counted(busy: ReceiverHarness):
    told = numbers(busy)
    assert told['ktt_receiver_answers_total{code="",path="/message",status="200"}'] == 2
    assert told['ktt_receiver_answers_total{code="2008",path="/message",status="400"}'] == 1
    assert told['ktt_receiver_answers_total{code="",path="other",status="404"}'] == 1
    assert told['ktt_receiver_refusals_total{code="2008",status="400",step="schema"}'] == 1
    assert told['ktt_receiver_unproven_total{check="A7"}'] == 1
    assert told['ktt_receiver_step_seconds_count{step="store"}'] == 1
    assert told['ktt_receiver_judged_seconds_count{door="validate"}'] == 1
    assert told['ktt_receiver_judged_seconds_count{door="check"}'] == 1, "what is refused is not validated"
    assert told['ktt_receiver_body_bytes_count{path="/message"}'] >= 3
    assert told["ktt_receiver_group_writes_count"] >= 3
    assert (
        told['ktt_receiver_proof_age_seconds_bucket{le="5.0"}']
        > told['ktt_receiver_proof_age_seconds_bucket{le="2.0"}']
    )


def test_no_request_is_open_when_all_have_been_answered(busy: ReceiverHarness):
    told = {name: value for name, value in numbers(busy).items() if name.startswith("ktt_receiver_open_requests")}
    assert told.pop('ktt_receiver_open_requests{path="/metrics"}') == 1, "the one who asks"
    assert set(told.values()) == {0}


def test_keys_and_the_follower(busy: ReceiverHarness):
    before = numbers(busy)
    assert before['ktt_receiver_key_seconds_left{key="newest"}'] == dt.timedelta(days=180).total_seconds()
    assert before["ktt_receiver_judging_lag_messages"] == 1
    busy.clock.advance(dt.timedelta(seconds=30))
    assert numbers(busy)["ktt_receiver_judging_lag_seconds"] == 30
    follower(busy).run()
    after = numbers(busy)
    assert (after["ktt_receiver_judging_lag_messages"], after["ktt_receiver_judging_lag_seconds"]) == (0, 0)
    assert after['ktt_receiver_standing_findings{consequence="reject"}'] == 0
    assert after["ktt_receiver_database_up"] == 1


def test_without_a_database_the_rest_is_told(busy: ReceiverHarness):
    with busy.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_position")
    told = numbers(busy)
    assert told["ktt_receiver_database_up"] == 0
    assert told["ktt_receiver_keys"] == 1


def test_no_label_names_anybody_and_their_values_are_bounded(busy: ReceiverHarness):
    labels = {found for name in numbers(busy) for found in re.findall(r'(\w+)="([^"]*)"', name)}
    assert {name for name, _ in labels} <= {
        "step",
        "status",
        "code",
        "check",
        "path",
        "le",
        "door",
        "key",
        "consequence",
    }
    assert {value for name, value in labels if name == "path"} <= {*paths.ALL, paths.OTHER}
    assert not [value for _, value in labels if re.search(r"\d{5,}", value) and not value.endswith(".0")]
    everything = ask(busy, "GET", "/metrics").body.decode()
    assert "312000008" not in everything
    assert "client-1" not in everything


def test_without_the_token_metrics_are_refused(make_receiver):
    receiver = make_receiver(environment="production", metrics_token=SECRET)
    assert numbers(receiver, ("Authorization", f"Bearer {SECRET}"))["ktt_receiver_keys"] == 1
    for fields in (
        [],
        [("Authorization", SECRET)],
        [("Authorization", "Bearer x")],
        [("Authorization", f"DPoP {SECRET}")],
    ):
        answer = ask(receiver, "GET", "/metrics", fields)
        assert (answer.status, answer.header("WWW-Authenticate")) == (401, "Bearer")


def test_without_a_token_a_real_register_shows_none(make_receiver):
    assert ask(make_receiver(environment="production"), "GET", "/metrics").status == 404


def test_the_token_is_not_in_the_settings_words(make_receiver):
    assert SECRET not in repr(make_receiver(metrics_token=SECRET).settings)


COUNTING = """
import sys
from ktt.receiver.pipeline.metrics import Metrics
metrics = Metrics()
metrics.request_answered("/message", 200, None)
metrics.request_started("/message")
"""


def test_several_processes_are_counted_together(tmp_path: Path):
    """Two processes that count and end; a third that is asked tells of them all."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNTING], env=environment, check=True)
    asking = "from ktt.receiver.api.metrics.endpoint import exposition; sys.stdout.buffer.write(exposition(metrics.registry))"
    told = subprocess.run(
        [sys.executable, "-c", f"{COUNTING}\n{asking}"], env=environment, check=True, capture_output=True
    ).stdout.decode()
    assert 'ktt_receiver_answers_total{code="",path="/message",status="200"} 3.0' in told
    assert "pid=" not in told


def test_a_header_name_is_no_label(fresh: ReceiverHarness):
    fresh.post(headers={headers.VENDOR: "Kari Nordmann"})
    assert "Nordmann" not in ask(fresh, "GET", "/metrics").body.decode()
