"""What the admin endpoint is asked and what it answers, as typed models from which its JSON Schemas are made too."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ktt.testing.sandbox.faults.conditions import HeaderPattern
from ktt.testing.sandbox.faults.faults import LONGEST, Place, Resettable
from ktt.testing.sandbox.faults.token_faults import TokenSpec

MOST_FAULTS = 1000
MOST_OFFSET = 10 * 365 * 86_400.0
_Number = Annotated[int, Meta(ge=1, le=MOST_FAULTS)]
_What = Annotated[
    str, Meta(description="One of FHI's codes, an HTTP status from 400, or a kind that GET /faults lists.")
]
_Until = Annotated[_Number | None, Meta(description="For so many requests; null: until it is removed.")]
_Every = Annotated[_Number, Meta(description="Of the requests that meet the conditions, every so many.")]
_Seconds = Annotated[float, Meta(ge=0, le=LONGEST, description="How long `slow` holds the answer back.")]
_Type = Annotated[str | None, Meta(description="Only this message type; a part of the name is enough.")]
_Unit = Annotated[str | None, Meta(description="Only requests for the unit with this organisation number.")]
_Headers = Annotated[tuple[HeaderPattern, ...], Meta(description="Headers that the request must have; * is any text.")]
_BOUNDS = {"minimum": -MOST_OFFSET, "maximum": MOST_OFFSET}
_Offset = Annotated[float, Meta(description="Seconds ahead; behind when negative.", extra_json_schema=_BOUNDS)]
_Content = Annotated[str, Meta(description="The message, as JSON text.")]
_Thumbprint = Annotated[str, Meta(description="Thumbprint (RFC 7638) of the key that the token is bound to.")]


class FaultRequest(Struct, forbid_unknown_fields=True):
    """A fault, and for which requests it is. All conditions must hold."""

    what: _What
    count: _Until = 1
    seconds: _Seconds = 0.0
    every: _Every = 1
    message_type: _Type = None
    unit: _Unit = None
    headers: _Headers = ()


class RotationRequest(Struct, forbid_unknown_fields=True):
    """Whose key is to be changed: `helseid` or `mottak`."""

    what: str


class ClockRequest(Struct, forbid_unknown_fields=True):
    """How far the sandbox's clock is to be from the machine's."""

    seconds: _Offset


class ResetRequest(Struct, forbid_unknown_fields=True):
    """What is to be reset; null: faults, clock and recorded requests; all: what receiver and registry have too."""

    what: Resettable | None = None


class SendRequest(Struct, forbid_unknown_fields=True):
    """A message that the first unit's own client is to send."""

    message_type: str
    version: str
    content: _Content


class TokenRequest(Struct, forbid_unknown_fields=True):
    """How an access token is to differ from a good one."""

    jkt: _Thumbprint
    spec: TokenSpec = TokenSpec()


class _Answer(Struct, forbid_unknown_fields=True, kw_only=True):
    """An answer or a part of one. Every member is required."""


class Words(_Answer):
    """A sentence in bokmål and in English."""

    nb: str
    en: str


class Armed(_Answer):
    """A fault that waits for requests."""

    number: int
    fault: str
    place: Place
    says: Words
    left: int | None
    every: int
    seconds: float
    message_type: str | None
    unit: str | None
    headers: list[HeaderPattern]
    applied: int


class State(_Answer):
    """What a test must know of the sandbox."""

    helseid: str
    mottak: str
    client_id: str
    organisation: str
    test_mode: bool
    announced: list[tuple[str, str]]
    waiting: list[str]
    armed: list[Armed]
    clock_offset: float | None
    last_request: int


class Kind(_Answer):
    """A kind of fault; `stored` says that the message is stored all the same."""

    name: str
    place: Place
    stored: bool
    says: Words


class Faults(_Answer):
    """The faults that wait, and the kinds that there are."""

    armed: list[Armed]
    kinds: list[Kind]


class NewKey(_Answer):
    """The id of the new key."""

    key: str


class AccessToken(_Answer):
    """A token as it was asked for."""

    access_token: str


class SavedState(_Answer):
    """A saved state of receiver and registry; `messages` are those accepted, `bytes` the size of its file."""

    name: str
    saved_at: dt.datetime
    messages: int
    bytes: int


class Outcome(Struct):
    """What came back for a message; further members say why it was not delivered (code, name, details, http_status)."""

    delivered: bool
    outcome: str


class AnswerError(_Answer):
    """One of FHI's errors in an answer, with the places that it names."""

    code: int | None
    name: str
    text: str
    places: list[tuple[str, str]]


class Verdict(_Answer):
    """The answer to a message; `receipt` is its X-Correlation-ID."""

    delivered: bool
    receipt: str | None
    errors: list[AnswerError]


class Finding(_Answer):
    """What a rule, or the schema, finds in a message; `message_fields` are the names of the fields in messages."""

    rule: str
    consequence: str
    cause: str
    says: Words
    remedy: Words
    record_type: str | None
    local_id: str | None
    fields: list[str] | None
    message_fields: list[str] | None
    pointer: str | None
    line: int | None
    detail: str | None


class Recorded(Struct, kw_only=True):
    """A request as it came: claims decoded, the message decrypted, and how it was answered. It has further members."""

    number: int
    service: str
    sender: Literal["client", "receiver"]
    verdict: Verdict | None = None
    method: str
    path: str
    status: int | None
    fault: str | None
    headers: list[list[str]]
    answer: Any


class ClientConfig(Struct):
    """What a client needs to send for the first unit, with its private key."""

    helseid: dict[str, Any]
    mottak: dict[str, Any]
    unit: dict[str, Any]
    sandbox: dict[str, Any]


class Problem(_Answer):
    """A refusal (RFC 9457)."""

    title: str
    title_nb: str
    status: int


def schema_of(model: Any) -> dict[str, Any]:
    """The JSON Schema of a model, with references to `SHAPES`."""
    return dict(msgspec.json.schema_components([model], ref_template=_REFERENCE)[0][0])


_REFERENCE = "#/components/schemas/{name}"
_MODELS = (
    FaultRequest, RotationRequest, ClockRequest, ResetRequest, SendRequest, TokenRequest,
    State, Faults, NewKey, SavedState, Finding, AccessToken, Outcome, Recorded, ClientConfig, Problem,
)  # fmt: skip
SHAPES: dict[str, Any] = msgspec.json.schema_components(_MODELS, ref_template=_REFERENCE)[1]
"""The JSON Schema of every model, by name."""
