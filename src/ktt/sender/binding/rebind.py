"""A person binds a store to other settings: what is in it follows along only where the registry is shown to be the same."""

from __future__ import annotations

from ktt.sender.binding.binding import Standing, StoreBinding
from ktt.sender.binding.errors import (
    AnotherSender,
    LastReceiptUnknown,
    SameRegistryNotProved,
    StartAnewNeeded,
)
from ktt.sender.binding.facts import Difference, told
from ktt.sender.binding.questions import Known, ask_receipt, registry_last
from ktt.sender.binding.silence import silence
from ktt.sender.binding.store import Binding
from ktt.sender.client.lookups import Unanswered

_GRAVE = frozenset({"environment", "unit"})
"""What nothing follows along to: persons of one environment, or of one unit, are not another's."""


def rebind(binding: StoreBinding, by: str, reason: str, *, same_registry: bool = False) -> Binding:
    """Bind the store to the settings with what is in it, under the queue's lock; a KttError says why it cannot be.

    The receiver is asked for the last receipt. Where it has no lookups, `same_registry` is the person's word for it;
    against what a receiver does answer it counts for nothing.
    """
    standing, used = binding.standing(), binding.store.is_used(binding.unit)
    grave = _grave(binding, standing, used=used)
    if grave:
        raise StartAnewNeeded(differences=told(grave))
    if not used:
        if standing.problem is not None and not standing.differences:
            raise standing.problem  # the store is lost: an empty one is not what was in it
    else:
        _prove(binding, same_registry=same_registry)
    return binding.bind("bound", by, reason)


def _grave(binding: StoreBinding, standing: Standing, *, used: bool) -> list[Difference]:
    """Another environment or unit, for a unit that has something in the store; all units of a store share one environment."""
    mine = [one for one in standing.differences if used and one.name in _GRAVE]
    elsewhere = {one.facts.environment for one in binding.store.others(binding.unit)} - {binding.facts.environment}
    return mine or [Difference("environment", name, binding.facts.environment) for name in sorted(elsewhere)]


def _prove(binding: StoreBinding, *, same_registry: bool) -> None:
    last = binding.store.last_receipt(binding.unit)
    known: Known | Unanswered = "not_offered"
    if last is not None:
        known = ask_receipt(binding.receiver, last.correlation_id)
    if known == "last":
        return
    if known == "not_offered":
        if not same_registry:
            raise SameRegistryNotProved
        return
    facts = {"unit": binding.unit.key, "receipt": last.correlation_id if last else ""}
    if known == "unknown":
        raise LastReceiptUnknown(**facts)
    if known == "not_last":
        _allow_uncertain(binding)
        return
    raise silence(known, binding.unit)


def _allow_uncertain(binding: StoreBinding) -> None:
    """A message of our own whose answer was lost may be what came after our last receipt."""
    _, uncertain = binding.store.undelivered(binding.unit)
    if not uncertain:
        last = registry_last(binding.receiver, binding.unit)
        raise AnotherSender(unit=binding.unit.key, when=last.at if last else "?")
