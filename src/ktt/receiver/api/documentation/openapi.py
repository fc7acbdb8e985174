"""The OpenAPI 3.1 document of a receiver, made from the addresses that are open and the message versions it takes."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.messages.inventory import MOST
from ktt.messages.version import MessageVersion
from ktt.receiver.api import lookups, paths, problems
from ktt.receiver.api.answer_models import SHAPES
from ktt.receiver.api.documentation.openapi_parts import EXAMPLES, problem_shown, ref, refusal_shown, text
from ktt.receiver.api.inventory import CURSOR
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import headers

Document = dict[str, Any]
_JSON = "application/json"
_TRY_AGAIN = frozenset({408, 429, 503})
_ALWAYS = {
    400: "BadRequest",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "PayloadSizeLimitExceeded",
    415: "UnsupportedMediaType",
    431: "RequestHeaderFieldsTooLarge",
    500: "InternalServerError",
}
"""What any address may answer, the framework's own included."""

_LOCKED = {401: "Unauthorized", 429: "TooManyRequests", 503: "ServiceUnavailable"}
_READ = {408: "RequestTimeout"}
SAYS: dict[str, Text] = {
    paths.MESSAGE: Text(nb="Send en melding", en="Send a message"),
    paths.KEYS: Text(nb="Hent offentlige nøkler", en="Fetch public keys"),
    paths.LIVE: Text(nb="Kjører prosessen?", en="Is the process alive?"),
    paths.READY: Text(nb="Kan en melding tas imot nå?", en="Could a message be taken now?"),
    paths.VALIDATE: Text(
        nb="Kontroller en melding uten å sende den: samme forespørsel som «/message», bare en annen adresse",
        en="Validate a message without sending it: the same request as `/message`, only another address",
    ),
    paths.CHECK: Text(
        nb="Kontroller en melding om syntetiske personer, uten pålogging. Ingenting lagres",
        en="Validate a message about synthetic persons, without authentication. Nothing is stored",
    ),
    paths.RECEIPT: Text(nb="Kvitteringen for en mottatt melding", en="The receipt of an accepted message"),
    paths.OUTSTANDING: Text(
        nb="Hva som sist er mottatt fra en virksomhets enheter, hva som fortsatt er feil, og hva registeret venter på",
        en="What was received last from an organisation's units, what is still wrong, and what the registry waits for",
    ),
    paths.INVENTORY: Text(
        nb="Hva registeret har av én enhet: id-er og hasher laget med nøkkel",
        en="What the registry holds of one unit: ids and keyed hashes",
    ),
    paths.METRICS: Text(nb="Tall for overvåking (Prometheus)", en="Numbers for monitoring (Prometheus)"),
    paths.OPENAPI: Text(nb="Dette dokumentet", en="This document"),
    paths.PAGE: Text(nb="Siden som viser adressene", en="The page that shows the addresses"),
    paths.INDEX: Text(nb="Samme side, der FHI har sin", en="The same page, where FHI has its own"),
    paths.EXAMPLE: Text(nb="Last ned en eksempelmelding", en="Download an example message"),
    paths.SCHEMA: Text(nb="JSON-skjemaet til en meldingstype", en="The JSON schema of a message type"),
}


def document(settings: ReceiverSettings, versions: Sequence[MessageVersion], open_paths: frozenset[str]) -> Document:
    """The document; addresses that are closed here are not in it."""
    shown = [path for path in paths.ALL if path not in _SWITCHED or path in open_paths]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KTT mottak",
            "version": "1",
            "description": (
                "Mottaket for meldinger om kommunal tjenestetildeling: FHIs protokoll (`/keys`, `/message`), og det som "
                "er vårt eget. *The receiver of messages on municipal allocations: FHI's protocol, and what is our own.*"
            ),
        },
        "servers": [{"url": settings.base_url.rstrip("/")}],
        "paths": {path: _item(path, versions) for path in shown},
        "components": {"schemas": SHAPES, "securitySchemes": _SECURITY},
    }


_SWITCHED = frozenset({paths.VALIDATE, paths.CHECK, paths.INVENTORY, paths.METRICS})
_SECURITY = {
    "dpop": {
        "type": "http",
        "scheme": "DPoP",
        "description": "A HelseID access token, and in the header `DPoP` a proof (RFC 9449) for this method and address.",
    },
    "metrics": {"type": "http", "scheme": "bearer", "description": "The token of `metrics_token`, where one is set."},
}


def _item(path: str, versions: Sequence[MessageVersion]) -> Document:
    method = "post" if path in _POSTED else "get"
    says, special = SAYS[path], _SPECIAL.get(path, {})
    operation = {
        "operationId": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        "summary": says.nb,
        "description": f"{says.en}.",
        "tags": ["ours" if paths.is_own(path) else "FHI"],
        "responses": {"200": _answered(path, versions), **_refusals(path)},
        **special,
    }
    if path == paths.CHECK:
        operation["requestBody"] = _check_body(versions)
    return {method: operation}


_POSTED = frozenset({paths.MESSAGE, paths.VALIDATE, paths.CHECK})
_PROVEN = frozenset({paths.MESSAGE, paths.VALIDATE, paths.RECEIPT, paths.OUTSTANDING, paths.INVENTORY})


def _query(name: str, shape: Document, *, required: bool = False, where: str = "query") -> Document:
    return {"name": name, "in": where, "required": required or where == "path", "schema": shape}


_PROOF = _query(headers.DPOP, text(minLength=1), required=True, where="header")
_SOFTWARE = [
    _query(
        name,
        text(minLength=1, maxLength=headers.MAX_VALUE, pattern="^[ -~]*[!-~][ -~]*$"),
        required=True,
        where="header",
    )
    for name in headers.REQUIRED[:-1]
]
_DAY = _query(
    headers.EXTRACTED_ON,
    text(pattern=r"^\d{2}\.\d{2}\.\d{4}$", examples=["02.03.2026"]),
    required=True,
    where="header",
)
_SEALED = {
    "required": True,
    "description": "base64( IV ‖ AES-256-CBC-PKCS7( message ) ); key and hash are in the proof.",
    "content": {"text/plain": {"schema": text(minLength=44, contentEncoding="base64")}},
}
_SENT = {"security": [{"dpop": []}], "parameters": [_PROOF, *_SOFTWARE, _DAY], "requestBody": _SEALED}
_NAME = text(pattern="^[A-Za-z0-9_.-]{1,64}$")
_SPECIAL: dict[str, Document] = {
    paths.MESSAGE: _SENT,
    paths.VALIDATE: _SENT,
    paths.CHECK: {"parameters": [_query("type", _NAME, required=True), _query("version", {**_NAME, "default": "1"})]},
    paths.RECEIPT: {
        "security": [{"dpop": []}],
        "parameters": [_PROOF, _query("correlation", text(format="uuid"), where="path")],
    },
    paths.OUTSTANDING: {
        "security": [{"dpop": []}],
        "parameters": [
            _PROOF,
            _query("organisation", text(pattern="^[0-9]{9}$"), where="path"),
            _query("limit", {"type": "integer", "minimum": 1, "maximum": lookups.MOST, "default": lookups.USUAL}),
            _query("after", text(pattern=r"^[0-9]{1,18}\.[0-9]{1,9}$")),
            _query("type", _NAME),
            _query("as", text(enum=["findings", "summary"], default="findings")),
        ],
    },
    paths.INVENTORY: {
        "security": [{"dpop": []}],
        "parameters": [
            _PROOF,
            _query("organisation", text(pattern="^[0-9]{9}$"), where="path"),
            _query("municipality", text(pattern="^[0-9]{4}$"), required=True),
            _query("district", text(pattern="^[0-9]{2}$")),
            _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST}),
            _query("after", text(pattern=f"^{CURSOR}$")),
            _query("as", text(enum=["records", "digests", "progress"], default="records")),
        ],
    },
    paths.METRICS: {"security": [{}, {"metrics": []}]},
    paths.EXAMPLE: {
        "parameters": [
            _query("messageType", _NAME, required=True),
            _query("messageVersion", {**_NAME, "default": "1"}),
            _query("name", text(description="N1 … fit the schema, F1 … break it.")),
        ]
    },
    paths.SCHEMA: {"parameters": [_query("type", _NAME, where="path"), _query("version", _NAME, where="path")]},
}


def _check_body(versions: Sequence[MessageVersion]) -> Document:
    examples = {
        one.message_type: {"summary": f"{one.message_type} {one.version}", "value": orjson.loads(first)}
        for one in versions
        if (first := _first(one)) is not None
    }
    kinds = [
        kind for kind, mark in (("array", b"["), ("object", b"{")) if any(mark in one.beginnings for one in versions)
    ]
    shape = {"type": kinds[0] if len(kinds) == 1 else kinds}
    return {"required": True, "content": {_JSON: {"schema": shape, "examples": examples}}}


def _first(version: MessageVersion) -> bytes | None:
    """The first example that fits; None where the pack has none."""
    examples = version.examples()
    names = [name for name in examples if name.startswith("N")]
    return examples[min(names)] if names else None


_SHAPE_OF = {
    paths.MESSAGE: "Answer",
    paths.VALIDATE: "Verdict",
    paths.CHECK: "Verdict",
    paths.RECEIPT: "Receipt",
    paths.OUTSTANDING: "Outstanding",
    paths.INVENTORY: "Inventory",
    paths.LIVE: "Health",
    paths.READY: "Health",
}


def _answered(path: str, versions: Sequence[MessageVersion]) -> Document:
    """What 200 looks like."""
    told: Document = {"description": "OK", "headers": _correlation()}
    if path in _SHAPE_OF:
        name = _SHAPE_OF[path]
        told["content"] = {_JSON: {"schema": ref(name), "example": EXAMPLES[name]}}
    elif path == paths.KEYS:
        told["content"] = {_JSON: {"schema": {"type": "array", "items": ref("Key")}}}
    elif path == paths.EXAMPLE:
        shown: object = next((orjson.loads(first) for one in versions if (first := _first(one)) is not None), [])
        told["content"] = {_JSON: {"schema": {"type": "array"}, "example": shown}}
    else:
        told["content"] = {_MEDIA[path]: {"schema": {"type": "object"} if "json" in _MEDIA[path] else text()}}
    return told


_MEDIA = {
    paths.METRICS: "text/plain",
    paths.OPENAPI: _JSON,
    paths.PAGE: "text/html",
    paths.INDEX: "text/html",
    paths.SCHEMA: "application/schema+json",
}


def _correlation() -> Document:
    return {headers.CORRELATION_ID: {"required": True, "schema": text(format="uuid")}}


def _refusals(path: str) -> Document:
    known = dict(_ALWAYS)
    if path in _PROVEN:
        known |= _LOCKED
    if path in _POSTED:
        known |= _READ | {status: name for status, name in _LOCKED.items() if status != 401}  # noqa: PLR2004
    if path == paths.METRICS:
        known[401] = "Unauthorized"
    if path == paths.READY:
        known[503] = "ServiceUnavailable"
    return {str(status): _refused(path, status, name) for status, name in sorted(known.items())}


def _refused(path: str, status: int, name: str) -> Document:
    told: Document = {"description": HTTPStatus(status).phrase, "headers": _correlation()}
    if paths.is_own(path):
        shown, media, shape = problem_shown(status, name), problems.MEDIA_TYPE, "Problem"
    else:
        shown, media, shape = refusal_shown(name), _JSON, "Answer"
    told["content"] = {media: {"schema": ref(shape), "example": orjson.loads(shown)}}
    if status in _TRY_AGAIN:
        told["headers"] |= {headers.RETRY_AFTER: {"schema": text(pattern="^[0-9]+$")}}
    if path == paths.READY and status == 503:  # noqa: PLR2004
        told["content"] = {_JSON: {"schema": ref("Health"), "example": {"status": "no key"}}}
    return told
