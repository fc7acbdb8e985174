"""The examples of the OpenAPI document, each made of the model that the real answer is made of."""

from __future__ import annotations

from typing import Any

import msgspec

from ktt.core.text import Text
from ktt.receiver.api import answer_models as models
from ktt.receiver.api import problems
from ktt.receiver.api.problem_texts import TEXTS
from ktt.receiver.api.queries import CONSEQUENCE_NAMES
from ktt.receiver.http.refusal import Refusal
from ktt.rules import rule as rules
from ktt.wire.answers import AnswerCode, AnswerError, answer

_ID = "0b1f6c1e-5d0f-4f6a-9a3e-6f1f0c9c2a11"
_UNIT: dict[str, Any] = {
    "unit": "312000008-1114",
    "organisation": "312000008",
    "municipality": "1114",
    "district": None,
}
_MOMENT = "2026-03-02T06:00:00+00:00"
_DAY = "2026-03-02"
_RECEIVED: dict[str, Any] = {
    "correlation_id": _ID,
    "position": 17,
    "message_type": "KTT_Vedtak",
    "version": "1",
    "received_at": _MOMENT,
}
_RULE: dict[str, Any] = {
    "rule": "KTT-OMFANG-1",
    "consequence": "note",
    "does": rules.Consequence.NOTE.text,
    "cause": rules.Cause.REGISTRATION.value,
    "who": rules.Cause.REGISTRATION.text,
    "says": Text(nb="Omfanget er over 168 timer per uke.", en="The extent is over 168 hours a week."),
    "remedy": Text(nb="Rett vedtakstimene i EPJ.", en="Correct the decided hours in the EPJ."),
}
_PLACE: dict[str, Any] = {
    "rule": "KTT-OMFANG-1",
    "unit": _UNIT["unit"],
    "record_type": "decision_line",
    "local_id": "V-1",
    "part_id": "T-1",
    "fields": ["hours_per_week"],
    "pointer": "/0/vedtak/0/tjenester/0/timerUke",
    "consequence": "note",
    "cause": rules.Cause.REGISTRATION.value,
}


def _consequence_shown(one: rules.Consequence) -> models.Consequence:
    return models.Consequence(
        consequence=CONSEQUENCE_NAMES[one],
        number=one.value,
        does=one.text,
        findings=int(one is rules.Consequence.NOTE),
        touches=0,
        counts="fields" if one is rules.Consequence.CLEAR_FIELD else "records",
    )


def _verdict_shown() -> models.Verdict:
    counts = dict.fromkeys(models.Totals.__struct_fields__, 0) | {
        "read": 1,
        "kept": 1,
        "judged": 1,
        "noted": 1,
        "findings": 1,
    }
    return models.Verdict(
        delivered=False,
        errors=[],
        outcome="accepted",
        fits_schema=True,
        message_type="KTT_Vedtak",
        version="1",
        units=[_UNIT["unit"]],
        rule_set="2026.1",
        judged_on=_DAY,
        production=False,
        totals=models.Totals(**counts),
        consequences=[_consequence_shown(one) for one in rules.Consequence],
        causes=[models.CauseCounted(cause="registration", who=_RULE["who"], findings=1)],
        rules=[models.RuleCounted(**_RULE, count=1, shown=1)],
        findings=[models.Finding(**_PLACE, line=1, detail=None)],
    )


def _receipt_shown() -> models.Receipt:
    return models.Receipt(
        **_RECEIVED,
        **_UNIT,
        extracted_on=_DAY,
        msg_hash="T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU",
        software="Prove AS | ProveEPJ | 1.0 | 2.0",
        last_of_unit=True,
        resent=0,
        resent_last_at=None,
        judging=models.Judging(state="judged", code=None, standing=1, later=None),
    )


def _outstanding_shown() -> models.Outstanding:
    return models.Outstanding(
        organisation="312000008",
        standing=1,
        waiting=0,
        units=[models.Unit(**_UNIT, received=[models.LastReceived(**_RECEIVED, messages=3, standing=1)])],
        set_aside=[],
        rules=[models.Rule(**_RULE)],
        findings=[models.Stands(**_PLACE, message_type="KTT_Vedtak", since=_MOMENT, opened_at=17, seen_at=17)],
        follow_ups=[_follow_up_shown()],
        next=None,
    )


def _follow_up_shown() -> models.FollowUp:
    return models.FollowUp(
        number=12,
        unit="312000008-1114",
        cause="missing",
        since="2019-03-01",
        deadline="2026-05-01",
        says=Text(
            nb="108 av 110 måneder siden 2017 er fullstendige; 2019-03 er den første som ikke er det.",
            en="108 of 110 months since 2017 are complete; 2019-03 is the first that is not.",
        ),
        remedy=Text(nb="Kjør «ktt reconcile --mend».", en="Run `ktt reconcile --mend`."),
    )


def _inventory_shown() -> models.Inventory:
    hashes = ["5436e2938187cebab38bfefae2379ce1", "1789fc2e5ac9b4968116defcc7c98751"]
    return models.Inventory(
        **_UNIT,
        salt="8f" * 32,
        position=17,
        pending=0,
        held=0,
        records=[models.InventoryRecords(record_type="decision", local_ids=["V-1", "V-2"], hashes=hashes)],
        digests=None,
        next=None,
    )


_SHOWN = (
    models.Answer(delivered=True, errors=[]),
    _verdict_shown(),
    _receipt_shown(),
    _outstanding_shown(),
    _inventory_shown(),
    models.Health(status="live"),
)
EXAMPLES: dict[str, Any] = {type(one).__name__: msgspec.to_builtins(one) for one in _SHOWN}
"""One example of each model that is an answer, all about synthetic units."""


def ref(name: str) -> dict[str, str]:
    """Where one of the shapes is."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(**more: Any) -> dict[str, Any]:
    """The shape of a string."""
    return {"type": "string", **more}


def refusal_shown(name: str) -> bytes:
    """What a refusal by that name looks like in FHI's shape."""
    return answer(delivered=False, errors=[_error(name)])


def problem_shown(status: int, name: str) -> bytes:
    """The same as a problem."""
    return problems.problem(Refusal(status, _error(name)), _ID)


def _error(name: str) -> AnswerError:
    code = AnswerCode.from_label(name)
    return AnswerError(None if code is None else int(code), name, TEXTS[name][0].en)
