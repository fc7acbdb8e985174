"""The questions of a run: before it sends, whether the registry is ours; when it sent nothing, whether it is there at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from ktt.core.errors import KttError
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.binding.binding import StoreBinding
from ktt.sender.binding.errors import AnotherSender, LastReceiptUnknown
from ktt.sender.binding.questions import Known, ask_receipt, registry_last
from ktt.sender.binding.silence import silence
from ktt.sender.client.lookups import Unanswered
from ktt.sender.outbox.dispatch import SendOptions

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked and answered. `receipt`: about the last that the registry had of the unit, "none" when it has nothing.

    `keys_and_token` is only asked when nothing was sent, and None otherwise.
    """

    receipt: Known | Literal["none", "unanswered"]
    keys_and_token: bool | None = None


def ask_before_sending(binding: StoreBinding) -> tuple[Asked, KttError | None]:
    """Whether the registry knows what was accepted last, and has nothing later of the unit. The queue must be empty.

    An answer that does not come is no reason not to send: sending will tell.
    """
    mark = binding.mark()
    answer = "none" if mark is None else ask_receipt(binding.receiver, mark)
    return _judged(binding, mark or "", answer)


def ask_when_nothing_was_sent(
    binding: StoreBinding, asked: Asked, options: SendOptions
) -> tuple[Asked, KttError | None]:
    """Whether a message could have been sent, as patiently as one would be; and what was not answered before, again."""
    absent = _patiently(binding.receiver.reach, options)
    if absent is not None:
        return replace(asked, keys_and_token=False), silence(absent, binding.unit)
    mark, fault = binding.mark(), None
    if asked.receipt == "unanswered" and mark is not None:
        answer = _patiently(lambda: ask_receipt(binding.receiver, mark), options)
        asked, fault = _judged(binding, mark, answer)
        if isinstance(answer, Refused | NotSent | Unknown):
            fault = silence(answer, binding.unit)
    return replace(asked, keys_and_token=True), fault


def _judged(
    binding: StoreBinding, mark: str, answer: Known | Literal["none"] | Unanswered
) -> tuple[Asked, KttError | None]:
    if isinstance(answer, Refused | NotSent | Unknown):
        return Asked("unanswered"), None
    fault: KttError | None = None
    if answer == "unknown":
        fault = LastReceiptUnknown(unit=binding.unit.key, receipt=mark)
    if answer == "not_last":
        last = registry_last(binding.receiver, binding.unit)
        fault = AnotherSender(unit=binding.unit.key, when=last.at if last else "?")
    return Asked(answer), fault


def _patiently(ask: Callable[[], Answer], options: SendOptions) -> Answer:
    """Ask as often as a message would be tried."""
    attempts = 0
    while True:
        answer, attempts = ask(), attempts + 1
        delay = options.retry.delay(attempts, answer) if isinstance(answer, NotSent | Unknown) else None
        if delay is None:
            return answer
        options.sleep(delay)
