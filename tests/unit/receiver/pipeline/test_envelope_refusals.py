"""The padding oracle is not there (transport § 14): whatever is wrong with an envelope, the answer is one and the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import os

import pybase64
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ktt.receiver.errors import ForbiddenTestMode
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import base64url
from ktt.wire.envelope import Sealed, seal
from support.receiver_harness import STEPS, ReceiverHarness, digest, key, message

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def wrap(receiver: ReceiverHarness, symmetric: bytes) -> str:
    return base64url.encode(receiver.keys.listed()[0].public_key.encrypt(symmetric, OAEP))


def encrypted(symmetric: bytes, padded: bytes) -> bytes:
    iv = os.urandom(16)
    encryptor = Cipher(algorithms.AES(symmetric), modes.CBC(iv)).encryptor()
    return pybase64.b64encode(iv + encryptor.update(padded) + encryptor.finalize())


def good(receiver: ReceiverHarness) -> Sealed:
    return seal(message(), receiver.keys.listed()[0])


def oaep_failure(receiver: ReceiverHarness) -> Sealed:
    broken = bytearray(base64url.decode(good(receiver).enc_sym_key))
    broken[-1] ^= 1
    return dataclasses.replace(good(receiver), enc_sym_key=base64url.encode(bytes(broken)))


def key_of_16_bytes(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), enc_sym_key=wrap(receiver, os.urandom(16)))


def bad_padding(receiver: ReceiverHarness) -> Sealed:
    symmetric = os.urandom(32)
    body = encrypted(symmetric, b"[]" + b"\x00" * 14)
    return Sealed(body, digest(b"[]"), wrap(receiver, symmetric), receiver.keys.listed()[0].id)


def wrong_hash(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), msg_hash=digest(b"something else"))


def body_not_base64(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), body=b"not base64!")


def body_too_short(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), body=pybase64.b64encode(bytes(16)))


def body_empty(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), body=b"")


def body_no_whole_block(receiver: ReceiverHarness) -> Sealed:
    return dataclasses.replace(good(receiver), body=pybase64.b64encode(bytes(33)))


def wrapped_key_too_large(receiver: ReceiverHarness) -> Sealed:
    modulus = receiver.keys.listed()[0].public_key.public_numbers().n
    return dataclasses.replace(good(receiver), enc_sym_key=base64url.encode(modulus.to_bytes(384, "big")))


# what is wrong, and what test mode calls it
FAULTS = [
    (oaep_failure, 1008),
    (key_of_16_bytes, 1008),
    (bad_padding, 1009),
    (wrong_hash, 1006),
    (body_not_base64, 1009),
    (body_too_short, 1009),
    (body_empty, 1009),
    (body_no_whole_block, 1009),
    (wrapped_key_too_large, 1008),
]


def test_all_faults_have_byte_identical_answers_but_for_the_correlation_id(receiver: ReceiverHarness):
    answers = [receiver.post(sealed=fault(receiver)) for fault, _ in FAULTS]
    shown = {
        (one.status, tuple(pair for pair in one.headers if pair[0] != "x-correlation-id"), one.body) for one in answers
    }
    assert len(shown) == 1
    assert answers[0].codes == [1009]
    assert len({one.correlation_id for one in answers}) == len(answers)


@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_test_mode_tells_them_apart(make_receiver, fault, code: int):
    receiver = make_receiver(test_mode=True)
    assert receiver.post(sealed=fault(receiver)).codes == [code]


@pytest.mark.parametrize("environment", ["qa", "production"])
def test_test_mode_is_impossible_at_a_real_registry(environment: str):
    with pytest.raises(ForbiddenTestMode):
        ReceiverSettings(environment=environment, base_url="https://a", issuer="https://b", test_mode=True)


def test_nothing_is_parsed_before_the_hash_holds(receiver: ReceiverHarness):
    """Broken JSON under a wrong hash says nothing about the JSON."""
    sealed = dataclasses.replace(seal(b"{{{", receiver.keys.listed()[0]), msg_hash=digest(b"[]"))
    assert receiver.post(sealed=sealed).codes == [1009]


def test_the_ledger_stops_a_captured_key_before_decryption(make_receiver, caplog: pytest.LogCaptureFixture):
    """A thief with a client of his own, the victim's wrapped key, and a body of his choice (transport § 14.1)."""
    opened: list[str] = []
    receiver = make_receiver(reached=opened.append)
    captured = good(receiver)
    assert receiver.post(sealed=captured).status == 200
    probes = {
        "another key of the sender": {"sealed": captured, "proof_key": key(name="thief")},
        "another hash": {"sealed": dataclasses.replace(captured, msg_hash=digest(b"guess"))},
        "another body": {"sealed": dataclasses.replace(captured, body=encrypted(bytes(32), bytes(32)))},
    }
    for name, probe in probes.items():
        opened.clear()
        with caplog.at_level(logging.CRITICAL):
            answer = receiver.post(**probe)
        assert (answer.status, answer.codes) == (400, [1009]), name
        assert "ALARM" in caplog.text
        assert "envelope" not in opened, "stopped before anything is decrypted"


def test_a_byte_identical_resend_passes_the_ledger(fresh: ReceiverHarness):
    sealed = good(fresh)
    first, second = fresh.post(sealed=sealed), fresh.post(sealed=sealed)
    assert (first.status, second.status) == (200, 200)
    assert first.correlation_id == second.correlation_id


def test_a_client_whose_envelopes_keep_failing_is_blocked(make_receiver):
    receiver = make_receiver(crypto_failures_per_hour=3)
    assert [receiver.post(sealed=wrong_hash(receiver)).status for _ in range(4)] == [400, 400, 400, 429]
    blocked = receiver.post()
    assert (blocked.status, blocked.codes, blocked.header("Retry-After")) == (429, [None], "3600")
    assert receiver.post(token_claims={"client_id": "another"}).status == 200
    receiver.clock.advance(dt.timedelta(hours=1, seconds=1))
    assert receiver.post().status == 200


def test_the_steps_of_an_accepted_message(make_receiver):
    order: list[str] = []
    assert make_receiver(reached=order.append).post().status == 200
    assert order == [*STEPS, "stored"]


def test_the_proof_is_spent_before_anything_is_decrypted(make_receiver):
    order: list[str] = []
    receiver = make_receiver(reached=order.append)
    receiver.post(sealed=wrong_hash(receiver))
    assert order == [*STEPS[: STEPS.index("envelope") + 1]]
