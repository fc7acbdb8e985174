"""`make docs`: write docs/reference from the code; with `--check`, say which page is not what the code says."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import admin_page
import annual_pages
import architecture_page
import requirement_pages
import rule_pages
from bootstrap import ROOT

import ktt
from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain import records
from ktt.domain.glossary import SECTIONS, glossary
from ktt.domain.schema import RecordType
from ktt.testing.sandbox.explanations.tables import ASSERTION, PROOF, REQUEST, TOKEN, Row

REFERENCE = ROOT / "docs" / "reference"
EXPLANATION = ROOT / "docs" / "explanation"
_FROM, _TO = "<!-- packages: made by `make docs` -->", "<!-- end -->"
MADE = "<!-- Made by `make docs` from the code; do not edit. -->"


def modules() -> Iterator[str]:
    """Every module of the program but the one that starts it."""
    for module in pkgutil.walk_packages(ktt.__path__, "ktt."):
        if not module.name.endswith("__main__"):
            yield module.name


def error_tree() -> list[type[KttError]]:
    """Every known fault in the program, by code."""
    for name in modules():
        importlib.import_module(name)
    return sorted(_below(KttError), key=lambda error: (error.code, error.__name__))


def _below(root: type[KttError]) -> Iterator[type[KttError]]:
    for child in root.__subclasses__():
        if child.__module__.startswith("ktt."):
            yield child
        yield from _below(child)


def _plural(text: Text) -> str:
    """Both languages, counts with the plural form of their noun."""
    return re.sub(r"\{(\w+):[^|{}]*\|([^{}]*)\}", r"{\1} \2", f"{text.nb}<br>*{text.en}*")


def errors_page() -> str:
    """The catalogue of faults."""
    shown = [error for error in error_tree() if "what" in vars(error)]
    rows = [(e.code, e.exit_code, _plural(e.what), _plural(e.remedy)) for e in shown]
    intro = (
        "Hver kjent feil har en kode som aldri brukes om igjen, en forklaring, et råd og en utgangskode. "
        "*Every known fault has a code that is never reused, an explanation, an advice and an exit code.*"
    )
    heads = ("Kode", "Utgang", "Hva", "Hva dere gjør")
    return _page("Feilkoder · Error codes", intro, _table(heads, rows))


def refusals_page() -> str:
    """The tables by which a token, a proof and a client assertion are judged, with a remedy for each row."""
    intro = (
        "Hva tokenet, beviset og klientpåstanden må ha, og hva dere gjør når mottaket eller HelseID avviser en av dem. "
        "I sandkassen sier `ktt sandbox tail` hvilken rad det var, hva som var ventet og hva som kom; med `--test-mode` "
        "står det også i svarhodet `X-Sandbox-Explanation`. Utenfor sandkassen står det aldri. Grunnlaget er "
        "[helseid § 12–14](protocol/helseid.md#12-check-table-a-the-access-token). *What token, proof and client "
        "assertion must have, and what to do when one is refused. In the sandbox `ktt sandbox tail` names the row, what "
        "was expected and what came; nothing does elsewhere.*"
    )
    heads = ("Rad", "Må ha", "Hva dere gjør")
    parts = {"Token": TOKEN, "Bevis · Proof": PROOF, "Klientpåstand · Client assertion": ASSERTION}
    parts |= {"Forespørselen til HelseID · The request to HelseID": REQUEST}
    tables = (f"## {name}\n\n{_table(heads, [_refusal(row) for row in rows.values()])}" for name, rows in parts.items())
    return _page("Avviste token og bevis · Refused tokens and proofs", intro, *tables)


def _refusal(row: Row) -> tuple[object, ...]:
    return row.number, _plural(row.wants), _plural(row.remedy)


def records_page() -> str:
    """The record types and their columns."""
    roots = [value for value in vars(records).values() if isinstance(value, RecordType) and value.parent_key is None]
    intro = "A record type is a frame; a part is a frame of its own whose rows belong to a record by its key."
    return _page("Record types", intro, *(_record(one) for root in roots for one in (root, *root.parts)))


def _record(one: RecordType) -> str:
    level = "###" if one.parent_key else "##"
    rows = [
        (
            f"`{c.name}`",
            c.kind,
            c.code_list or "",
            "yes" if c.required else "",
            _remarks(one, c.name, c.content, c.derived),
        )
        for c in one.columns
    ]
    return f"{level} {one.name}\n\n" + _table(("Column", "Kind", "Code list", "Required", "Remarks"), rows)


def _remarks(one: RecordType, name: str, content: bool, derived: bool) -> str:  # noqa: FBT001 - facts of a column
    remarks = {
        "key": name == one.key and one.parent_key is None,
        "belongs to": name == one.parent_key,
        "the record's own date": name in one.own_date,
        "not compared": not content,
        "filled by us": derived,
    }
    return ", ".join(remark for remark, holds in remarks.items() if holds)


def commands_page() -> str:
    """The command line's own help, in both languages. Help is worded at import, so each language is a run of its own."""
    told = {language: _helps(language) for language in ("nb", "en")}
    intro = "Språket velges med `KTT_LANG` (`nb` eller `en`). *`KTT_LANG` chooses the language.*"
    return _page("Kommandolinjen · The command line", intro, f"## Norsk\n\n{told['nb']}", f"## English\n\n{told['en']}")


def _helps(language: str) -> str:
    environment = {**os.environ, "KTT_LANG": language, "PYTHONUTF8": "1"}
    run = [sys.executable, str(Path(__file__)), "--help-texts"]
    return subprocess.run(run, env=environment, capture_output=True, encoding="utf-8", check=True).stdout.rstrip("\n")


def help_texts() -> str:
    """Each command's help, in the language this process speaks."""
    from ktt.cli.app import COMMANDS, contents, fetch, walk

    pages: list[tuple[str, Any]] = [("ktt", contents())]
    for name in COMMANDS:
        pages += walk(f"ktt {name}", fetch(name))
    return "\n\n".join(_help(path, command) for path, command in pages)


def _help(path: str, command: Any) -> str:
    context = command.make_context(path, [], resilient_parsing=True, terminal_width=100)
    return f"### `{path}`\n\n```\n{command.get_help(context).rstrip()}\n```"


def _table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _page(title: str, intro: str, *sections: str) -> str:
    return "\n\n".join([MADE, f"# {title}", intro, *sections]) + "\n"


def glossary_page() -> str:
    """The words of the field: in Norwegian, in the code, and where a message carries them."""
    intro = (
        "Meldingen snakker norsk og koden engelsk; denne listen er den eneste broen mellom dem. "
        "*The message speaks Norwegian and the code English; this list is the only bridge between them. Words that the "
        "project itself gives a meaning are in [Terms](terms.md).*"
    )
    heads = ("Norsk", "Code", "Betydning · Meaning", "I meldingen · In the message")
    sections = [
        f"## {section.capitalize()}\n\n"
        + _table(
            heads,
            [
                (t.nb, f"`{t.code}`", f"{t.meaning.nb}<br>*{t.meaning.en}*", ", ".join(f"`{f}`" for f in t.fields))
                for t in glossary()
                if t.section == section
            ],
        )
        for section in SECTIONS
    ]
    return _page("Ordliste · Glossary", intro, *sections)


def architecture() -> str:
    """The architecture page with its table of packages written anew."""
    before, rest = (EXPLANATION / "architecture.md").read_text(encoding="utf-8").split(_FROM, 1)
    after = rest.split(_TO, 1)[1]
    return f"{before}{_FROM}\n\n{architecture_page.table()}\n\n{_TO}{after}"


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "refused-tokens-and-proofs.md": refusals_page,
    "cli.md": commands_page,
    "record-types.md": records_page,
    "glossary.md": glossary_page,
    "sandbox-admin.md": lambda: admin_page.page(MADE),
    "sandbox-admin.openapi.json": admin_page.openapi,
    "../../src/ktt/testing/conformance/requirements/sections.toml": requirement_pages.sections,
    "conformance-requirements.md": lambda: requirement_pages.page(MADE),
    "../explanation/architecture.md": architecture,
    "../explanation/architecture.svg": architecture_page.picture,
}


def main() -> int:
    """Write the pages, or with `--check` compare them."""
    if "--help-texts" in sys.argv:
        print(help_texts())
        return 0
    made = {name: make() for name, make in PAGES.items()} | rule_pages.pages() | annual_pages.pages()
    stale = [
        name for name, text in made.items() if not _settle(REFERENCE / name, text, write="--check" not in sys.argv)
    ]
    for name in stale:
        print(f"docs/reference/{name} is not what the code says: run `make docs`")
    return 1 if stale else 0


def _settle(path: Path, text: str, *, write: bool) -> bool:
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
