"""The results as one web page: nothing is fetched, nothing runs; bokmål first, with English beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from ktt.core.clock import OSLO
from ktt.core.text import Text
from ktt.testing.conformance.case import Result, Verdict, counts
from ktt.testing.conformance.report.requests import requests_shown
from ktt.validate.report.as_html import STYLE

MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.ADVICE: "!", Verdict.SKIPPED: "–"}
"""Beside its word, never alone."""

WORDS = {
    Verdict.PASSED: Text("holdt", "passed"),
    Verdict.FAILED: Text("holdt ikke", "failed"),
    Verdict.ADVICE: Text("råd ikke fulgt", "advice not followed"),
    Verdict.SKIPPED: Text("ikke prøvd", "skipped"),
}

_OWN_STYLE = """
[lang=en] { font-style: italic; } .skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; }
.case { border-top: 1px solid var(--line); padding: .25rem 0; } summary { cursor: pointer; padding: .25rem 0; }
summary h3 { display: inline; font-size: 1rem; font-weight: normal; } .verdict { font-weight: bold; white-space: nowrap; }
.failed > summary .verdict { text-decoration: underline; } dl { margin: .25rem 0 .5rem 1.25rem; }
dt { font-weight: bold; margin-top: .5rem; } dd { margin: 0 0 0 1rem; } ol { margin: 0; padding-left: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; font-size: .875rem; }
.request { border-left: 3px solid var(--line); margin: .5rem 0 .5rem 1.25rem; padding-left: .75rem; }
h4, h5 { font-size: 1rem; margin: .5rem 0 0; } .table { overflow-x: auto; } td.n { font-variant-numeric: tabular-nums; }
a, summary { min-height: 1.5rem; } nav li { margin: .25rem 0; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
@media (max-width: 40rem) { h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; } th, td { padding: .2rem; } dl, .request { margin-left: 0; } dd { margin-left: .5rem; } body { padding: .5rem; } }
@media print { .case::details-content { content-visibility: visible; block-size: auto; }
 .case { break-inside: avoid-page; } body { max-width: none; font-size: 9pt; } }
"""
_TITLES = {
    "receiver": Text("Samsvarsprøve av et mottak", "Conformance of a receiver"),
    "sender": Text("Samsvarsprøve av en avsender", "Conformance of a sender"),
}
_GROUP, _ALL = Text("Gruppe", "Group"), Text("I alt", "In all")
_NUMBERS = Text("Antall prøver", "Number of cases")
_CODE = re.compile(r"`([^`]+)`")
_PURPOSE, _STEPS = Text("Hensikt", "Purpose"), Text("Trinn", "Steps")
_EXPECTED, _SEEN = Text("Ventet", "Expected"), Text("Sett", "Seen")
_SOURCE, _LEVEL = Text("Kilde", "Source"), Text("Krav", "Level")
_REQUESTS = Text("Forespørsler", "Requests")
_SUMMARY, _FAULTS = Text("Sammendrag", "Summary"), Text("Det som ikke holdt", "What did not hold")
_GOOD = Text("Alt som ble prøvd, holdt.", "Everything that was tested held.")
_NONE_PLAYED = Text("Ingen prøver ble spilt.", "No cases were played.")
_AS_EXPECTED = Text("Som ventet.", "As expected.")
_SAME = Text("De samme som i {case}.", "The same as in {case}.")
_SKIP = Text("Hopp til resultatene", "Skip to the results")
_PROGRAM = Text("Avsenderens egne ord", "The sender's own words")


@dataclass(frozen=True, slots=True)
class About:
    """What was tested: which end, what it is called or where it is, and when."""

    end: str  # receiver or sender
    whom: str
    at: dt.datetime


def as_page(results: Sequence[Result], about: About) -> bytes:
    """HTML in UTF-8."""
    title = _TITLES[about.end]
    parts = [
        '<!doctype html><html lang="nb"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title.nb)}</title><style>{STYLE}{_OWN_STYLE}</style></head><body>",
        f'<a class="skip" href="#results">{escape(_SKIP.nb)}</a>',
        f"<header><h1>{both(title)}</h1><p>{escape(about.whom)} · {_when(about.at)}</p></header>",
        f'<main id="results"><h2>{both(_SUMMARY)}</h2><p>{_sentence(results)}</p>',
        *_table(results),
        *_faults(results),
        *_groups(results),
        "</main></body></html>\n",
    ]
    return "".join(parts).encode()


def both(text: Text, joint: str = " · ") -> str:
    """Bokmål, and English beside it; once when they are the same."""
    nb, en = (_CODE.sub(r"<code>\1</code>", escape(one)) for one in (text.nb, text.en))
    return nb if nb == en else f'{nb}{joint}<span lang="en">{en}</span>'


def _when(at: dt.datetime) -> str:
    local = at.astimezone(OSLO)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{local:%d.%m.%Y %H:%M}</time>'


def _sentence(results: Sequence[Result]) -> str:
    found = {verdict: counts(results)[verdict.value] for verdict in Verdict}
    said = [f"{MARKS[one]} {number} {both(WORDS[one], ' / ')}" for one, number in found.items() if number]
    return ", ".join(said) + "." if said else both(_NONE_PLAYED)


def _table(results: Sequence[Result]) -> Iterator[str]:
    found = counts(results)
    shown = [verdict for verdict in Verdict if found[verdict.value]]
    yield f'<div class="table" role="region" tabindex="0" aria-label="{escape(_SUMMARY.nb)}"><table>'
    yield f'<caption>{both(_NUMBERS)}</caption><thead><tr><th scope="col">{both(_GROUP)}</th>'
    yield from (f'<th scope="col">{MARKS[one]} {both(WORDS[one], "<br>")}</th>' for one in shown)
    yield "</tr></thead><tbody>"
    for title, of_group in _grouped(results):
        yield _row(f'<a href="#{_anchor(title)}">{both(title)}</a>', of_group, shown)
    yield _row(both(_ALL), results, shown)
    yield "</tbody></table></div>"


def _row(head: str, results: Sequence[Result], shown: Sequence[Verdict]) -> str:
    found = counts(results)
    cells = "".join(f'<td class="n">{found[verdict.value]}</td>' for verdict in shown)
    return f'<tr><th scope="row">{head}</th>{cells}</tr>'


def _grouped(results: Sequence[Result]) -> list[tuple[Text, list[Result]]]:
    return [(title, list(of_group)) for title, of_group in groupby(results, key=lambda one: one.case.group)]


def _anchor(title: Text) -> str:
    return "g-" + "".join(mark if mark.isalnum() else "-" for mark in title.en.lower())


def _faults(results: Sequence[Result]) -> Iterator[str]:
    bad = [result for result in results if result.verdict in {Verdict.FAILED, Verdict.ADVICE}]
    if not bad:
        played = any(result.verdict is Verdict.PASSED for result in results)
        yield f"<p>{both(_GOOD if played else _NONE_PLAYED)}</p>"
        return
    yield f"<h2>{both(_FAULTS)}</h2><nav><ul>"
    for result in bad:
        mark, word = MARKS[result.verdict], WORDS[result.verdict]
        name = result.case.name
        yield f'<li><a href="#{name}">{name}</a> {mark} {both(word, " / ")}: {both(result.case.purpose)}</li>'
    yield "</ul></nav>"


def _groups(results: Sequence[Result]) -> Iterator[str]:
    for title, of_group in _grouped(results):
        yield f'<section><h2 id="{_anchor(title)}">{both(title)}</h2>'
        for result in of_group:
            yield from _case(result)
        yield "</section>"


def _case(result: Result) -> Iterator[str]:
    case, verdict = result.case, result.verdict
    bad = verdict in {Verdict.FAILED, Verdict.ADVICE}
    yield f'<details class="case {verdict.value}" id="{case.name}"{" open" if bad else ""}><summary>'
    yield f'<span class="verdict">{MARKS[verdict]} {both(WORDS[verdict], " / ")}</span> '
    yield f"<h3>{case.name} {both(case.purpose)}</h3></summary><dl>"
    yield _entry(_PURPOSE, both(case.purpose))
    yield _entry(_STEPS, _list([*case.steps_say()]))
    yield _entry(_EXPECTED, _list([*case.expects()]))
    yield _entry(_SEEN, _list([*result.reasons]) if result.reasons else both(_AS_EXPECTED))
    yield _entry(_LEVEL, both(case.level.value))
    yield _entry(_SOURCE, escape(case.source))
    yield from _requests(result)
    yield "</dl></details>"


def _entry(head: Text, content: str) -> str:
    return f"<dt>{both(head)}</dt><dd>{content}</dd>"


def _list(texts: Sequence[Text]) -> str:
    if len(texts) == 1:
        return both(texts[0])
    return f"<ol>{''.join(f'<li>{both(text)}</li>' for text in texts)}</ol>"


def _requests(result: Result) -> Iterator[str]:
    if result.shared is not None:
        link = f'<a href="#{result.shared}">{result.shared}</a>'
        yield _entry(_REQUESTS, both(_SAME.format(case="…")).replace("…", link))
    words = [run["said"] for run in result.runs if run.get("said")]
    if words:
        yield _entry(_PROGRAM, "".join(f"<pre>{escape(one)}</pre>" for one in words))
    if result.requests:
        yield _entry(_REQUESTS, "".join(requests_shown(result.requests)))
