"""A report as one web page: nothing is fetched, nothing runs, both languages are in it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ktt.core.text import Language, Text
from ktt.rules.rule import Cause, Consequence
from ktt.validate.document import Document
from ktt.validate.report.as_text import where
from ktt.validate.report.report import Group, Report, accounts
from ktt.validate.report.words import cause_name

SHOWN = 200
"""Findings of one rule on the page; CSV and the workbook have them all."""

STYLE = """
:root { color-scheme: light dark; --line: #767676; }
html { background: Canvas; color: CanvasText; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
#en { display: none; } #en:target { display: block; } #en:target ~ #nb { display: none; }
nav a { margin-right: 1rem; } h3 { margin-bottom: 0; } code { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
td.n { text-align: right; } .what { margin: 0; } .remedy { margin-top: 0; }
@media print { nav { display: none; } details { display: block; } }
"""
"""The look of a report, shared by every page that this program writes."""

_TITLE = Text(nb="Kontroll av KTT-data", en="Validation of KTT data")
_FILE, _CONTENT = Text(nb="Fil", en="File"), Text(nb="Innhold", en="Content")
_RESULT = Text(nb="Resultat", en="Result")
_FILES = Text(nb="Hva som er kontrollert", en="What was judged")
_PLACES, _PLACE = Text(nb="Vis {} steder", en="Show {} places"), Text(nb="Vis stedet", en="Show the place")
_MORE = Text(nb="De første {} av {}.", en="The first {} of {}.")
_REMEDY = Text(nb="Slik retter dere: {}", en="What to do: {}")
_NONE = Text(nb="Ingen avvik.", en="No findings.")
_ALL = Text(nb="I alt", en="In all")
_HEAD = Text(nb="Regelutgave {}, slik den gjelder {}.", en="Rule set {}, as it stands on {}.")
_ONLY = Text(nb="Bare: {}.", en="Only: {}.")


def as_page(report: Report) -> bytes:
    """HTML in UTF-8. Bokmål is shown until the reader chooses English; without style sheets both are."""
    parts = [
        '<!doctype html><html lang="nb"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(_TITLE.nb)}</title><style>{STYLE}</style></head><body>",
        '<nav aria-label="Språk"><a href="#nb" lang="nb">Bokmål</a><a href="#en" lang="en">English</a></nav>',
        *_section(report, "en"),
        *_section(report, "nb"),
        "</body></html>\n",
    ]
    return "".join(parts).encode()


def _section(report: Report, language: Language) -> Iterator[str]:
    question = report.question
    yield f'<main id="{language}" lang="{language}"><h1>{escape(_TITLE.in_(language))}</h1>'
    yield f"<p>{escape(_HEAD.in_(language).format(report.rule_set, question.today.isoformat()))}</p>"
    if question.choices:
        yield f"<p>{escape(_ONLY.in_(language).format(', '.join(question.choices)))}</p>"
    yield from _documents(report, language)
    if report.findings.is_empty():
        yield f"<p>{escape(_NONE.in_(language))}</p>"
    for cause in Cause:
        groups = report.of(cause)
        if groups:
            yield f"<h2>{escape(cause_name(cause, language))}: {sum(group.count for group in groups)}</h2>"
        for group in groups:
            yield from _group(group, language, document=len(report.documents) > 1)
    yield "</main>"


def _documents(report: Report, language: Language) -> Iterator[str]:
    yield f"<table><caption>{escape(_FILES.in_(language))}</caption><thead><tr>"
    yield from (f'<th scope="col">{escape(one.in_(language))}</th>' for one in (_FILE, _CONTENT, _RESULT))
    yield "</tr></thead><tbody>"
    for document in report.documents:
        content = " · ".join(filter(None, (document.what, ", ".join(document.units))))
        yield _row(document.name, content, _result(document, language))
    if len(report.documents) > 1:
        yield _row(_ALL.in_(language), "", accounts(report.totals).in_(language))
    yield "</tbody></table>"


def _row(head: str, content: str, result: str) -> str:
    return f'<tr><th scope="row">{escape(head)}</th><td>{escape(content)}</td><td>{escape(result)}</td></tr>'


def _result(document: Document, language: Language) -> str:
    fault = document.fault
    if fault is None:
        return accounts(document.totals).in_(language)
    return f"{fault.code}: {fault.says().in_(language)} {fault.advises().in_(language)}"


def _group(group: Group, language: Language, *, document: bool) -> Iterator[str]:
    consequence: Consequence = group.consequence
    yield f"<h3>{escape(group.about.id)} · {group.count} · {escape(consequence.text.in_(language))}</h3>"
    yield f'<p class="what">{escape(group.about.says.in_(language))}</p>'
    yield f'<p class="remedy">{escape(_REMEDY.in_(language).format(group.about.remedy.in_(language)))}</p>'
    places = _PLACE if group.count == 1 else _PLACES
    yield f"<details><summary>{escape(places.in_(language).format(group.count))}</summary>"
    if group.count > SHOWN:
        yield f"<p>{escape(_MORE.in_(language).format(SHOWN, group.count))}</p>"
    yield "<ul>"
    for finding in group.findings.head(SHOWN).iter_rows(named=True):
        yield f"<li><code>{escape(where(finding, language, document=document))}</code></li>"
    yield "</ul></details>"
