"""The envelope: what cannot be decrypted is refused, and the answer does not tell why (transport § 4, § 9, § 14)."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable
from typing import Any

import pybase64
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup, Step, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, envelope, receipt
from ktt.testing.conformance.receiver.harness import ReceiverHarness, everyday
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import Submission
from ktt.wire import base64url
from ktt.wire.envelope import ReceiverKey, Sealed, seal

GROUP = CaseGroup(Text("Konvolutten", "The envelope"), "transport § 4; transport § 14.2")
single = GROUP.single
Sealing = Callable[[bytes, ReceiverKey], Sealed]
_OAEP_1 = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 - a common slip
_OAEP_256 = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def _by_hand(
    key_bytes: int = 32,
    oaep: padding.AsymmetricPadding = _OAEP_256,
    fill: Callable[[int], bytes] = lambda n: bytes([n]) * n,
) -> Sealing:
    """Encrypts step by step, so that a step can be done in another way."""

    def sealing(content: bytes, key: ReceiverKey) -> Sealed:
        symmetric, iv = os.urandom(key_bytes), os.urandom(16)
        encryptor = Cipher(algorithms.AES(symmetric[:32]), modes.CBC(iv)).encryptor()
        filled = content + fill(16 - len(content) % 16)
        body = pybase64.b64encode(iv + encryptor.update(filled) + encryptor.finalize())
        wrapped = base64url.encode(key.public_key.encrypt(symmetric, oaep))
        return Sealed(body, base64url.encode(hashlib.sha256(content).digest()), wrapped, key.id)

    return sealing


def _with(**changes: Callable[[Sealed, ReceiverKey], str]) -> Sealing:
    """Encrypts rightly, then changes members of the envelope."""

    def sealing(content: bytes, key: ReceiverKey) -> Sealed:
        sealed = seal(content, key)
        changed: dict[str, Any] = {name: change(sealed, key) for name, change in changes.items()}
        return dataclasses.replace(sealed, **changed)

    return sealing


def _another(sealed: Sealed, key: ReceiverKey) -> str:
    """The wrapped key of another message."""
    del sealed
    return seal(b"[]", key).enc_sym_key


def _modulus(sealed: Sealed, key: ReceiverKey) -> str:
    """The modulus itself: it has the right length, but a wrapped key must have a lower value."""
    del sealed
    numbers = key.public_key.public_numbers()
    return base64url.encode(numbers.n.to_bytes(key.public_key.key_size // 8, "big"))


WRAPPED: tuple[tuple[str, str, str, Sealing], ...] = (
    ("F400", "Nøkkelen til en annen melding", "The key of another message", _with(enc_sym_key=_another)),
    ("F401", "Tilfeldige byte som innpakket nøkkel", "Random bytes for a wrapped key", _with(enc_sym_key=lambda _, key: base64url.encode(b"\0" + os.urandom(key.public_key.key_size // 8 - 1)))),
    ("F402", "Innpakket nøkkel som er for kort", "A wrapped key that is too short", _with(enc_sym_key=lambda sealed, _: sealed.enc_sym_key[:340])),
    ("F403", "Verdi ikke lavere enn modulus", "A value no lower than the modulus", _with(enc_sym_key=_modulus)),
    ("F404", "Tegn utenfor base64 i den innpakkede nøkkelen", "Characters outside base64 in the wrapped key", _with(enc_sym_key=lambda sealed, _: "!" + sealed.enc_sym_key[1:])),
    ("F405", "OAEP med SHA-1", "OAEP with SHA-1", _by_hand(oaep=_OAEP_1)),
    ("F406", "PKCS #1 v1.5 i stedet for OAEP", "PKCS #1 v1.5 instead of OAEP", _by_hand(oaep=padding.PKCS1v15())),
    ("F407", "AES-128: 16 byte nøkkel", "AES-128: a key of 16 bytes", _by_hand(key_bytes=16)),
    ("F408", "48 byte nøkkel", "A key of 48 bytes", _by_hand(key_bytes=48)),
)  # fmt: skip
_BEFORE_OPENING = frozenset({"F402", "F403", "F404"})
_EXACT = {"F400": 1009}  # the key of another message can be unwrapped, so only decrypting the body fails
for name, nb, en, sealing in WRAPPED:
    step, point = (10, 2) if name in _BEFORE_OPENING else (13, 4)
    cited = f"transport § 4; transport § 8; transport § 9 step {step}; transport § 14.2 point {point}"
    single(name, nb, en, envelope(_EXACT.get(name, 1008)), source=cited, sealing=sealing)


def _raw(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda body: pybase64.b64encode(change(pybase64.b64decode(body)))


BODIES: tuple[tuple[str, str, str, Callable[[bytes], bytes]], ...] = (
    ("F420", "Tom kropp", "An empty body", lambda _: b""),
    ("F421", "Bare en IV", "Nothing but an IV", _raw(lambda raw: raw[:16])),
    ("F422", "Ikke hele blokker", "No whole blocks", _raw(lambda raw: raw[:-1])),
    ("F423", "Siste blokk mangler", "The last block is missing", _raw(lambda raw: raw[:-16])),
    ("F424", "Siste byte er endret: fyllet blir galt", "The last byte is changed: the padding goes wrong", _raw(lambda raw: raw[:-17] + bytes([raw[-17] ^ 0x55]) + raw[-16:])),
    ("F425", "Linjeskift i base64", "Line breaks in the base64", lambda body: b"\r\n".join(body[start : start + 76] for start in range(0, len(body), 76))),
    ("F427", "Klartekst i stedet for base64", "Plain text instead of base64", lambda _: b'[{"orgNr": 312000008}]'),
    ("F428", "Anførselstegn rundt kroppen", "Quotation marks around the body", lambda body: b'"' + body + b'"'),
)  # fmt: skip
for name, nb, en, change in BODIES:
    cited = f"transport § 4; transport § 8; transport § 9 step {14 if name in {'F423', 'F424'} else 11}"
    single(name, nb, en, envelope(1009), source=cited, body=change)


def _with_padding(harness: ReceiverHarness) -> bytes:
    """A message whose base64 body ends with `=`, since IV and ciphertext are no multiple of three bytes."""
    content = everyday(harness)
    return content if (len(content) // 16 + 2) % 3 else content + b" " * 16


GROUP.table(
    ("F426", "transport § 4; transport § 8; transport § 9 step 11", "Base64 uten utfylling", "Base64 without padding", envelope(1009),
     {"content": _with_padding, "body": lambda body: body.rstrip(b"=")}),
    ("F430", "", "PKCS7-fyll med nuller", "Padding of zeros", envelope(1009), {"sealing": _by_hand(fill=bytes)}),
    ("F431", "transport § 4; transport § 8; transport § 9 step 15", "«msg_hash» til en annen melding", "`msg_hash` of another message", envelope(1006),
     {"sealing": _with(msg_hash=lambda _, __: base64url.encode(hashlib.sha256(b"[]").digest()))}),
    ("F432", "transport § 4; transport § 8; transport § 9 step 15", "Én bit i IV-en er snudd: teksten blir en annen", "A bit of the IV is flipped: the text is another", envelope(1006),
     {"body": _raw(lambda raw: bytes([raw[0] ^ 1]) + raw[1:])}),
)  # fmt: skip


def _whole_blocks(harness: ReceiverHarness) -> bytes:
    content = everyday(harness)
    return content + b" " * (-len(content) % 16)


single("N400", "Fyll på en hel blokk", "Padding of a whole block", DELIVERED, content=_whole_blocks)


def _alike(harness: ReceiverHarness) -> RawResponse:
    """Send four envelopes that fail at different steps; returns the answer to the last one."""
    submissions = (
        Submission(sealing=_by_hand(oaep=_OAEP_1)),
        Submission(sealing=_by_hand(key_bytes=16)),
        Submission(sealing=_by_hand(fill=bytes)),
        Submission(sealing=_with(msg_hash=lambda _, __: base64url.encode(hashlib.sha256(b"[]").digest()))),
    )
    responses = [harness.send(submission) for submission in submissions]
    harness.remembered("bodies", "four", lambda: {one.body for one in responses})
    harness.remembered("statuses", "four", lambda: {one.status for one in responses})
    return responses[-1]


def _one_answer(harness: ReceiverHarness, _response: RawResponse) -> list[Text]:
    alike = (
        len(harness.remembered("bodies", "four", set)) == 1 and len(harness.remembered("statuses", "four", set)) == 1
    )
    if alike or harness.target.test_mode:
        return []
    return [Text("Svarene skiller dem fra hverandre: et orakel.", "The answers tell them apart: an oracle.")]


GROUP.case(
    "F433",
    "Fire feil, ett svar: ingen kan prøve seg fram til innholdet",
    "Four faults, one answer: nobody can find the content by trying",
    Step(
        Text("Send fire konvolutter med hver sin feil.", "Send four envelopes, each with another fault."),
        _alike,
        envelope(1006).also("samme svar på alle fire", "the same answer to all four", _one_answer),
    ),
    source="transport § 14.2 point 5",
)

_OWN = sends(receipt("first"), Text("Send en melding.", "Send a message."), keep="a", keep_sealed="a")
GROUP.case(
    "N401",
    "Samme konvolutt igjen med et nytt bevis: samme kvittering",
    "The same envelope again with a new proof: the same receipt",
    _OWN,
    sends(
        receipt("first"),
        Text("Send samme konvolutt igjen.", "Send the same envelope again."),
        keep="a",
        keep_sealed="a",
    ),
    source="transport § 10.2; transport § 14.2 point 3",
)
GROUP.case(
    "F434",
    "En kjent innpakket nøkkel med en annen kropp",
    "A known wrapped key with another body",
    _OWN,
    sends(
        envelope(1009),
        Text("Send samme nøkkel med en endret kropp.", "Send the same key with a changed body."),
        keep="a",
        keep_sealed="a",
        body=_raw(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])),
    ),
    source="transport § 9 step 12; transport § 14.2 point 3",
)
