"""The expected answer of a step, as data that can be checked and described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ktt.core.text import Text
from ktt.testing.conformance.receiver import response_form
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.wire import headers
from ktt.wire.answers import Answer, parse_answer

Check = Callable[[ReceiverHarness, RawResponse], list[Text]]


@dataclass(frozen=True, slots=True)
class Expectation:
    """An answer with one of these statuses and one of these codes among its errors, which passes the checks.

    `exact` is the one code that a receiver in test mode gives. `receipt` names a correlation id: the first one of that
    name is remembered and later ones must be the same; it must differ from those named in `unlike`. `check_texts`
    describe the checks. `readable` says that FHI's client must be able to read the answer.
    """

    statuses: frozenset[int | None]
    codes: frozenset[int] = frozenset()
    exact: int | None = None
    receipt: str = ""
    unlike: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    check_texts: tuple[Text, ...] = field(default=())
    readable: bool = True

    @property
    def delivered(self) -> bool:
        """Whether the message must have been stored."""
        return self.statuses <= {200, 201}

    def describe(self) -> Text:
        """The expectation in words."""
        codes = "/".join(str(code) for code in sorted(self.codes))
        parts = [_describe_status(self.statuses)]
        parts += [Text(f"kode {codes}", f"code {codes}")] if codes else []
        parts += [Text("«delivered» er sann", "`delivered` is true")] if self.delivered else []
        parts += [Text("samme kvittering", "the same receipt")] if self.receipt and not self.unlike else []
        parts += [Text("en ny kvittering", "a new receipt")] if self.unlike else []
        parts += self.check_texts
        return Text("; ".join(part.nb for part in parts), "; ".join(part.en for part in parts))

    def check(self, harness: ReceiverHarness, response: RawResponse) -> list[Text]:
        """In what the answer differs from the expected one; empty when it does not."""
        found = response_form.deviations(response) if self.readable else []
        answer = parse_answer(response.body)
        found += self._status(response)
        found += self._answer(harness, answer)
        found += self._receipts(harness, response.header(headers.CORRELATION_ID) or "")
        return [*found, *(deviation for check in self.checks for deviation in check(harness, response))]

    def _status(self, response: RawResponse) -> list[Text]:
        if response.status in self.statuses:
            return []
        wanted = _describe_status(self.statuses)
        return [Text(f"Svarte {response.status}, ikke {wanted.nb}.", f"Answered {response.status}, not {wanted.en}.")]

    def _answer(self, harness: ReceiverHarness, answer: Answer | None) -> list[Text]:
        if answer is None:
            return []
        wanted = {self.exact} if self.exact and harness.target.test_mode else self.codes
        given = sorted({int(error.kind) for error in answer.errors if error.kind})
        found = []
        if wanted and wanted.isdisjoint(given):
            found.append(
                Text(f"Kodene var {given}, ikke {sorted(wanted)}.", f"Codes were {given}, not {sorted(wanted)}.")
            )
        if answer.delivered is not self.delivered:
            found.append(Text(f"«delivered» var {answer.delivered}.", f"`delivered` was {answer.delivered}."))
        return found

    def _receipts(self, harness: ReceiverHarness, given: str) -> list[Text]:
        found = []
        if self.receipt and harness.remembered("receipt", self.receipt, lambda: given) != given:
            found.append(Text("Kvitteringen var en annen.", "The receipt was another."))
        if any(harness.remembered("receipt", name, str) == given for name in self.unlike):
            found.append(Text("Kvitteringen var den samme.", "The receipt was the same."))
        return found

    def also(self, nb: str, en: str, *checks: Check) -> Expectation:
        """The same expectation with further checks."""
        return replace(self, checks=(*self.checks, *checks), check_texts=(*self.check_texts, Text(nb, en)))


def _describe_status(statuses: frozenset[int | None]) -> Text:
    numbers = "/".join(str(status) for status in sorted(filter(None, statuses)))
    return (
        Text(f"HTTP {numbers}", f"HTTP {numbers}") if numbers else Text("ikke noe fullstendig svar", "no whole answer")
    )


NO_ANSWER = Expectation(frozenset({None}), readable=False)
DELIVERED = Expectation(frozenset({200, 201}))
UNAUTHORISED = Expectation(frozenset({401}))
FORBIDDEN = Expectation(frozenset({401, 403}))


def code(*codes: int, statuses: frozenset[int | None] = frozenset({400})) -> Expectation:
    """Refused with one of the codes; 400 unless another status is named (FHI README)."""
    return Expectation(statuses, frozenset(codes))


def envelope(exact: int) -> Expectation:
    """The envelope does not open: 1006, 1008 or 1009, which only test mode distinguishes (transport § 14.2)."""
    return replace(code(1006, 1008, 1009), exact=exact)


def status(*statuses: int) -> Expectation:
    """Refused with one of the statuses; the code does not matter."""
    return Expectation(frozenset(statuses))


def receipt(name: str, *unlike: str) -> Expectation:
    """Delivered, with the receipt of that name: a new one, or the same as before."""
    return replace(DELIVERED, receipt=name, unlike=frozenset(unlike))
