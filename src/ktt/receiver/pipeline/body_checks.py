"""Steps 11 to 19 of transport § 9: the body is opened, judged and stored. The table in `checks` says in which order."""

from __future__ import annotations

import hashlib
import logging

from ktt.receiver.http.refusal import refuse
from ktt.receiver.pipeline import content_checks, person_kinds
from ktt.receiver.pipeline.steps import Room, caller_of, closed, not_for_this_organisation
from ktt.receiver.pipeline.submission import Submission
from ktt.receiver.store import replay
from ktt.receiver.store.acceptance import NewMessage
from ktt.receiver.store.compression import pack
from ktt.receiver.store.inbox import sealing_context
from ktt.wire import headers
from ktt.wire.answers import AnswerCode
from ktt.wire.envelope import Fault, decode_body, open_sealed

_log = logging.getLogger(__name__)


def take_body(submission: Submission, room: Room) -> None:
    """The body is base64 of whole blocks."""
    raw = decode_body(submission.body)
    submission.body = b""  # 15 MB that nobody needs any more
    submission.body_hash = b"" if raw is None else hashlib.sha256(raw).digest()
    if raw is None:
        raise closed(submission, room, Fault.CIPHERTEXT)
    submission.raw = raw


async def record_wrapped_key(submission: Submission, room: Room) -> None:
    """The ledger closes the padding oracle for every message that was ever delivered (transport § 14.2 point 3)."""
    use = replay.WrappedKeyUse(
        digest=hashlib.sha256(submission.wrapped).digest(),
        jkt=submission.jkt,
        msg_hash=submission.envelope.msg_hash,
        body_hash=submission.body_hash,
        key_id=submission.key.public.id,
    )
    if not (await room.book.remember(use)).first:
        _log.critical("ALARM wrapped key of another submission: %s", _facts(submission))
        raise closed(submission, room, Fault.CIPHERTEXT)


def open_envelope(submission: Submission, room: Room) -> None:
    """Steps 13 to 15 are one: whatever fails, all of it runs, and only then is it judged."""
    private = submission.key.private
    if private is None:
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    plain, found = open_sealed(private, submission.wrapped, submission.raw, submission.envelope.msg_hash)
    submission.raw = b""
    if plain is None:
        raise closed(submission, room, found or Fault.PAYLOAD_HASH)
    submission.content = plain


def check_json(submission: Submission, _room: Room) -> None:
    """What must be so before anything is parsed."""
    content_checks.check_array(submission.content)


def check_schema(submission: Submission, room: Room) -> None:
    """2006, 2007 or 2008 unless the content fits its schema."""
    version = room.find(submission.envelope.message_type, submission.envelope.version)
    submission.version, submission.heads = content_checks.check_schema(
        version, submission.content, room.settings.environment
    )


def check_units(submission: Submission, room: Room) -> None:
    """A message may name several units, all of them the caller's; one that names none concerns all that it has."""
    found, submission.heads = submission.heads, []
    strangers = [place for place, head in enumerate(found) if head.unit not in submission.granted]
    if strangers:
        details = [
            content_checks.place(f"/{number}", "The unit is not one that the token may speak for")
            for number in strangers
        ]
        raise not_for_this_organisation("unit in the message", details)
    content_checks.hold(person_kinds.wrong_kind(found, room.settings.environment))
    submission.units = tuple(sorted({head.unit for head in found} or submission.granted))


def seal(submission: Submission, room: Room) -> None:
    """Nothing is stored that the vault has not sealed."""
    submission.sealed = room.vault.seal(pack(submission.content), sealing_context(submission.correlation_id))
    submission.content = b""


async def store(submission: Submission, room: Room) -> None:
    """Durable, once; the receipt is the answer."""
    caller, envelope = caller_of(submission), submission.envelope
    message = NewMessage(
        correlation_id=submission.correlation_id,
        units=tuple(unit.key for unit in submission.units),
        message_type=envelope.message_type,
        version=envelope.version,
        msg_hash=envelope.msg_hash,
        received_at=submission.received_at,
        client_id=caller.client_id,
        supplier=caller.supplier,
        software=submission.software,
        extracted_on=submission.extracted_on,
        payload=submission.sealed,
    )
    receipt = await room.book.accept(message)
    submission.receipt = receipt
    _log.info("accepted at %s%s: %s", receipt.position, " (resent)" if receipt.resent else "", _facts(submission))


def _facts(submission: Submission) -> str:
    """What a log line may say (transport § 15, logging): ids and numbers of organisations, never content."""
    caller, envelope = caller_of(submission), submission.envelope
    return (
        f"correlation={submission.correlation_id} client={caller.client_id} organisation={caller.holder} child={caller.child}"
        f" supplier={caller.supplier} type={envelope.message_type} version={envelope.version} key={envelope.key_id}"
    )
