"""The rule catalogue in docs/reference: an index and one page a rule."""

from __future__ import annotations

from citations import linked

from ktt.rules.catalogue import catalogue
from ktt.rules.reference_pages import as_markdown


def pages() -> dict[str, str]:
    """Page name below docs/reference → its text."""
    return {
        "rules.md": _index(),
        **{f"rules/{rule.id}.md": linked(f"{as_markdown(rule)}\n", "../protocol") for rule in catalogue()},
    }


def _index() -> str:
    intro = (
        "Hver regel har en fast adresse, og en ID brukes aldri om igjen. "
        "*Every rule has a permanent address, and an id is never reused.* "
        "Kilder som «messages» og «domain» er sidene under [protocol](protocol/README.md); «IPLOS 3.7» er den publiserte meldingen og kontrollreglene. "
        "*Sources such as “messages” and “domain” are the pages under [protocol](protocol/README.md); “IPLOS 3.7” is the published message and its checks.*"
    )
    rows = [
        f"| [{r.id}](rules/{r.id}.md) | {r.says.nb}<br>*{r.says.en}* | {r.consequence.text.nb} | {r.cause.value} |"
        for r in catalogue()
    ]
    table = ["| ID | Regel | Følge | Årsak |", "| --- | --- | --- | --- |", *rows]
    return "\n\n".join([f"# Regelkatalogen · The rules ({len(rows)})", intro, "\n".join(table)]) + "\n"
