"""What must come of a step, as data that can both judge and say itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ktt.core.text import Text
from ktt.testing.conformance.receiver import answer_form
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import Heard
from ktt.wire import headers
from ktt.wire.answers import Answer, parse_answer

Check = Callable[[Bench, Heard], list[Text]]


@dataclass(frozen=True, slots=True)
class Expect:
    """An answer: any of these statuses, any of these codes among its errors, and what else the case asks.

    `exact` is the one code that a receiver in test mode gives. `receipt` names a correlation id: the first with the
    name is remembered and the next must be the same; those in `unlike` must be others.
    """

    statuses: frozenset[int | None]
    codes: frozenset[int] = frozenset()
    exact: int | None = None
    receipt: str = ""
    unlike: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    more: tuple[Text, ...] = field(default=())  # how `checks` say themselves
    readable: bool = True  # by FHI's client

    @property
    def delivered(self) -> bool:
        """Whether the message must have been stored."""
        return self.statuses <= {200, 201}

    def says(self) -> Text:
        """The expectation in words."""
        codes = "/".join(str(code) for code in sorted(self.codes))
        parts = [_status_says(self.statuses)]
        parts += [Text(f"kode {codes}", f"code {codes}")] if codes else []
        parts += [Text("«delivered» er sann", "`delivered` is true")] if self.delivered else []
        parts += [Text("samme kvittering", "the same receipt")] if self.receipt and not self.unlike else []
        parts += [Text("en ny kvittering", "a new receipt")] if self.unlike else []
        parts += self.more
        return Text("; ".join(part.nb for part in parts), "; ".join(part.en for part in parts))

    def judge(self, bench: Bench, heard: Heard) -> list[Text]:
        """Why it does not hold; empty when it does."""
        found = answer_form.faults(heard) if self.readable else []
        answer = parse_answer(heard.body)
        found += self._status(heard)
        found += self._answer(bench, answer)
        found += self._receipts(bench, heard.header(headers.CORRELATION_ID) or "")
        return [*found, *(fault for check in self.checks for fault in check(bench, heard))]

    def _status(self, heard: Heard) -> list[Text]:
        if heard.status in self.statuses:
            return []
        wanted = _status_says(self.statuses)
        return [Text(f"Svarte {heard.status}, ikke {wanted.nb}.", f"Answered {heard.status}, not {wanted.en}.")]

    def _answer(self, bench: Bench, answer: Answer | None) -> list[Text]:
        if answer is None:
            return []
        wanted = {self.exact} if self.exact and bench.target.test_mode else self.codes
        given = sorted({int(error.kind) for error in answer.errors if error.kind})
        found = []
        if wanted and wanted.isdisjoint(given):
            found.append(
                Text(f"Kodene var {given}, ikke {sorted(wanted)}.", f"Codes were {given}, not {sorted(wanted)}.")
            )
        if answer.delivered is not self.delivered:
            found.append(Text(f"«delivered» var {answer.delivered}.", f"`delivered` was {answer.delivered}."))
        return found

    def _receipts(self, bench: Bench, given: str) -> list[Text]:
        found = []
        if self.receipt and bench.kept("receipt", self.receipt, lambda: given) != given:
            found.append(Text("Kvitteringen var en annen.", "The receipt was another."))
        if any(bench.kept("receipt", name, str) == given for name in self.unlike):
            found.append(Text("Kvitteringen var den samme.", "The receipt was the same."))
        return found

    def also(self, nb: str, en: str, *checks: Check) -> Expect:
        """The same, with more that must hold."""
        return replace(self, checks=(*self.checks, *checks), more=(*self.more, Text(nb, en)))


def _status_says(statuses: frozenset[int | None]) -> Text:
    numbers = "/".join(str(status) for status in sorted(filter(None, statuses)))
    return Text(f"HTTP {numbers}", f"HTTP {numbers}") if numbers else Text("ikke noe helt svar", "no whole answer")


NO_ANSWER = Expect(frozenset({None}), readable=False)
DELIVERED = Expect(frozenset({200, 201}))
UNAUTHORISED = Expect(frozenset({401}))
FORBIDDEN = Expect(frozenset({401, 403}))


def code(*codes: int, statuses: frozenset[int | None] = frozenset({400})) -> Expect:
    """Refused with one of the codes; 400 unless another status is named (FHI README)."""
    return Expect(statuses, frozenset(codes))


def envelope(exact: int) -> Expect:
    """The envelope does not open: 1006, 1008 or 1009, told apart in test mode only (transport § 14.2)."""
    return replace(code(1006, 1008, 1009), exact=exact)


def status(*statuses: int) -> Expect:
    """Refused with one of the statuses; the code does not matter."""
    return Expect(frozenset(statuses))


def receipt(name: str, *unlike: str) -> Expect:
    """Delivered, with the receipt of that name: a new one, or the same as before."""
    return replace(DELIVERED, receipt=name, unlike=frozenset(unlike))
