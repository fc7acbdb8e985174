"""The admin endpoint of a running sandbox.

It listens on loopback, on a port of its own, and serves whoever can read the token in the sandbox's folder.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.messages.contract import Accepted, Outcome
from ktt.testing.sandbox.faults import admin_models as models
from ktt.testing.sandbox.faults.admin_models import FaultRequest, SendRequest
from ktt.testing.sandbox.faults.admin_openapi import PATH, Operation, document
from ktt.testing.sandbox.faults.conditions import Conditions
from ktt.testing.sandbox.faults.control import SandboxControl
from ktt.testing.sandbox.faults.faults import Fault, kinds_as_data, read_fault
from ktt.testing.sandbox.saved_states import NAME

_MOST_BODY = 64 * 1024  # bytes of a request that are read


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request: its body as the operation's model, and what its path and query say."""

    body: Any
    path: Mapping[str, Any]
    query: Mapping[str, str]


class BadControlRequest(Exception):
    """The request cannot be fulfilled; `says` tells why."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


_NO_SUCH_FAULT = Text(nb="ingen feil heter «{what}»", en="there is no fault “{what}”")
_NOT_THERE = Text(
    nb="meldingstype kan bare velges for feil ved meldinger, og enhet ikke for nøkkellister",
    en="a message type can be chosen only for faults of messages, and no unit for lists of keys",
)
_NO_SUCH_TYPE = Text(nb="velg en av meldingstypene {known}", en="choose one of the message types {known}")
_NO_SUCH_UNIT = Text(nb="velg en av enhetene {known}", en="choose one of the units {known}")
_NO_SUCH_ARMED = Text(nb="ingen feil som venter, har dette nummeret", en="no fault that waits has this number")
_NO_SUCH_ADDRESS = Text(nb="sandkassen har ingen slik adresse", en="the sandbox has no such address")
_NO_SUCH_SERVICE = Text(nb="velg helseid eller mottak", en="choose helseid or mottak")
_CLOCK_STAYS = Text(nb="klokka kan ikke stilles så langt", en="the clock cannot be turned so far")
_NO_NUMBER = Text(nb="«after» må være et tall", en="`after` must be a number")
_NO_SUCH_MESSAGE = Text(
    nb="forespørselen er ikke en melding som kan åpnes", en="the request is not a message that can be opened"
)
_TOKEN_NEEDED = Text(nb="nøkkelen i sandkassens mappe må være med", en="the token of the sandbox's folder is needed")


def _state(control: SandboxControl, _asked: _Asked) -> Any:
    return control.state()


def _config(control: SandboxControl, _asked: _Asked) -> Any:
    return control.config


def _fail(control: SandboxControl, asked: _Asked) -> Any:
    wanted: FaultRequest = asked.body
    fault = read_fault(wanted.what, wanted.seconds)
    if fault is None:
        raise BadControlRequest(_NO_SUCH_FAULT.format(what=wanted.what))
    control.faults.add(fault, wanted.count, every=wanted.every, conditions=_conditions(control, wanted, fault))
    return control.state()


def _conditions(control: SandboxControl, wanted: FaultRequest, fault: Fault) -> Conditions:
    """Only what can ever be met: a fault that waits for a type that nobody sends would look like a sandbox that is whole."""
    if (wanted.message_type and fault.place != "message") or (wanted.unit and fault.place == "keys"):
        raise BadControlRequest(_NOT_THERE)
    message_type = wanted.message_type and control.message_type(wanted.message_type)
    if message_type is None and wanted.message_type is not None:
        raise BadControlRequest(_NO_SUCH_TYPE.format(known=", ".join(control.message_types)))
    organisations = sorted({unit.organisation for unit in control.units})
    unit = wanted.unit and wanted.unit.partition("-")[0]
    if unit not in {None, *organisations}:
        raise BadControlRequest(_NO_SUCH_UNIT.format(known=", ".join(organisations)))
    return Conditions(message_type, unit, wanted.headers)


def _armed(control: SandboxControl, _asked: _Asked) -> Any:
    return {"armed": control.faults.armed(), "kinds": kinds_as_data()}


def _disarm(control: SandboxControl, asked: _Asked) -> Any:
    if not control.faults.remove(asked.path["number"]):
        raise BadControlRequest(_NO_SUCH_ARMED)
    return control.state()


def _rotate(control: SandboxControl, asked: _Asked) -> Any:
    if asked.body.what not in {"helseid", "mottak"}:
        raise BadControlRequest(_NO_SUCH_SERVICE)
    return {"key": control.rotate(asked.body.what)}


def _clock(control: SandboxControl, asked: _Asked) -> Any:
    if abs(asked.body.seconds) > models.MOST_OFFSET or not control.set_clock(asked.body.seconds):
        raise BadControlRequest(_CLOCK_STAYS)
    return control.state()


def _reset(control: SandboxControl, asked: _Asked) -> Any:
    control.reset(asked.body.what if asked.body else None)
    return control.state()


def _ingest(control: SandboxControl, _asked: _Asked) -> Any:
    control.look_again()
    return control.state()


def _requests(control: SandboxControl, asked: _Asked) -> Any:
    after = asked.query.get("after", "0")
    if not (after.isascii() and after.isdecimal()):
        raise BadControlRequest(_NO_NUMBER)
    return control.requests(int(after))


def _findings(control: SandboxControl, asked: _Asked) -> Any:
    found = control.findings(asked.path["number"])
    if found is None:
        raise BadControlRequest(_NO_SUCH_MESSAGE)
    return found


def _replay(control: SandboxControl, asked: _Asked) -> Any:
    outcome = control.replay(asked.body)
    if outcome is None:
        raise BadControlRequest(_NO_SUCH_MESSAGE)
    return _outcome(outcome)


def _send(control: SandboxControl, asked: _Asked) -> Any:
    wanted: SendRequest = asked.body
    return _outcome(control.send(wanted.message_type, wanted.version, wanted.content.encode()))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    """What came back: whether it was delivered, which kind of outcome, and all that it says."""
    members = msgspec.to_builtins(outcome)
    details = members if isinstance(members, dict) else {}
    return {"delivered": isinstance(outcome, Accepted), "outcome": type(outcome).__name__, **details}


def _token(control: SandboxControl, asked: _Asked) -> Any:
    return {"access_token": control.token(asked.body.jkt, asked.body.spec)}


def _expired_key(control: SandboxControl, _asked: _Asked) -> Any:
    return orjson.loads(control.expired_key())


def _states(control: SandboxControl, _asked: _Asked) -> Any:
    return control.states.all()


def _save(control: SandboxControl, asked: _Asked) -> Any:
    return control.states.save(asked.path["name"])


def _restore(control: SandboxControl, asked: _Asked) -> Any:
    return control.restore(asked.path["name"])


def _forget(control: SandboxControl, asked: _Asked) -> Any:
    control.states.forget(asked.path["name"])
    return control.states.all()


_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": NAME.pattern}}
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
_AFTER = {"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
OPERATIONS = (
    Operation("GET", "/state", Text("Tilstanden: adresser, feil som venter, klokken.", "Addresses, faults that wait, clock."),
              _state, models.State),
    Operation("GET", "/config", Text("Det en klient trenger for å sende.", "What a client needs to send."),
              _config, models.ClientConfig),
    Operation("GET", "/faults", Text("Feilene som venter, og slagene som finnes.", "The faults that wait, and the kinds."),
              _armed, models.Faults),
    Operation("POST", "/faults", Text("Bestill en feil.", "Ask for a fault."), _fail, models.State, models.FaultRequest),
    Operation("DELETE", "/faults/{number:int}", Text("Fjern en feil som venter.", "Remove a fault that waits."),
              _disarm, models.State, parameters=(_NUMBER,)),
    Operation("POST", "/rotate", Text("Bytt nøkkel hos mottaket eller HelseID.", "A new key at the receiver or HelseID."),
              _rotate, models.NewKey, models.RotationRequest),
    Operation("POST", "/clock", Text("Still sandkassens klokke.", "Turn the sandbox's clock."),
              _clock, models.State, models.ClockRequest),
    Operation("POST", "/reset", Text("Nullstill feil, klokke og forespørsler.", "Reset faults, clock and requests."),
              _reset, models.State, models.ResetRequest, optional_body=True),
    Operation("GET", "/states", Text("De lagrede tilstandene.", "The saved states."), _states, list[models.SavedState]),
    Operation("PUT", "/states/{name}", Text("Lagre det mottak og register har nå.", "Save what receiver and registry have now."),
              _save, models.SavedState, parameters=(_NAME,)),
    Operation("POST", "/states/{name}/restore", Text("Legg en lagret tilstand tilbake.", "Put a saved state back."),
              _restore, models.SavedState, parameters=(_NAME,)),
    Operation("DELETE", "/states/{name}", Text("Slett en lagret tilstand.", "Delete a saved state."),
              _forget, list[models.SavedState], parameters=(_NAME,)),
    Operation("POST", "/ingest", Text("La registeret se etter noe å lese.", "Let the registry look for something to read."),
              _ingest, models.State),
    Operation("GET", "/requests", Text("Forespørslene, dekodet og dekryptert.", "The requests, decoded and decrypted."),
              _requests, list[models.Recorded], parameters=(_AFTER,)),
    Operation("GET", "/requests/{number:int}/findings",
              Text("Hva skjema og regler finner i en mottatt melding.", "What schema and rules find in a recorded message."),
              _findings, list[models.Finding], parameters=(_NUMBER,)),
    Operation("POST", "/replay", Text("Send en mottatt melding på nytt, etter nummer.", "Send a recorded message again, by number."),
              _replay, models.Outcome, int),
    Operation("POST", "/send", Text("Send en melding slik en klient gjør.", "Send a message as a client does."),
              _send, models.Outcome, models.SendRequest),
    Operation("POST", "/token", Text("Et token som avviker slik det er bedt om.", "A token that differs as it was asked for."),
              _token, models.AccessToken, models.TokenRequest),
    Operation("POST", "/expired-key", Text("En utløpt nøkkel som mottaket kjenner.", "An expired key that the receiver knows."),
              _expired_key, list[dict[str, Any]]),
)  # fmt: skip
"""Everything that can be asked for, which is also what the OpenAPI document describes."""


def admin_app(control: SandboxControl, secret: str, url: str) -> ASGIApp:
    """The endpoint as an application. Every answer is JSON; a refusal is problem+json (RFC 9457)."""
    described = orjson.dumps(document(OPERATIONS, url))

    async def openapi(_request: Request) -> Response:
        return Response(described, media_type="application/json")

    routes = [Route(one.path, _guarded(control, secret, one), methods=[one.method]) for one in OPERATIONS]
    return Router([Route(PATH, openapi), *routes], redirect_slashes=False, default=_not_found)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await _problem(404, _NO_SUCH_ADDRESS)(scope, receive, send)


def _guarded(control: SandboxControl, secret: str, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """The operation, for requests that carry the token."""

    async def handle(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {secret}".encode()):
            return _problem(401, _TOKEN_NEEDED)
        body = await _read(request)
        try:
            asked = _Asked(_decoded(operation, body), request.path_params, request.query_params)
            content = await asyncio.to_thread(operation.handler, control, asked)
        except BadControlRequest as fault:
            return _problem(400, fault.says)
        except KttError as fault:
            return _problem(400, fault.says())
        except msgspec.MsgspecError as fault:
            return _problem(400, Text(nb=str(fault), en=str(fault)))
        return Response(orjson.dumps(content), media_type="application/json")

    return handle


def _decoded(operation: Operation, body: bytes) -> Any:
    if operation.body is None or (operation.optional_body and not body):
        return None
    return msgspec.json.decode(body, type=operation.body)


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: _MOST_BODY - len(body)]
    return bytes(body)


def _problem(status: int, says: Text) -> Response:
    content = {"title": says.en, "title_nb": says.nb, "status": status}
    return Response(orjson.dumps(content), status, media_type="application/problem+json")
