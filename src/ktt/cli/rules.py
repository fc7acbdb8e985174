"""`ktt rules`: the catalogue, one rule's page, and what differs between two versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Language, Text

if TYPE_CHECKING:  # the catalogue takes half a second to import; `--help` does not need it
    from ktt.messages.packs.field_names import FieldNames
    from ktt.rules.rule import Rule

app = typer.Typer(add_completion=False)

_Theme = Annotated[
    str | None,
    typer.Option(help=told(nb="Bare dette temaet, som dato i KTT-DATO-01.", en="Only this theme, as dates.")),
]
_RecordType = Annotated[
    str | None,
    typer.Option(
        help=told(nb="Bare denne opplysningstypen, som vedtak eller decision.", en="Only this record type, as pause.")
    ),
]
_Field = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Bare regler om dette feltet: som i meldingen (soknadDato), i koden (applied_on) eller i ordlisten.",
            en="Only rules about this field: as in messages (soknadDato), in the code (applied_on) or in the glossary.",
        )
    ),
]
_Consequence = Annotated[
    str | None,
    typer.Option(
        help=told(nb="Bare avvis, utelat, tøm eller noter.", en="Only reject, drop, clear or note."),
    ),
]
_Cause = Annotated[
    str | None,
    typer.Option(
        help=told(nb="Bare registrering, uttrekk eller kodekobling.", en="Only registration, extraction, code-mapping.")
    ),
]
_Annual = Annotated[
    bool,
    typer.Option(
        "--iplos",
        help=told(
            nb="Reglene for årsmeldingen, IPLOS 3.7, i stedet for dem for de daglige meldingene.",
            en="The rules of the annual message, IPLOS 3.7, instead of those of the daily messages.",
        ),
    ),
]
_Rule = Annotated[
    str, typer.Argument(metavar=told(nb="REGEL", en="RULE"), help=told(nb="Regelens ID.", en="The rule's id."))
]
_Both = Annotated[bool, typer.Option("--both", help=told(nb="Vis begge språk.", en="Show both languages."))]
_Older = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="ELDST", en="OLDER"), help=told(nb="Den eldste versjonen, som 2026.1.", en="The older version.")
    ),
]
_Newer = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="NYEST", en="NEWER"), help=told(nb="Den nyeste versjonen.", en="The newer version.")
    ),
]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """The catalogue, when nothing more is asked."""
    if context.invoked_subcommand is None:
        list_()


@app.command("list", help=told(nb="Reglene, alle eller et utvalg.", en="The rules, all or some."))
def list_(
    *,
    theme: _Theme = None,
    record_type: _RecordType = None,
    field: _Field = None,
    consequence: _Consequence = None,
    cause: _Cause = None,
    annual: _Annual = False,
    pack: PackOption = None,
    json: JsonFlag = False,
) -> None:
    """The rules that fit every filter."""
    from ktt.rules.annual.catalogue import annual_rules
    from ktt.rules.catalogue import catalogue
    from ktt.validate.rule_selection import Trait, rules_about, rules_of

    rules = annual_rules() if annual else catalogue()
    names = _names(pack)
    traits: dict[Trait, str | None] = {
        "theme": theme,
        "record_type": record_type,
        "consequence": consequence,
        "cause": cause,
    }
    fitting = [rules_of(rules, trait, choice) for trait, choice in traits.items() if choice is not None]
    fitting += [] if field is None else [rules_about(rules, field, names)]
    chosen = [rule for rule in rules if all(rule in some for some in fitting)]
    columns = (
        Text(nb="Regel", en="Rule"),
        Text(nb="Opplysning", en="Record"),
        Text(nb="Felt", en="Fields"),
        Text(nb="Konsekvens", en="Consequence"),
        Text(nb="Årsak", en="Cause"),
        Text(nb="Avvik", en="Finding"),
    )
    none = Text(nb="Ingen regel passer.", en="No rule fits.").in_(language())
    emit(
        [_row(rule, names) for rule in chosen],
        json=json,
        render=lambda: table(columns, [_shown(rule, names) for rule in chosen]) if chosen else none,
    )


def _names(pack: list[str] | None) -> FieldNames:
    from ktt.messages.packs.field_names import field_names
    from ktt.messages.register import register_of

    return field_names(register_of(chosen_packs(pack)).versions)


def _row(rule: Rule, names: FieldNames) -> dict[str, object]:
    from ktt.validate.rule_selection import consequence_word

    return {
        "id": rule.id,
        "theme": rule.theme,
        "record_type": rule.on.name,
        "fields": list(rule.concerns),
        "message_fields": [name for column in rule.concerns for name in names.of(rule.on.name, column)],
        "consequence": consequence_word(rule.consequence),
        "cause": rule.cause.value,
        "says": rule.says,
    }


def _shown(rule: Rule, names: FieldNames) -> tuple[str, ...]:
    """The same in the reader's language, with fields as messages call them."""
    from ktt.validate.rule_selection import cause_said, consequence_said, record_said

    spoken = language()
    fields = ", ".join(names.shown(rule.on.name, column) for column in rule.concerns)
    words = (consequence_said(rule.consequence), cause_said(rule.cause), rule.says)
    return (rule.id, record_said(rule.on.name).in_(spoken), fields, *(one.in_(spoken) for one in words))


@app.command(help=told(nb="Vis én regel, med eksempler.", en="Show one rule, with examples."))
def show(rule_id: _Rule, *, both: _Both = False, pack: PackOption = None, json: JsonFlag = False) -> None:
    """One rule's page, as the manual prints it."""
    from ktt.rules.reference_pages import as_data, as_text, find_any

    rule, names = find_any(rule_id), _names(pack)
    spoken: tuple[Language, ...] = ("nb", "en") if both else (language(),)
    emit(as_data(rule, names), json=json, render=lambda: "\n\n".join(as_text(rule, one, names) for one in spoken))


@app.command(help=told(nb="Hva som skiller to versjoner av reglene.", en="What differs between two versions."))
def changes(older: _Older, newer: _Newer, *, json: JsonFlag = False) -> None:
    """The change log between two rule sets."""
    from ktt.rules.rule_sets.published import change, rule_set

    log = asdict(change(rule_set(older), rule_set(newer)))
    kinds = {
        "added": Text(nb="ny", en="added"),
        "changed": Text(nb="endret", en="changed"),
        "withdrawn": Text(nb="trukket tilbake", en="withdrawn"),
    }
    spoken = language()
    rows = [(rule, kinds[kind].in_(spoken)) for kind, rules in log.items() for rule in rules]
    none = Text(nb="Ingen forskjell.", en="No difference.")
    columns = (Text(nb="Regel", en="Rule"), Text(nb="Endring", en="Change"))
    emit(log, json=json, render=lambda: table(columns, rows) if rows else none.in_(spoken))
