"""Scenarios for a sender: what is done before it and with it, step by step. A scenario is run once for many cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import ReceiverAddress, SenderHarness
from ktt.testing.conformance.sender.preparation import Preparation, PreparationKind

Action = Callable[[SenderHarness], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done in a scenario."""

    description: Text
    action: Action


@dataclass(frozen=True, slots=True)
class Scenario:
    """The steps, and what the sender must be able to do for them. The name identifies the scenario.

    `address` is how the receiver's address is written in the sender's set-up.
    """

    name: str
    steps: tuple[Step, ...]
    needs: frozenset[Ability] = frozenset()
    address: ReceiverAddress = field(default_factory=ReceiverAddress)


def does(nb: str, en: str, action: Action) -> Step:
    """Any step."""
    return Step(Text(nb, en), action)


def prepares(kind: PreparationKind, count: int = 1) -> Step:
    """The sender gets something to send."""
    preparation = Preparation(kind, count)
    return Step(preparation.describe(), lambda harness: harness.prepare(preparation))


def injects(fault: str, count: int = 1, seconds: float = 0.0) -> Step:
    """The next `count` requests meet a fault of the sandbox."""
    times = Text(f" {count} ganger" if count > 1 else "", f" {count} times" if count > 1 else "")
    description = Text(f"Be om feilen «{fault}»{times.nb}.", f"Ask for the fault `{fault}`{times.en}.")
    return Step(description, lambda harness: harness.inject_fault(fault, count, seconds))


RUNS = does("La avsenderen sende.", "Let the sender send.", lambda harness: harness.run())
RUNS_AGAIN = does(
    "La avsenderen sende igjen, om noe står igjen.",
    "Let the sender send again, if anything is left.",
    lambda harness: harness.run_again(),
)
CLEARS_FAULTS = does("Slå av alle feil.", "Let all go right again.", lambda harness: harness.clear_faults())
