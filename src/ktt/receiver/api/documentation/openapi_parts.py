"""The shapes of the OpenAPI document: what goes in and comes out, as JSON Schema with examples."""

from __future__ import annotations

from typing import Any

from ktt.receiver.api import problems
from ktt.receiver.api.problem_texts import TEXTS
from ktt.wire.answers import AnswerCode, AnswerError, answer

Shape = dict[str, Any]
_ID = "0b1f6c1e-5d0f-4f6a-9a3e-6f1f0c9c2a11"
_UNIT = "312000008-1114"
_MOMENT = "2026-03-02T06:00:00+00:00"


def text(**more: Any) -> Shape:
    """A string."""
    return {"type": "string", **more}


def whole(**more: Any) -> Shape:
    """A count."""
    return {"type": "integer", "minimum": 0, **more}


def maybe(shape: Shape) -> Shape:
    """The same, or null."""
    return {**shape, "type": [shape["type"], "null"]} if "enum" not in shape else {"anyOf": [shape, {"type": "null"}]}


def listed(items: Shape) -> Shape:
    """A list."""
    return {"type": "array", "items": items}


def ref(name: str) -> Shape:
    """One of the shapes below."""
    return {"$ref": f"#/components/schemas/{name}"}


def members(required: dict[str, Shape], **more: Any) -> Shape:
    """An object of which every member is there."""
    return {"type": "object", "required": list(required), "properties": required, **more}


_MOMENT_TEXT = text(format="date-time")
_WORD = text(enum=["reject", "drop", "clear", "note"])
_CAUSE = text(enum=["registration", "extraction", "code mapping"])
_BOTH = members({"nb": text(), "en": text()})
_ERROR = members(
    {
        "errorCode": {"type": ["integer", "null"], "description": "1001–2010, FHI's codes; null where FHI has none."},
        "propertyName": maybe(text()),
        "errorMessage": text(pattern="^Error: "),
        "errorDetails": maybe(text(description="Text that itself holds JSON: places as JSON pointers, never values.")),
    }
)
_ANSWER = members({"delivered": {"type": "boolean"}, "errors": listed(ref("Error"))})
_PROBLEM = members(
    {
        "type": text(format="uri-reference"),
        "title": text(description="Bokmål."),
        "status": whole(),
        "detail": text(description="What to do, in bokmål."),
        "instance": text(description="urn:uuid: and the correlation id."),
        "code": text(),
        "title_en": text(),
        "detail_en": text(),
        "delivered": {"const": False},
        "errors": listed(ref("Error")),
    },
    description="RFC 9457, and at the same time an answer that FHI's client can read.",
)
_RULE = {
    "rule": text(),
    "consequence": _WORD,
    "does": ref("Both"),
    "cause": _CAUSE,
    "who": ref("Both"),
    "says": ref("Both"),
    "remedy": ref("Both"),
}
_RULE_COUNTED = members({**_RULE, "count": whole(), "shown": whole()})
_TOTAL_NAMES = ("read", "held", "excluded", "unjudged", "rejected", "dropped", "kept")
_OTHER_TOTALS = ("judged", "faultless", "cleared", "noted", "deletions", "findings")
_TOTALS = members(
    {name: whole() for name in (*_TOTAL_NAMES, *_OTHER_TOTALS)},
    description="read = held + excluded + unjudged + rejected + dropped + kept, of records.",
)
_PLACE = {
    "rule": text(),
    "unit": maybe(text()),
    "record_type": text(),
    "local_id": maybe(text()),
    "part_id": maybe(text()),
    "fields": listed(text()),
    "pointer": maybe(text(description="JSON pointer into the message.")),
}
_FINDING = members(
    {
        **_PLACE,
        "line": maybe(whole()),
        "detail": maybe(text(description="What the schema asks for; never a value.")),
        "consequence": _WORD,
        "cause": _CAUSE,
    }
)
_CONSEQUENCE = members(
    {
        "consequence": _WORD,
        "number": whole(enum=[1, 2, 7, 9]),
        "does": ref("Both"),
        "findings": whole(),
        "touches": whole(description="How many it takes or empties."),
        "counts": text(enum=["records", "fields"]),
    }
)
_VERDICT = members(
    {
        "delivered": {"const": False},
        "errors": listed(ref("Error")),
        "outcome": text(enum=["accepted", "accepted_with_loss", "rejected"]),
        "fits_schema": {"type": "boolean"},
        "message_type": text(),
        "version": text(),
        "units": listed(text()),
        "rule_set": text(),
        "judged_on": text(format="date"),
        "production": {"type": "boolean"},
        "totals": ref("Totals"),
        "consequences": listed(ref("Consequence")),
        "causes": listed(members({"cause": _CAUSE, "who": ref("Both"), "findings": whole()})),
        "rules": listed(ref("RuleCounted")),
        "findings": listed(ref("Finding")),
    }
)
_RECEIVED = {
    "correlation_id": text(format="uuid"),
    "position": whole(description="Rises by acceptance, over all units, without holes."),
    "message_type": text(),
    "version": text(),
    "received_at": _MOMENT_TEXT,
}
_UNIT_NAMES = {
    "unit": text(),
    "organisation": text(),
    "municipality": text(),
    "district": maybe(text()),
}
_RECEIPT = members(
    {
        **_RECEIVED,
        **_UNIT_NAMES,
        "extracted_on": text(format="date"),
        "msg_hash": text(description="SHA-256 of the plaintext, base64url."),
        "software": text(),
        "last_of_unit": {"type": "boolean"},
        "resent": whole(description="How often the same message came again and was given this receipt."),
        "resent_last_at": maybe(_MOMENT_TEXT),
        "judging": members(
            {
                "state": text(enum=["waiting", "judged", "set_aside"]),
                "code": maybe(text()),
                "standing": maybe(whole(description="Findings that this message said last and that still stand.")),
            }
        ),
    }
)
_STANDS = members(
    {
        **_PLACE,
        "unit": text(),
        "message_type": text(),
        "consequence": _WORD,
        "cause": _CAUSE,
        "since": _MOMENT_TEXT,
        "opened_at": whole(description="Position of the message that said it first."),
        "seen_at": whole(description="Position of the message that said it last."),
    }
)
_OUTSTANDING = members(
    {
        "organisation": text(),
        "standing": whole(description="Findings that stand, over all pages."),
        "waiting": whole(description="Accepted messages that are not judged yet."),
        "units": listed(
            members(
                {
                    **_UNIT_NAMES,
                    "received": listed(members({**_RECEIVED, "messages": whole(), "standing": whole()})),
                }
            )
        ),
        "set_aside": listed(members({**_RECEIVED, "code": text(), "set_aside_at": _MOMENT_TEXT})),
        "rules": listed(members(_RULE)),
        "findings": listed(ref("Stands")),
        "next": maybe(text(description="Give it as `after` for the next page; null when this is the last.")),
    }
)
_KEY = members(
    {
        "id": text(format="uuid"),
        "expirationDate": _MOMENT_TEXT,
        "publicKey": text(pattern="^-----BEGIN PUBLIC KEY-----"),
    }
)
SHAPES: dict[str, Shape] = {
    "Answer": _ANSWER,
    "Error": _ERROR,
    "Problem": _PROBLEM,
    "Verdict": _VERDICT,
    "Totals": _TOTALS,
    "Consequence": _CONSEQUENCE,
    "RuleCounted": _RULE_COUNTED,
    "Finding": _FINDING,
    "Receipt": _RECEIPT,
    "Outstanding": _OUTSTANDING,
    "Stands": _STANDS,
    "Key": _KEY,
    "Health": members({"status": text()}),
    "Both": _BOTH,
}
"""Every shape, by name."""

_RULE_SHOWN = {
    "rule": "KTT-OMFANG-1",
    "consequence": "note",
    "does": {"nb": "avviket noteres", "en": "the fault is noted"},
    "cause": "registration",
    "who": {
        "nb": "registrering (saksbehandler retter i EPJ)",
        "en": "registration (caseworker corrects in the EPJ)",
    },
    "says": {"nb": "Omfanget er over 168 timer per uke.", "en": "The extent is over 168 hours a week."},
    "remedy": {"nb": "Rett vedtakstimene i EPJ.", "en": "Correct the decided hours in the EPJ."},
}
_PLACE_SHOWN = {
    "rule": "KTT-OMFANG-1",
    "unit": _UNIT,
    "record_type": "decision_line",
    "local_id": "V-1",
    "part_id": "T-1",
    "fields": ["hours_per_week"],
    "pointer": "/0/vedtak/0/tjenester/0/timerUke",
}
_RECEIVED_SHOWN = {
    "correlation_id": _ID,
    "position": 17,
    "message_type": "KTT_Vedtak",
    "version": "1",
    "received_at": _MOMENT,
}
_UNIT_SHOWN = {"unit": _UNIT, "organisation": "312000008", "municipality": "1114", "district": None}


def _verdict_shown() -> Shape:
    does = {"reject": (1, "records"), "drop": (2, "records"), "clear": (7, "fields"), "note": (9, "records")}
    says = {
        "reject": {"nb": "meldingen avvises", "en": "the message is rejected"},
        "drop": {"nb": "opplysningen tas ikke med", "en": "the record is left out"},
        "clear": {"nb": "feltet tømmes", "en": "the field is cleared"},
        "note": {"nb": "avviket noteres", "en": "the fault is noted"},
    }
    counts = dict.fromkeys((*_TOTAL_NAMES, *_OTHER_TOTALS), 0) | {"read": 1, "kept": 1, "judged": 1}
    return {
        "delivered": False,
        "errors": [],
        "outcome": "accepted",
        "fits_schema": True,
        "message_type": "KTT_Vedtak",
        "version": "1",
        "units": [_UNIT],
        "rule_set": "2026.1",
        "judged_on": "2026-03-02",
        "production": False,
        "totals": counts | {"noted": 1, "findings": 1},
        "consequences": [
            {
                "consequence": word,
                "number": number,
                "does": says[word],
                "findings": int(word == "note"),
                "touches": 0,
                "counts": counted,
            }
            for word, (number, counted) in does.items()
        ],
        "causes": [{"cause": "registration", "who": _RULE_SHOWN["who"], "findings": 1}],
        "rules": [{**_RULE_SHOWN, "count": 1, "shown": 1}],
        "findings": [{**_PLACE_SHOWN, "line": 1, "detail": None, "consequence": "note", "cause": "registration"}],
    }


EXAMPLES: dict[str, Any] = {
    "Answer": {"delivered": True, "errors": []},
    "Verdict": _verdict_shown(),
    "Receipt": {
        **_RECEIVED_SHOWN,
        **_UNIT_SHOWN,
        "extracted_on": "2026-03-02",
        "msg_hash": "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU",
        "software": "Prove AS | ProveEPJ | 1.0 | 2.0",
        "last_of_unit": True,
        "resent": 0,
        "resent_last_at": None,
        "judging": {"state": "judged", "code": None, "standing": 1},
    },
    "Outstanding": {
        "organisation": "312000008",
        "standing": 1,
        "waiting": 0,
        "units": [{**_UNIT_SHOWN, "received": [{**_RECEIVED_SHOWN, "messages": 3, "standing": 1}]}],
        "set_aside": [],
        "rules": [_RULE_SHOWN],
        "findings": [
            {
                **_PLACE_SHOWN,
                "message_type": "KTT_Vedtak",
                "consequence": "note",
                "cause": "registration",
                "since": _MOMENT,
                "opened_at": 17,
                "seen_at": 17,
            }
        ],
        "next": None,
    },
    "Health": {"status": "live"},
}
"""One example of each shape that is an answer, all about synthetic units."""


def refusal_shown(name: str) -> bytes:
    """What a refusal by that name looks like in FHI's shape."""
    code = AnswerCode.from_label(name)
    return answer(delivered=False, errors=[AnswerError(None if code is None else int(code), name, TEXTS[name][0].en)])


def problem_shown(status: int, name: str) -> bytes:
    """The same as a problem."""
    return problems.problem(status, refusal_shown(name), {"correlation_id": _ID})
