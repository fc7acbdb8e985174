"""A unit's binding to its registry: checked before each run, and renewed when a person or the registry itself says so."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.binding.errors import BoundElsewhere, StoreForeign, StoreLost, StoreMoved, StoreOlder, WitnessGone
from ktt.sender.binding.facts import Difference, Facts, differences, told
from ktt.sender.binding.questions import registry_last
from ktt.sender.binding.store import Act, Binding, BindingStore
from ktt.sender.binding.witness import Witness, WitnessFile
from ktt.sender.client.lookups import Receiver

OURSELVES = "ktt"
"""Who binds when no person does."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How store, settings and witness stand to each other. Without a binding and a problem, a first run may bind."""

    binding: Binding | None
    witness: Witness | None
    differences: list[Difference]
    problem: KttError | None


class StoreBinding:
    """One unit's binding in a store, for settings with these facts."""

    def __init__(
        self,
        unit: ReportingUnit,
        *,
        store: BindingStore,
        facts: Facts,
        witness: WitnessFile,
        receiver: Receiver,
        clock: Clock,
        named_by_a_change: bool = False,
    ) -> None:
        """`named_by_a_change`: a change of units says that this one comes after another of the same store."""
        self.unit, self.store, self.facts, self.witness, self.receiver = unit, store, facts, witness, receiver
        self._clock, self._named = clock, named_by_a_change
        self._written: tuple[str, int] | None = None

    def check(self, *, mending: bool = False) -> bool:
        """Raise when the store may not be used with the settings; nothing is asked over the network.

        A store that is bound to nothing is bound now, and the answer is True. `mending` is for a caller that will make
        the expected state what the registry says, and then calls `renew`: it only demands the same environment and unit.
        """
        standing = self.standing()
        if mending:
            grave = [one for one in standing.differences if one.name in {"environment", "unit"}]
            if grave:
                raise BoundElsewhere(differences=told(grave))
            return False
        if standing.problem is None:
            return self._bind_if_needed(standing)
        if not self._was_never_used(standing):
            raise standing.problem
        self.bind("unused", OURSELVES, "", store=_of(standing))
        return True

    def refusal(self) -> KttError | None:
        """What `check` would raise; nothing is bound."""
        standing = self.standing()
        return None if standing.problem is None or self._was_never_used(standing) else standing.problem

    def standing(self) -> Standing:
        """How things stand, without changing or raising anything but a witness that cannot be read."""
        history, witness = self.store.history(self.unit), self.witness.read()
        binding = history[-1] if history else None
        found = differences(binding.facts, self.facts) if binding else self._other_units()
        problem: KttError | None = BoundElsewhere(differences=told(found)) if found else None
        return Standing(binding, witness, found, problem or self._against(binding, witness))

    def mark(self) -> str | None:
        """The correlation id of what the registry received last of the unit, as far as the store knows; None for nothing."""
        history, last = self.store.history(self.unit), self.store.last_receipt(self.unit)
        newest = history[-1] if history else None
        if last is not None and (newest is None or last.sequence > newest.after_sequence):
            return last.correlation_id
        return newest.mark if newest else None

    def witness_now(self) -> None:
        """Write down how far the store has come; called after messages may have been accepted."""
        history, last = self.store.history(self.unit), self.store.last_receipt(self.unit)
        if history:
            self._witness(history[-1].store, last.sequence if last else 0, last.hash if last else "")

    def renew(self, by: str, reason: str) -> None:
        """The expected state was made what the registry has: bind the store to the settings, with a new witness.

        To be called after `check(mending=True)`, under the queue's lock, when the registry's own list and what was sent
        since agree.
        """
        last, ours = registry_last(self.receiver, self.unit), self.store.last_receipt(self.unit)
        if last is not None and ours is not None and last.correlation_id == ours.correlation_id:
            self.bind("mended", by, reason)
        else:
            after, mark = ours.sequence if ours else 0, last.correlation_id if last else None
            self.bind("mended", by, reason, after_sequence=after, mark=mark)

    def bind(
        self,
        act: Act,
        by: str,
        reason: str,
        *,
        store: str | None = None,
        after_sequence: int = 0,
        mark: str | None = None,
    ) -> Binding:
        """Bind the store to the settings, keeping its name unless another is given, and write the witness."""
        history = self.store.history(self.unit)
        name = store or (history[-1].store if history else secrets.token_hex(16))
        made = Binding(name, self.facts, act, by, reason, self._clock.now(), after_sequence, mark)
        self.store.add(made)
        self.witness_now()
        return made

    def bind_anew(self, by: str, reason: str, earlier: Iterable[Binding]) -> Binding:
        """Bind a store with nothing of the unit in it, under a name of its own, beside the bindings of the one before."""
        for binding in earlier:
            self.store.add(binding)
        return self.bind("anew", by, reason, store=secrets.token_hex(16))

    def _bind_if_needed(self, standing: Standing) -> bool:
        if standing.binding is None:
            self.bind("adopted" if self.store.is_used(self.unit) else "first", OURSELVES, "")
        elif standing.witness is None:
            self.witness_now()
        return standing.binding is None

    def _was_never_used(self, standing: Standing) -> bool:
        """Whether other settings harm nothing: no message of the unit was accepted or may have been.

        What waits for one environment must not be sent to another.
        """
        waiting, uncertain = self.store.undelivered(self.unit)
        names = {one.name for one in standing.differences}
        settings_alone = names and standing.binding is not None and self._against(standing.binding, None) is None
        kept_apart = "environment" not in names or waiting == 0
        unseen = standing.witness is None or standing.witness.sequence == 0
        return bool(settings_alone) and unseen and kept_apart and not uncertain

    def _other_units(self) -> list[Difference]:
        """A store of other units alone is not this one's; a unit that has a queue in it from before is one of its own."""
        others = self.store.others(self.unit)
        if not others or self._named or self.store.is_used(self.unit):
            return []
        return [Difference("unit", ", ".join(one.facts.unit for one in others), self.unit.key)]

    def _against(self, binding: Binding | None, witness: Witness | None) -> KttError | None:
        """What the witness says against the store."""
        last, unit, path = self.store.last_receipt(self.unit), self.unit.key, self.witness.path
        if witness is None:
            return WitnessGone(path=path) if binding is not None and last is not None else None
        if binding is None:
            return StoreLost(unit=unit, path=path, seen=witness.sequence) if witness.sequence else None
        if (witness.sequence or last) and witness.place != self.witness.place:
            return StoreMoved(place=witness.place, now=self.witness.place)
        if witness.store != binding.store:
            return StoreForeign(unit=unit, path=path) if witness.sequence or last else None
        if witness.sequence > (last.sequence if last else 0):
            return StoreOlder(unit=unit, has=last.sequence if last else 0, seen=witness.sequence)
        same = not witness.sequence or self.store.receipt_hash(self.unit, witness.sequence) == witness.hash
        return None if same else StoreForeign(unit=unit, path=path)

    def _witness(self, store: str, sequence: int, receipt_hash: str) -> None:
        if self._written != (store, sequence):
            self.witness.write(store, sequence, receipt_hash)
            self._written = (store, sequence)


def _of(standing: Standing) -> str | None:
    return standing.binding.store if standing.binding else None
