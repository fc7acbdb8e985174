"""`/swagger`: every address on one page, without anything to fetch and without anything that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import orjson

from ktt.core.text import Language, Text
from ktt.messages.version import MessageVersion
from ktt.receiver.api import paths
from ktt.receiver.api.documentation.openapi import SAYS, Document
from ktt.receiver.api.documentation.openapi_parts import problem_shown
from ktt.receiver.api.documentation.page_style import STYLE
from ktt.receiver.api.problem_texts import TEXTS
from ktt.receiver.settings import ReceiverSettings
from ktt.wire.answers import parse_answer

_TITLE = Text(nb="KTT mottak", en="KTT receiver")
_INTRO = Text(
    nb="Adressene til mottaket i miljøet «{}». Samme innhold for maskiner: ",
    en="The addresses of the receiver in the environment “{}”. The same for machines: ",
)
_REAL = Text(nb="Dette mottaket tar bare imot syntetiske personer.", en="This receiver takes synthetic persons only.")
_ADDRESSES, _MESSAGES = Text(nb="Adresser", en="Addresses"), Text(nb="Meldinger", en="Messages")
_PROBLEMS = Text(nb="Feilsvar", en="Problems")
_METHOD, _ADDRESS = Text(nb="Metode", en="Method"), Text(nb="Adresse", en="Address")
_DOES, _LOCK = Text(nb="Hva den gjør", en="What it does"), Text(nb="Pålogging", en="Authentication")
_NOBODY, _DPOP = Text(nb="ingen", en="none"), Text(nb="HelseID med DPoP", en="HelseID with DPoP")
_SECRET = Text(nb="nøkkelord, om det er satt", en="a token, where one is set")
_DETAILS = Text(nb="Parametere, svar og eksempel", en="Parameters, answers and example")
_PARAMETERS, _ANSWERS = Text(nb="Parametere", en="Parameters"), Text(nb="Svar", en="Answers")
_NO_PARAMETERS = Text(nb="Ingen parametere.", en="No parameters.")
_NAME = Text(nb="Navn", en="Name")
_WHERE, _FORM = Text(nb="Sted", en="Place"), Text(nb="Form", en="Form")
_REQUIRED = Text(nb="må med", en="required")
_TYPE, _VERSION = Text(nb="Meldingstype", en="Message type"), Text(nb="Versjon", en="Version")
_SCHEMA, _EXAMPLES = Text(nb="Skjema", en="Schema"), Text(nb="Eksempler", en="Examples")
_EXAMPLES_SAY = Text(
    nb="N-eksempler følger skjemaet; F-eksempler bryter det med vilje.",
    en="N examples fit the schema; F examples break it on purpose.",
)
_BROKEN = Text(nb="{} F-eksempler", en="{} F examples")
_TRY = Text(nb="Prøv det:", en="Try it:")
_STATUS, _MEANS = Text(nb="Status", en="Status"), Text(nb="Betydning eller eksempel", en="Meaning or example")
_BODY, _EACH = Text(nb="Innhold", en="Body"), Text(nb="Hver adresse", en="Each address")
_PROBLEMS_SAY = Text(
    nb="Feilsvar fra våre egne adresser er problemer (RFC 9457). FHIs klient kan lese dem også, for de har «delivered» og "
    "«errors» som svarene fra «/message». «type» peker hit.",
    en="Refusals from our own addresses are problems (RFC 9457). FHI's client can read them too, since they have "
    "`delivered` and `errors` like the answers of `/message`. `type` leads here.",
)
_CODE = re.compile(r"`([^`]+)`")
_WORDS = {
    "query": Text(nb="spørring", en="query"),
    "header": Text(nb="hodefelt", en="header"),
    "path": Text(nb="adresse", en="path"),
}


def as_page(document: Document, versions: Sequence[MessageVersion], settings: ReceiverSettings) -> bytes:
    """HTML in UTF-8. Bokmål is shown until the reader chooses English; without style sheets both are."""
    parts = [
        '<!doctype html><html lang="nb"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(_TITLE.nb)}</title><style>{STYLE}</style></head><body>",
        '<nav aria-label="Språk"><a href="#nb" lang="nb">Bokmål</a><a href="#en" lang="en">English</a></nav>',
    ]
    for language in ("en", "nb"):
        parts += _section(document, versions, settings, language)
    return "".join([*parts, "</body></html>\n"]).encode()


def _section(
    document: Document, versions: Sequence[MessageVersion], settings: ReceiverSettings, language: Language
) -> Iterator[str]:
    said = escape(_INTRO.in_(language).format(settings.environment))
    yield f'<main id="{language}" lang="{language}"><h1>{escape(_TITLE.in_(language))}</h1>'
    yield f'<p>{said}<a href="{paths.OPENAPI}">OpenAPI 3.1</a>.'
    if settings.environment != "production":
        yield f" <strong>{escape(_REAL.in_(language))}</strong>"
    yield "</p>"
    yield from _addresses(document, language)
    yield from _messages(versions, language)
    yield f"<h2>{escape(_EACH.in_(language))}</h2>"
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield from _operation(document, path, method, operation, language)
    yield from _problems(language)
    yield "</main>"


def _table(heads: Sequence[Text], rows: Sequence[Sequence[str]], caption: str, language: Language) -> Iterator[str]:
    """A table whose first column names the row. Cells are HTML already."""
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table><thead><tr>'
    yield "".join(f'<th scope="col">{escape(head.in_(language))}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for first, *rest in rows:
        yield f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
    yield "</tbody></table></div>"


def _addresses(document: Document, language: Language) -> Iterator[str]:
    yield f"<h2>{escape(_ADDRESSES.in_(language))}</h2>"
    rows = [
        (
            f'<a href="#{language}-{operation["operationId"]}"><code>{escape(path)}</code></a>',
            f"<code>{method.upper()}</code>",
            _marked(SAYS[path].in_(language)),
            escape(_locked(operation).in_(language)),
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    yield from _table((_ADDRESS, _METHOD, _DOES, _LOCK), rows, _ADDRESSES.in_(language), language)


def _locked(operation: Document) -> Text:
    security = operation.get("security", [])
    if {"dpop": []} in security:
        return _DPOP
    return _SECRET if security else _NOBODY


def _operation(document: Document, path: str, method: str, operation: Document, language: Language) -> Iterator[str]:
    head = f"<code>{method.upper()} {escape(path)}</code>"
    yield f'<h3 id="{language}-{operation["operationId"]}">{head}</h3><p>{_marked(SAYS[path].in_(language))}</p>'
    if path == paths.CHECK:
        yield from _command(document["servers"][0]["url"], language)
    yield f"<details><summary>{escape(_DETAILS.in_(language))}</summary>"
    yield f"<h4>{escape(_PARAMETERS.in_(language))}</h4>"
    parameters = operation.get("parameters", [])
    if parameters:
        rows = [_parameter(one, language) for one in parameters]
        yield from _table((_NAME, _WHERE, _FORM), rows, f"{_PARAMETERS.in_(language)} {path}", language)
    else:
        yield f"<p>{escape(_NO_PARAMETERS.in_(language))}</p>"
    yield from _body(operation, language)
    yield f"<h4>{escape(_ANSWERS.in_(language))}</h4>"
    answers = [_answer(status, told, language) for status, told in operation["responses"].items()]
    yield from _table((_STATUS, _MEANS), answers, f"{_ANSWERS.in_(language)} {path}", language)
    yield "</details>"


def _body(operation: Document, language: Language) -> Iterator[str]:
    told = operation.get("requestBody")
    if told is not None:
        yield f"<h4>{escape(_BODY.in_(language))}</h4><p>"
        yield " ".join(f"<code>{escape(media)}</code>" for media in told["content"])
        yield f" {escape(told.get('description', ''))}</p>"


def _command(base: str, language: Language) -> Iterator[str]:
    example = f"{base}{paths.EXAMPLE}?messageType=KTT_Vedtak&messageVersion=1"
    check = f"{base}{paths.CHECK}?type=KTT_Vedtak&version=1"
    lines = (
        f"curl -o melding.json '{example}'",
        f"curl -H 'Content-Type: application/json' --data-binary @melding.json '{check}'",
    )
    yield f"<p>{escape(_TRY.in_(language))}</p><pre>{escape(chr(10).join(lines))}</pre>"


def _parameter(one: Document, language: Language) -> tuple[str, str, str]:
    shape = {name: value for name, value in one["schema"].items() if name not in {"examples", "description"}}
    form = ", ".join(f"{name} {value}" for name, value in shape.items())
    needed = f" · {_REQUIRED.in_(language)}" if one["required"] else ""
    place = _WORDS[one["in"]].in_(language)
    return f"<code>{escape(one['name'])}</code>", escape(place + needed), f"<code>{escape(form)}</code>"


def _answer(status: str, told: Document, language: Language) -> tuple[str, str]:
    """A refusal in words, another answer as an example; what refusals look like is shown once, below."""
    (media, content), *_ = told["content"].items()
    name, example = f"<code>{status}</code>", content.get("example")
    refused = parse_answer(orjson.dumps(example))
    if refused is not None and refused.errors:
        title, detail = TEXTS[refused.errors[0].name]
        return name, f"{_marked(title.in_(language))} {_marked(detail.in_(language))}"
    shown = "" if example is None else f"<pre>{escape(_pretty(example))}</pre>"
    return name, f"<code>{escape(media)}</code>{shown}"


def _marked(words: str) -> str:
    """Text as HTML, what stands between grave accents as code."""
    return _CODE.sub(r"<code>\1</code>", escape(words))


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _messages(versions: Sequence[MessageVersion], language: Language) -> Iterator[str]:
    yield f"<h2>{escape(_MESSAGES.in_(language))}</h2><p>{escape(_EXAMPLES_SAY.in_(language))}</p>"
    rows = [_message(version, language) for version in versions]
    yield from _table((_TYPE, _VERSION, _SCHEMA, _EXAMPLES), rows, _MESSAGES.in_(language), language)


def _message(version: MessageVersion, language: Language) -> tuple[str, str, str, str]:
    kind, number = version.message_type, version.version
    schema = paths.SCHEMA.format(type=kind, version=number)
    names = sorted(version.examples())
    fit = " ".join(_download(version, name) for name in names if name.startswith("N"))
    broken = [_download(version, name) for name in names if not name.startswith("N")]
    more = (
        f"<details><summary>{escape(_BROKEN.in_(language).format(len(broken)))}</summary>{' '.join(broken)}</details>"
    )
    label = f"{_SCHEMA.in_(language)} {kind} {number}"
    link = f'<a href="{escape(schema)}" aria-label="{escape(label)}">{escape(_SCHEMA.in_(language))}</a>'
    return f"<code>{escape(kind)}</code>", escape(number), link, fit + more


def _download(version: MessageVersion, name: str) -> str:
    query = {"messageType": version.message_type, "messageVersion": version.version, "name": name}
    return f'<a download href="{escape(paths.EXAMPLE)}?{escape(urlencode(query))}">{escape(name)}</a>'


def _problems(language: Language) -> Iterator[str]:
    yield f"<h2>{escape(_PROBLEMS.in_(language))}</h2><p>{_marked(_PROBLEMS_SAY.in_(language))}</p>"
    yield f"<pre>{escape(_pretty(orjson.loads(problem_shown(404, 'NotFound'))))}</pre><dl>"
    for name, (title, detail) in sorted(TEXTS.items()):
        anchor = f' id="{name}"' if language == "nb" else ""  # what a problem's `type` leads to
        yield f"<dt{anchor}><code>{name}</code></dt>"
        yield f"<dd>{_marked(title.in_(language))} {_marked(detail.in_(language))}</dd>"
    yield "</dl>"
