"""The rival: a receiver as it is usually begun. FastAPI, pydantic models, an ORM session a request.

It makes the same promises with the same library for RSA and AES (`cryptography`): token and proof verified, the `jti`
burnt, the right to send looked up, the wrapped key written in a ledger before it is opened, the content decrypted, hashed
and validated by pydantic, a resend recognised, content and receipt stored. Its keys are loaded once, and it seals nothing
at rest. `python -m bench._rival FOLDER FD` serves on an inherited socket.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import resource
import signal
import socket
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import sqlalchemy.orm
import uvicorn
import uvloop
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import Depends, FastAPI, Request, Response
from joserfc import jwk as jose_keys
from joserfc import jws as jose
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from ktt.core.clock import SystemClock
from ktt.receiver.keys.key_store import KeyStore
from ktt.storage.vault import Vault
from ktt.wire import headers

_OAEP = rsa_padding.OAEP(mgf=rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
Organisation = Annotated[int, Field(ge=100_000_000, le=999_999_999)]
LocalId = Annotated[str, Field(min_length=1, max_length=100)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Provider(Strict):
    orgNr: Organisation  # noqa: N815 - the message's own names
    fraDato: dt.date  # noqa: N815
    tilDato: dt.date | None = None  # noqa: N815


class Pause(Strict):
    midlertidigStoppId: LocalId  # noqa: N815
    fraDato: dt.date  # noqa: N815
    tilDato: dt.date | None = None  # noqa: N815


class Person(Strict):
    model_config = ConfigDict(extra="allow")


class Service(Strict):
    model_config = ConfigDict(extra="allow")
    tjenesteId: LocalId  # noqa: N815
    vedtakId: LocalId | None = None  # noqa: N815
    tjenesteType: Annotated[int, Field(ge=1, le=29)]  # noqa: N815
    startDato: dt.date  # noqa: N815
    sluttDato: dt.date | None = None  # noqa: N815
    utforer: Annotated[list[Provider], Field(max_length=200)] | None = None
    midlertidigStopp: Annotated[list[Pause], Field(max_length=500)] | None = None  # noqa: N815
    registrertTid: dt.datetime  # noqa: N815
    person: Person


class Item(Strict):
    orgNr: Organisation  # noqa: N815
    kommuneNr: Annotated[int, Field(ge=1, le=9999)]  # noqa: N815
    bydelNr: str | None = None  # noqa: N815
    slettTjeneste: list[dict] | None = None  # noqa: N815
    tjeneste: list[Service] | None = None


class Base(DeclarativeBase):
    pass


class Proof(Base):
    __tablename__ = "rival_proof"
    jti: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


class Right(Base):
    __tablename__ = "rival_right"
    holder: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    message_type: Mapped[str] = mapped_column(primary_key=True)


class WrappedKey(Base):
    __tablename__ = "rival_wrapped_key"
    digest: Mapped[str] = mapped_column(primary_key=True)
    jkt: Mapped[str]
    msg_hash: Mapped[str]
    body_hash: Mapped[str]


class Message(Base):
    __tablename__ = "rival_message"
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), unique=True)
    unit: Mapped[str] = mapped_column(index=True)
    message_type: Mapped[str]
    msg_hash: Mapped[str]
    received_at: Mapped[dt.datetime]
    client_id: Mapped[str]
    software: Mapped[str]
    payload: Mapped[bytes]


MESSAGE = TypeAdapter(list[Item])


def session(request: Request) -> Iterator[Session]:
    with request.app.state.sessions() as opened:
        yield opened


def prepared(url: str) -> sa.Engine:
    """The tables, with the rights that the other receiver has been given."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:  # two workers start at once
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(1)"))
        Base.metadata.create_all(connection)
        connection.execute(
            sa.text(
                "INSERT INTO rival_right SELECT holder, organisation || '-' || municipality, message_type"
                " FROM receiver_access ON CONFLICT DO NOTHING"
            )
        )
    return engine


def build(folder: Path) -> FastAPI:
    app = FastAPI()
    app.state.sessions = sessionmaker(prepared((folder / "url").read_text()))
    issuer = jose_keys.RSAKey.import_key(json.loads((folder / "jwks.json").read_text())["keys"][0])
    keys = KeyStore(folder / "keys", Vault.from_file(folder / "receiver.vault"), SystemClock())

    class Registry(jose.JWSRegistry):
        max_header_length = 4096

    registry = Registry(algorithms=["RS256", "ES256"])

    @app.get("/keys")
    def list_keys() -> list[dict]:
        return [{"id": key.id} for key in keys.listed()]

    @app.post("/message")
    async def post_message(request: Request, response: Response, db: Annotated[Session, Depends(session)]) -> dict:
        token_text = request.headers["authorization"].removeprefix("DPoP ")
        token = json.loads(jose.deserialize_compact(token_text.encode(), issuer, registry=registry).payload)
        head = json.loads(base64.urlsafe_b64decode(request.headers["dpop"].split(".")[0] + "=="))
        client = jose_keys.ECKey.import_key(head["jwk"])
        proof = json.loads(
            jose.deserialize_compact(request.headers["dpop"].encode(), client, registry=registry).payload
        )
        if client.thumbprint() != token["cnf"]["jkt"] or db.get(Proof, proof["jti"]) is not None:
            response.status_code = 401
            return {"delivered": False, "errors": []}
        db.add(Proof(jti=proof["jti"], at=dt.datetime.now(dt.UTC)))
        db.commit()
        holder = token[headers.CLAIM_PARENT]
        wanted = sa.select(Right.unit).where(Right.holder == holder, Right.message_type == proof["msg_type"])
        granted = set(db.scalars(wanted))
        raw = base64.b64decode(await request.body())
        digest, body_hash = hashlib.sha256(proof["enc_sym_key"].encode()).hexdigest(), hashlib.sha256(raw).hexdigest()
        used = db.get(WrappedKey, digest)
        if not granted or (used is not None and (used.jkt, used.body_hash) != (token["cnf"]["jkt"], body_hash)):
            response.status_code = 400
            return {"delivered": False, "errors": []}
        if used is None:
            db.add(WrappedKey(digest=digest, jkt=token["cnf"]["jkt"], msg_hash=proof["msg_hash"], body_hash=body_hash))
            db.commit()
        private = keys.find(proof["enc_key_id"]).private
        key = private.decrypt(base64.urlsafe_b64decode(proof["enc_sym_key"] + "=="), _OAEP)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(raw[:16])).decryptor()
        unpadder = padding.PKCS7(128).unpadder()
        plain = unpadder.update(decryptor.update(raw[16:]) + decryptor.finalize()) + unpadder.finalize()
        if base64.urlsafe_b64encode(hashlib.sha256(plain).digest()).rstrip(b"=").decode() != proof["msg_hash"]:
            response.status_code = 400
            return {"delivered": False, "errors": []}
        items = MESSAGE.validate_python(json.loads(plain))
        unit = f"{items[0].orgNr}-{items[0].kommuneNr:04}"
        if unit not in granted:
            response.status_code = 400
            return {"delivered": False, "errors": []}
        latest = sa.select(Message).where(Message.unit == unit).order_by(Message.position.desc()).limit(1)
        last = db.scalars(latest.options(sa.orm.defer(Message.payload))).first()
        if last is not None and (last.message_type, last.msg_hash) == (proof["msg_type"], proof["msg_hash"]):
            response.headers["X-Correlation-ID"] = last.id
            return {"delivered": True, "errors": []}
        correlation = str(uuid.uuid4())
        db.add(
            Message(
                id=correlation,
                unit=unit,
                message_type=proof["msg_type"],
                msg_hash=proof["msg_hash"],
                received_at=dt.datetime.now(dt.UTC),
                client_id=token["client_id"],
                software=request.headers["x-software-name"],
                payload=plain,
            )
        )
        db.commit()
        response.headers["X-Correlation-ID"] = correlation
        return {"delivered": True, "errors": []}

    return app


def main() -> None:
    folder, listener = Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    listener.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    config = uvicorn.Config(build(folder), access_log=False, log_config=None, lifespan="off", loop="uvloop")
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    uvloop.run(server.serve(sockets=[listener]))
    (folder / f"peak-{os.getpid()}").write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


if __name__ == "__main__":
    main()
