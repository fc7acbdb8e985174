"""What is sealed opens to the identical bytes; what was touched does not open, and says nothing about why."""

from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.wire import base64url
from ktt.wire.envelope import (
    _OAEP,
    Fault,
    body_size,
    decode_body,
    decode_hash,
    decode_wrapped,
    open_sealed,
    seal,
)
from support import effort
from support.wire_keys import receiver_key, receiver_private_key

PRIVATE = receiver_private_key()
MODULUS = PRIVATE.public_key().public_numbers().n
EMPTY_ARRAY_HASH = "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU"


def opened(sealed):
    wrapped = decode_wrapped(sealed.enc_sym_key, 256, MODULUS)
    return open_sealed(PRIVATE, wrapped, decode_body(sealed.body), decode_hash(sealed.msg_hash))


@settings(max_examples=effort.ENVELOPES)
@given(st.binary(max_size=400))
def test_what_is_sealed_opens_to_the_identical_bytes(payload):
    sealed = seal(payload, receiver_key())
    assert opened(sealed) == (payload, None)
    assert len(sealed.body) == body_size(len(payload))


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33, 4096, 1_000_003])
def test_every_length_of_padding_opens(size):
    payload = os.urandom(size)
    assert opened(seal(payload, receiver_key())) == (payload, None)


@pytest.mark.parametrize(("bits", "characters"), [(2048, 342), (3072, 512)])
def test_the_forms_are_those_of_the_protocol(bits, characters):
    sealed = seal(b"[]", receiver_key(bits))
    assert sealed.msg_hash == EMPTY_ARRAY_HASH
    assert len(sealed.enc_sym_key) == characters
    assert len(sealed.body) == 44
    assert sealed.enc_key_id == receiver_key().id


def test_sealing_again_shares_nothing_but_the_hash():
    first, second = seal(b"[]", receiver_key()), seal(b"[]", receiver_key())
    assert first.msg_hash == second.msg_hash
    assert first.enc_sym_key != second.enc_sym_key
    assert base64.b64decode(first.body)[:16] != base64.b64decode(second.body)[:16]


def test_a_repr_shows_neither_content_nor_key():
    sealed = seal(b"[]", receiver_key())
    assert sealed.enc_sym_key not in repr(sealed)
    assert sealed.body.decode() not in repr(sealed)


def wrap(key: bytes) -> bytes:
    return PRIVATE.public_key().encrypt(key, _OAEP)


def encrypted(key: bytes, padded: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return bytes(16) + encryptor.update(padded) + encryptor.finalize()


KEY = bytes(range(32))
HASH = decode_hash(EMPTY_ARRAY_HASH)
GOOD = encrypted(KEY, b"[]" + b"\x0e" * 14)
BAD_PADDING = {
    "zero": b"[]" + b"\x0e" * 13 + b"\x00",
    "seventeen": b"[]" + b"\x0e" * 13 + b"\x11",
    "255": b"[]" + b"\x0e" * 13 + b"\xff",
    "first byte of it": b"[]" + b"\x0d" + b"\x0e" * 13,
    "middle": b"[]" + b"\x0e" * 6 + b"\x00" + b"\x0e" * 7,
    "one too short": b"[] " + b"\x0e" * 13,
    "a whole block but one": b"\x0f" + b"\x10" * 15,
}


def test_the_yardstick_opens():
    assert open_sealed(PRIVATE, wrap(KEY), GOOD, HASH) == (b"[]", None)


@pytest.mark.parametrize("name", BAD_PADDING)
def test_wrong_padding_is_found_wherever_it_is(name):
    raw = encrypted(KEY, BAD_PADDING[name])
    assert open_sealed(PRIVATE, wrap(KEY), raw, HASH) == (None, Fault.CIPHERTEXT)


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33, 64])
def test_only_32_bytes_are_a_key(size):
    assert open_sealed(PRIVATE, wrap(bytes(size)), GOOD, HASH) == (None, Fault.WRAPPED_KEY)


def test_a_wrapped_key_that_is_none_is_one_fault_also_when_the_rest_is_wrong():
    junk = bytes([0]) + os.urandom(255)
    for raw in (GOOD, encrypted(KEY, BAD_PADDING["zero"]), os.urandom(48)):
        assert open_sealed(PRIVATE, junk, raw, HASH) == (None, Fault.WRAPPED_KEY)


def test_another_hash_is_refused_and_nothing_of_the_plaintext_comes_out():
    assert open_sealed(PRIVATE, wrap(KEY), GOOD, bytes(32)) == (None, Fault.PAYLOAD_HASH)


def test_a_moved_iv_changes_the_first_block_and_is_caught_by_the_hash():
    raw = bytes([1]) + GOOD[1:]
    assert open_sealed(PRIVATE, wrap(KEY), raw, HASH) == (None, Fault.PAYLOAD_HASH)


def test_the_hash_is_computed_whatever_failed_before(monkeypatch):
    seen = []

    def compare(ours, want):
        seen.append(len(ours))
        return ours == want

    monkeypatch.setattr("ktt.wire.envelope.hmac.compare_digest", compare)
    for wrapped, raw in ((os.urandom(256), GOOD), (wrap(KEY), encrypted(KEY, BAD_PADDING["zero"])), (wrap(KEY), GOOD)):
        open_sealed(PRIVATE, wrapped, raw, HASH)
    assert seen == [32, 32, 32]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (EMPTY_ARRAY_HASH, True),
        (EMPTY_ARRAY_HASH + "=", True),
        ("Pz8/" * 10 + "Pz8", True),
        ("Pz8_" * 10 + "Pz8", True),
        ("Pz8/" * 10 + "Pz8=", True),
        ("Pz8/" * 9 + "Pz8_Pz8", False),  # both alphabets at once
        (EMPTY_ARRAY_HASH + "==", False),
        (EMPTY_ARRAY_HASH[:-1] + "V", False),  # trailing bits
        (EMPTY_ARRAY_HASH[:-1], False),
        (EMPTY_ARRAY_HASH + "A", False),
        (EMPTY_ARRAY_HASH + "\n", False),
        ("=" + EMPTY_ARRAY_HASH, False),
        ("", False),
        ("=", False),
        ("é" * 43, False),
        ("T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUUA" * 3, False),
    ],
)
def test_the_hash_claim_has_32_bytes_in_either_alphabet(text, fits):
    assert (decode_hash(text) is not None) == fits


def test_a_wrapped_key_is_as_long_as_the_modulus_and_below_it():
    def text(value: int, size: int = 256) -> str:
        return base64url.encode(value.to_bytes(size, "big"))

    assert decode_wrapped(text(MODULUS - 1), 256, MODULUS) == (MODULUS - 1).to_bytes(256, "big")
    assert decode_wrapped(text(MODULUS), 256, MODULUS) is None
    assert decode_wrapped(text(2**2048 - 1), 256, MODULUS) is None
    assert decode_wrapped(text(5, 255), 256, MODULUS) is None
    assert decode_wrapped(text(5, 257), 256, MODULUS) is None
    assert decode_wrapped("", 256, MODULUS) is None


BODY = seal(b"a message of some length, longer than a block", receiver_key()).body  # 80 bytes: one padding character


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY[:-4],
        BODY[:-1],
        BODY + b"\n",
        BODY[:40] + b"\r\n" + BODY[40:],
        b" " + BODY,
        BODY + BODY,
        BODY[:40] + b"-" + BODY[41:],
        BODY[:-2] + bytes([BODY[-2] + 1]) + b"=",
        BODY.rstrip(b"="),
        BODY[:40] + b"=" + BODY[41:],
        base64.b64encode(bytes(16)),
        base64.b64encode(bytes(33)),
        "é".encode() * 44,
        base64.b64encode(bytes(64)) + b"====",
    ],
)
def test_a_body_is_strict_base64_of_whole_blocks(body):
    assert decode_body(body) is None


@pytest.mark.parametrize("size", [32, 48, 64, 80, 1600])
def test_a_body_in_order_is_decoded(size):
    raw = os.urandom(size)
    assert decode_body(base64.b64encode(raw)) == raw
