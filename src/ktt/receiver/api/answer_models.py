"""The answers of the receiver's addresses as typed models, from which both the answers and their JSON Schema are made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ktt.core.text import Text

_Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
_Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
_Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
_Count = Annotated[int, Meta(ge=0)]
_Undelivered = Annotated[bool, Meta(extra_json_schema={"const": False})]
Word = Literal["reject", "drop", "clear", "note"]
_Cause = Literal["registration", "extraction", "code mapping"]
_ErrorDetails = Annotated[str, Meta(description="Text that itself holds JSON: places as JSON pointers, never values.")]
_ErrorNumber = Annotated[int, Meta(description="1001–2010, FHI's codes; null where FHI has none.")]
_Pointer = Annotated[str, Meta(description="JSON pointer into the message.")]
_Detail = Annotated[str, Meta(description="What the schema asks for; never a value.")]
_Hash = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="BLAKE3 of salt ‖ canonical content, 128 bits.")]
_Standing = Annotated[int, Meta(ge=0, description="Open findings that this message was the last to have.")]


class _Model(Struct, kw_only=True):
    """An answer or a part of one. Every member is required."""


class Error(_Model, rename="camel"):
    """A fault in FHI's form."""

    error_code: _ErrorNumber | None
    property_name: str | None
    error_message: Annotated[str, Meta(pattern="^Error: ")]
    error_details: _ErrorDetails | None


class Answer(_Model):
    """FHI's form of an answer."""

    delivered: bool
    errors: list[Error]


class Problem(_Model):
    """RFC 9457, and at the same time an answer that FHI's client can read."""

    type: Annotated[str, Meta(extra_json_schema={"format": "uri-reference"})]
    title: Annotated[str, Meta(description="Bokmål.")]
    status: _Count
    detail: Annotated[str, Meta(description="What to do, in bokmål.")]
    instance: Annotated[str, Meta(description="urn:uuid: and the correlation id.")]
    code: str
    title_en: str
    detail_en: str
    delivered: _Undelivered
    errors: list[Error]


class Rule(_Model):
    """The texts of a rule."""

    rule: str
    consequence: Word
    does: Text
    cause: _Cause
    who: Text
    says: Text
    remedy: Text


class RuleCounted(Rule):
    """A rule with how many findings it has, and how many of them are in the answer."""

    count: _Count
    shown: _Count


class Totals(_Model):
    """read = held + excluded + unjudged + rejected + dropped + kept, of records."""

    read: _Count
    held: _Count
    excluded: _Count
    unjudged: _Count
    rejected: _Count
    dropped: _Count
    kept: _Count
    judged: _Count
    faultless: _Count
    cleared: _Count
    noted: _Count
    deletions: _Count
    findings: _Count


class Place(_Model):
    """Where a finding is, and what it is of."""

    rule: str
    record_type: str
    local_id: str | None
    part_id: str | None
    fields: list[str]
    pointer: _Pointer | None
    consequence: Word
    cause: _Cause


class Finding(Place):
    """A finding in the message that was validated."""

    unit: str | None
    line: _Count | None
    detail: _Detail | None


class Stands(Place):
    """A finding that is still open."""

    unit: str
    message_type: str
    since: _Moment
    opened_at: Annotated[int, Meta(ge=0, description="Position of the first message that had it.")]
    seen_at: Annotated[int, Meta(ge=0, description="Position of the last message that had it.")]


class Consequence(_Model):
    """What one of the four consequences did."""

    consequence: Word
    number: Literal[1, 2, 7, 9]
    does: Text
    findings: _Count
    touches: Annotated[int, Meta(ge=0, description="How many it takes or empties.")]
    counts: Literal["records", "fields"]


class CauseCounted(_Model):
    """How many findings one of the three must act on."""

    cause: _Cause
    who: Text
    findings: _Count


class Verdict(_Model):
    """All that is wrong with a message, and what would follow."""

    delivered: _Undelivered
    errors: list[Error]
    outcome: Literal["accepted", "accepted_with_loss", "rejected"]
    fits_schema: bool
    message_type: str
    version: str
    units: list[str]
    rule_set: str
    judged_on: _Day
    production: bool
    totals: Totals
    consequences: list[Consequence]
    causes: list[CauseCounted]
    rules: list[RuleCounted]
    findings: list[Finding]


class Received(_Model):
    """A message that was accepted."""

    correlation_id: _Uuid
    position: Annotated[int, Meta(ge=0, description="Rises by acceptance, over all units, without holes.")]
    message_type: str
    version: str
    received_at: _Moment


class LastReceived(Received):
    """The last message of a type, how many there were, and how many of their findings are open."""

    messages: _Count
    standing: _Count


class SetAside(Received):
    """An accepted message that could not be validated."""

    code: str
    set_aside_at: _Moment


class LaterVerdict(_Model):
    """What the message was found to be when it was validated again, by other rules or another pack."""

    at: _Moment
    rules: Annotated[str, Meta(description="The version of the rules.")]
    opened: Annotated[int, Meta(ge=0, description="Findings that came.")]
    closed: Annotated[int, Meta(ge=0, description="Findings that went.")]


class Judging(_Model):
    """Whether an accepted message is validated, and its later verdict when there is one."""

    state: Literal["waiting", "judged", "set_aside"]
    code: str | None
    standing: _Standing | None
    later: LaterVerdict | None


class Receipt(Received):
    """The receipt of one accepted message."""

    unit: str
    organisation: str
    municipality: str
    district: str | None
    extracted_on: _Day
    msg_hash: Annotated[str, Meta(description="SHA-256 of the plaintext, base64url.")]
    software: str
    last_of_unit: bool
    resent: Annotated[int, Meta(ge=0, description="How often the same message came again and was given this receipt.")]
    resent_last_at: _Moment | None
    judging: Judging


class Unit(_Model):
    """A reporting unit, and what was received from it last."""

    unit: str
    organisation: str
    municipality: str
    district: str | None
    received: list[LastReceived]


class FollowUp(_Model):
    """What the registry waits for a unit to do: an open case of its controller."""

    number: _Count
    unit: str
    cause: Annotated[str, Meta(description="What the case is about, as one word.")]
    since: _Day
    deadline: Annotated[
        str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Until when an answer is expected.")
    ]
    says: Text
    remedy: Text


class Outstanding(_Model):
    """What was received last from an organisation's units, what is still wrong, and what the registry waits for."""

    organisation: str
    standing: Annotated[int, Meta(ge=0, description="Open findings, over all pages.")]
    waiting: Annotated[int, Meta(ge=0, description="Accepted messages that are not validated yet.")]
    units: list[Unit]
    set_aside: list[SetAside]
    rules: list[Rule]
    findings: list[Stands]
    follow_ups: Annotated[list[FollowUp], Meta(description="Null when the registry gives no answer.")] | None
    next: Annotated[str, Meta(description="Give it as `after` for the next page; null when this is the last.")] | None


class InventoryRecords(_Model):
    """Records of one type, in key order: the nth hash is the nth record's."""

    record_type: str
    local_ids: list[str]
    hashes: list[_Hash]


class InventoryDigest(_Model):
    """All records of one type: SHA-256 over the lines of id, blank and hash, sorted by id."""

    record_type: str
    records: _Count
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Inventory(_Model):
    """What the registry holds of a unit."""

    unit: str
    organisation: str
    municipality: str
    district: str | None
    salt: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="Keys the hashes of this listing.")] | None
    position: Annotated[int, Meta(ge=0, description="Position of the unit's last accepted message; 0 when none.")]
    pending: Annotated[int, Meta(ge=0, description="Accepted messages of the unit that the registry has not ingested.")]
    held: Annotated[int, Meta(ge=0, description="Of these, those that wait until a person releases the unit.")]
    records: list[InventoryRecords]
    digests: list[InventoryDigest] | None
    next: Annotated[str, Meta(description="Give it as `after` for the next page; null when this is the last.")] | None


class Key(_Model, rename="camel"):
    """A public key."""

    id: _Uuid
    expiration_date: _Moment
    public_key: Annotated[str, Meta(pattern="^-----BEGIN PUBLIC KEY-----")]


class Health(_Model):
    """How the service is."""

    status: str


MODELS = (Answer, Problem, Verdict, Receipt, Outstanding, Inventory, Key, Health)
SHAPES: dict[str, Any] = msgspec.json.schema_components(MODELS, ref_template="#/components/schemas/{name}")[1]
"""The JSON Schema of every model, by name."""
SHAPES["Text"]["description"] = "A sentence in bokmål and in English."
