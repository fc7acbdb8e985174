"""`/swagger`: every address on one page, without anything to fetch and without anything that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from ktt.core.html.environment import render
from ktt.core.text import Text
from ktt.messages.version import MessageVersion
from ktt.receiver.api import paths
from ktt.receiver.api.documentation.openapi import SAYS, Document
from ktt.receiver.api.documentation.openapi_parts import problem_shown
from ktt.receiver.api.problem_texts import TEXTS
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import parse_answer

_TEMPLATES = Path(__file__).parent / "templates"
_TITLE = Text(nb="KTT mottak", en="KTT receiver")


def as_page(document: Document, versions: Sequence[MessageVersion], settings: ReceiverSettings) -> bytes:
    """HTML in UTF-8. Bokmål is shown until the reader chooses English; without style sheets both are."""
    return render(
        _TEMPLATES,
        "api.html.jinja",
        title=_TITLE,
        environment=settings.environment,
        base=document["servers"][0]["url"],
        paths=paths,
        operations=[(path, *one) for path, item in document["paths"].items() for one in item.items()],
        summaries=SAYS,
        versions=versions,
        fitting=_fitting,
        problem_in=_problem_in,
        problem=orjson.loads(problem_shown(404, "NotFound")),
        problems=TEXTS,
    )


def _fitting(version: MessageVersion) -> list[str]:
    """The names of the examples that fit the schema."""
    return sorted(name for name in version.examples() if name.startswith("N"))


def _problem_in(example: Any) -> tuple[Text, Text] | None:
    """What a refusal says and what to do about it; None for another answer, which is shown as it is."""
    refused = parse_answer(orjson.dumps(example))
    return TEXTS[refused.errors[0].name] if refused is not None and refused.errors else None
