"""Steps 11 to 19 of transport § 9: the body is opened, checked and stored. `submission_checks` says in which order."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

from ktt.messages.version import MessageVersion, UnitSummary
from ktt.receiver.http.refusal import refuse
from ktt.receiver.pipeline import content_checks, person_kinds
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import Admitted, Buffer, Checked, Encrypted, Opened, Sealed
from ktt.receiver.pipeline.steps import refuse_envelope, refuse_organisation, refuse_replay
from ktt.receiver.store.acceptance import NewMessage, Receipt
from ktt.receiver.store.compression import compress
from ktt.receiver.store.content_hash import seal_hash
from ktt.receiver.store.inbox import sealing_context
from ktt.receiver.store.replay_protection import WrappedKeyUse
from ktt.wire import headers
from ktt.wire.answers import AnswerCode
from ktt.wire.envelope import Fault, open_sealed
from ktt.wire.envelope import decode_body as decode_base64

_log = logging.getLogger(__name__)


def decode_body(admitted: Admitted, body: Buffer, services: Services) -> Encrypted:
    """The body is base64 of whole blocks."""
    ciphertext = decode_base64(body.take())
    if ciphertext is None:
        raise refuse_envelope(admitted.request, services, Fault.CIPHERTEXT)
    return Encrypted(admitted, Buffer(ciphertext), hashlib.sha256(ciphertext).digest())


async def record_wrapped_key(encrypted: Encrypted, services: Services) -> None:
    """A wrapped key is good for one submission, which closes the padding oracle for all that was ever delivered.

    See transport § 14.2 point 3. The same submission may come again with a new proof, but not with one whose use may be
    forgotten.
    """
    admitted = encrypted.admitted
    use = WrappedKeyUse(
        digest=hashlib.sha256(admitted.wrapped_key).digest(),
        jkt=admitted.request.jkt,
        msg_hash=seal_hash(services.vault, admitted.claims.msg_hash),
        body_hash=encrypted.body_hash,
        key_id=admitted.receiver_key.public.id,
    )
    recorded = await services.store.record_use(use)
    if not recorded.first:
        _log.critical("ALARM wrapped key of another submission: %s", _loggable(admitted))
        raise refuse_envelope(admitted.request, services, Fault.CIPHERTEXT)
    if not recorded.unseen and not admitted.request.unseen:
        raise refuse_replay()


def open_envelope(encrypted: Encrypted, services: Services) -> Opened:
    """Steps 13 to 15 are one: whatever fails, all of it runs, and only then is the outcome looked at."""
    admitted = encrypted.admitted
    private = admitted.receiver_key.private
    if private is None:
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    ciphertext = bytes(encrypted.ciphertext.take())
    content, found = open_sealed(private, admitted.wrapped_key, ciphertext, admitted.claims.msg_hash)
    if content is None:
        raise refuse_envelope(admitted.request, services, found or Fault.PAYLOAD_HASH)
    return Opened(admitted, content)


def check_json(opened: Opened, services: Services) -> None:
    """What must hold before anything is parsed."""
    content_checks.check_beginning(_version(opened, services), opened.content)


def check_quickly(opened: Opened, services: Services) -> list[UnitSummary] | None:
    """The units that the content is about, when one fast pass is enough to know that it fits its schema."""
    return content_checks.check_quickly(_version(opened, services), opened.content, services.settings.environment)


def check_schema(opened: Opened, services: Services) -> list[UnitSummary]:
    """2006, 2007 or 2008 unless the content fits its schema; the units it is about."""
    version = _version(opened, services)
    summaries = content_checks.check_schema(version, opened.content)
    if version is not None and not version.is_mapped and services.settings.environment != "production":
        content_checks.check_no_real_person(opened.content)
    return summaries


def _version(opened: Opened, services: Services) -> MessageVersion | None:
    claims = opened.admitted.claims
    return services.find(claims.message_type, claims.version)


def check_units(opened: Opened, summaries: Sequence[UnitSummary], services: Services) -> Checked:
    """A message may name several units, all of them the caller's; one that names none concerns all that it has."""
    granted = opened.admitted.granted
    foreign = [index for index, summary in enumerate(summaries) if summary.unit not in granted]
    if foreign:
        says = "The unit is not one that the token may speak for"
        details = [content_checks.schema_error_detail(f"/{index}", says) for index in foreign]
        raise refuse_organisation("unit in the message", details)
    content_checks.refuse_faults(person_kinds.wrong_person_kinds(summaries, services.settings.environment))
    return Checked(opened, tuple(sorted({summary.unit for summary in summaries} or granted)))


def seal(checked: Checked, services: Services) -> Sealed:
    """Nothing is stored that the vault has not sealed."""
    admitted = checked.opened.admitted
    context = sealing_context(admitted.request.received.correlation_id)
    return Sealed(admitted, checked.units, services.vault.seal(compress(checked.opened.content), context))


async def store(sealed: Sealed, services: Services) -> Receipt:
    """Durable, once; the receipt is the answer."""
    admitted = sealed.admitted
    received, caller, claims = admitted.request.received, admitted.request.caller, admitted.claims
    message = NewMessage(
        correlation_id=received.correlation_id,
        units=tuple(unit.key for unit in sealed.units),
        message_type=claims.message_type,
        version=claims.version,
        msg_hash=seal_hash(services.vault, claims.msg_hash),
        received_at=received.received_at,
        client_id=caller.client_id,
        supplier=caller.supplier,
        software=admitted.export.software,
        extracted_on=admitted.export.extracted_on,
        payload=sealed.payload,
    )
    receipt = await services.store.accept(message)
    _log.info("accepted at %s%s: %s", receipt.position, " (resent)" if receipt.resent else "", _loggable(admitted))
    return receipt


def _loggable(admitted: Admitted) -> str:
    """What a log line may say (transport § 15, logging): ids and numbers of organisations, never content."""
    caller, claims = admitted.request.caller, admitted.claims
    correlation = admitted.request.received.correlation_id
    return (
        f"correlation={correlation} client={caller.client_id} organisation={caller.holder} child={caller.child}"
        f" supplier={caller.supplier} type={claims.message_type} version={claims.version} key={claims.key_id}"
    )
