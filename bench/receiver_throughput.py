"""How many messages a second does the receiver accept, beside the decrypting and verifying that nobody can avoid?

The receiver is the real one: one uvicorn process a core on one socket, SQLite, durable, schema and all; 16 units send
at the same time, each in strict order. The load generator takes its share of the same cores. The bound is measured in
the same run and over the same requests: token and proof verified, key unwrapped, content decrypted and hashed, by one
process a core with nothing else to do.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import _material
from bench._mottak import BASE, ISSUER, settings
from bench.harness import Figure, publish
from ktt.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.receiver import tables
from ktt.receiver.access import Access
from ktt.receiver.keystore import KeyStore
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.wire import base64url, dpop, envelope, headers, jwk, jws

CORES = os.cpu_count() or 1
BOUND_SECONDS = 3.0
_RS256, _ES256 = frozenset({"RS256"}), frozenset({"ES256"})


@dataclass(frozen=True)
class Question:
    what: str
    records: int  # services in a message
    units: int
    messages: int  # of each unit
    target: str


QUESTIONS = (
    Question("2 kB, 16 units", 8, 16, 240, "≥ 0.75 of the bound"),
    Question("14 MB, 4 units", 40_000, 4, 8, "≥ 8 messages/s"),
)


class Sender:
    """One unit's client: a token of its own, and requests that are right in everything."""

    def __init__(self, unit: ReportingUnit, issuer: dict, receiver_key: envelope.ReceiverKey) -> None:
        self.unit, self._receiver_key = unit, receiver_key
        self._private = jwk.generate("ES256", kid=unit.key)
        self._key = jwk.load_private(self._private)
        self._token = self._new_token(issuer)

    def _new_token(self, issuer: dict) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "nbf": now,
            "iat": now,
            "exp": now + 600,
            "aud": headers.AUDIENCE,
            "cnf": {"jkt": jwk.thumbprint(self._private)},
            "scope": [headers.SCOPE],
            "client_id": self.unit.organisation,
            "client_amr": "private_key_jwt",
            headers.CLAIM_PARENT: self.unit.organisation,
            "jti": uuid.uuid4().hex,
        }
        header = {"typ": "at+jwt", "kid": issuer["kid"]}
        return jws.sign(header, json.dumps(claims).encode(), jwk.load_private(issuer), "RS256")

    def request(self, payload: bytes) -> bytes:
        """The whole HTTP request."""
        sealed = envelope.seal(payload, self._receiver_key)
        fields = {
            "Host": "127.0.0.1",
            "Authorization": f"DPoP {self._token}",
            "DPoP": self._proof(sealed),
            "Content-Type": headers.MESSAGE_CONTENT_TYPE,
            "Content-Length": str(len(sealed.body)),
            **headers.SenderSoftware("bench", "bench", "1", "1").headers(_material.DAY),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"POST /message HTTP/1.1\r\n{head}\r\n".encode() + sealed.body

    def _proof(self, sealed: envelope.Sealed) -> str:
        claims = {
            "jti": uuid.uuid4().hex,
            "htm": "POST",
            "htu": f"{BASE}/message",
            "iat": int(time.time()),
            "ath": dpop.token_hash(self._token),
            headers.CLAIM_TYPE: _material.TYPE,
            headers.CLAIM_VERSION: _material.VERSION,
            headers.CLAIM_HASH: sealed.msg_hash,
            headers.CLAIM_KEY: sealed.enc_sym_key,
            headers.CLAIM_KEY_ID: sealed.enc_key_id,
        }
        header = {"typ": "dpop+jwt", "jwk": jwk.public_part(self._private)}
        return jws.sign(header, json.dumps(claims).encode(), self._key, "ES256")


def prepare(folder: Path, question: Question) -> list[Sender]:
    """The receiver's database, keys and issuer, and a sender for each unit."""
    issuer = jwk.generate("RSA-2048", kid="issuer")
    (folder / "jwks.json").write_text(json.dumps({"keys": [jwk.public_part(issuer)]}))
    (folder / "discovery.json").write_text(json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}))
    vault = Vault.from_file(folder / "receiver.vault", create=True)
    keys = KeyStore(folder / "keys", vault, SystemClock())
    keys.ensure(dt.timedelta(days=settings().key_days), dt.timedelta(days=settings().key_overlap_days))
    database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
    units = _material.units(question.units)
    for unit in units:
        Access(database).grant(unit, [_material.TYPE])
    database.close()
    return [Sender(unit, issuer, keys.listed()[0]) for unit in units]


def requests(senders: list[Sender], question: Question, part: str) -> list[list[bytes]]:
    """For each unit its requests in order; each message differs from the one before."""
    lines = []
    for sender in senders:
        model = _material.message(sender.unit, 0, question.records)
        mark = f'"tjenesteId":"T-{question.records - 1}"'.encode()
        count = question.messages if part == "timed" else 2
        payloads = (model.replace(mark, f'"tjenesteId":"{part}-{n:06}"'.encode()) for n in range(count))
        lines.append([sender.request(payload) for payload in payloads])
    return lines


@contextmanager
def receiver(folder: Path):
    """One process a core on one socket; yields the port."""
    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    command = [sys.executable, "-m", "bench._mottak", str(folder), str(listener.fileno())]
    processes = [subprocess.Popen(command, pass_fds=[listener.fileno()]) for _ in range(CORES)]
    try:
        yield listener.getsockname()[1]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)
        listener.close()


async def send(port: int, lines: list[list[bytes]]) -> float:
    """Every unit's line at the same time, each in order over one connection; messages a second."""
    start = time.perf_counter()
    await asyncio.gather(*(_send_line(port, line) for line in lines))
    return sum(map(len, lines)) / (time.perf_counter() - start)


async def _send_line(port: int, line: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in line:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"refused: {head[:40]!r} {body[:300]!r}")
    writer.close()


def bound(folder: Path, lines: list[list[bytes]]) -> float:
    """Verify and decrypt, nothing else, on all cores: messages a second."""
    sample = [request for line in lines for request in line][: 16 if len(lines[0][0]) > 1_000_000 else 1_000]
    (folder / "sample").write_bytes(pickle.dumps(sample))
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        return sum(pool.map(raw_rate, [str(folder)] * CORES))


def raw_rate(place: str) -> float:
    folder = Path(place)
    keys = KeyStore(folder / "keys", Vault.from_file(folder / "receiver.vault"), SystemClock())
    issuer = jwk.load_public(json.loads((folder / "jwks.json").read_text())["keys"][0])
    sample = [_taken_apart(request) for request in pickle.loads((folder / "sample").read_bytes())]
    private = keys.find(sample[0][4])
    assert private is not None
    assert private.private is not None
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < BOUND_SECONDS:
        token, proof, client, wrapped, _key_id, want, body = sample[done % len(sample)]
        jws.verify(token, issuer, _RS256)
        jws.verify(proof, client, _ES256)
        plain, fault = envelope.open_sealed(private.private, wrapped, envelope.decode_body(body) or b"", want)
        assert plain is not None, fault
        done += 1
    return done / (time.perf_counter() - start)


def _taken_apart(request: bytes) -> tuple:
    head, _, body = request.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    token, proof = jws.parse(fields["Authorization"].removeprefix("DPoP ")), jws.parse(fields["DPoP"])
    claims, client = proof.payload, jwk.load_public(proof.header["jwk"])
    wrapped, want = base64url.decode_either(claims[headers.CLAIM_KEY]), envelope.decode_hash(claims[headers.CLAIM_HASH])
    return token, proof, client, wrapped, claims[headers.CLAIM_KEY_ID], want, body


def ask(question: Question) -> tuple[Figure, str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        senders = prepare(folder, question)
        with receiver(folder) as port:
            warm = requests(senders, question, "warm")
            asyncio.run(send(port, warm))
            asyncio.run(send(port, requests(senders, question, "again")))
            lines = requests(senders, question, "timed")
            rate = asyncio.run(send(port, lines))
        raw = bound(folder, lines)
        peak = max(int(path.read_text()) for path in folder.glob("peak-*"))
        size = len(lines[0][0])
    figure = Figure(question.what, rate, "messages/s", f"verify + decrypt, {CORES} processes", raw, question.target)
    return figure, f"{question.what}: a request of {size:,} bytes; peak {peak} MB a process."


def main() -> None:
    answers = [ask(question) for question in QUESTIONS]
    publish("receiver_throughput", __doc__ or "", [figure for figure, _ in answers], [note for _, note in answers])


if __name__ == "__main__":
    main()
