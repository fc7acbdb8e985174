"""The rule catalogue in docs/reference: an index and one page a rule."""

from __future__ import annotations

from citations import linked

from ktt.messages.packs.field_names import FieldNames, field_names
from ktt.messages.register import BUILT_IN, pack
from ktt.rules.catalogue import catalogue
from ktt.rules.reference_pages import as_markdown
from ktt.rules.rule import Rule


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
    names = field_names(pack(BUILT_IN))
    rows = [_row(rule, names) for rule in catalogue()]
    table = ["| ID | Regel | Felt i meldingen | Følge | Årsak |", "| --- | --- | --- | --- | --- |", *rows]
    return "\n\n".join([f"# Regelkatalogen · The rules ({len(rows)})", intro, "\n".join(table)]) + "\n"


def _row(rule: Rule, names: FieldNames) -> str:
    fields = ", ".join(f"`{names.shown(rule.on.name, column)}`" for column in rule.concerns)
    says = f"{rule.says.nb}<br>*{rule.says.en}*"
    cause = rule.cause.text.nb.partition(" (")[0]
    return f"| [{rule.id}](rules/{rule.id}.md) | {says} | {fields} | {rule.consequence.text.nb} | {cause} |"
