"""The rules that follow from the table: one for each field and kind of fault, with an id made of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from ktt.core.text import Text
from ktt.domain.codes import code_list
from ktt.domain.codes.lists import FIRST_DAY, LAST_DAY
from ktt.messages.iplos_3_7.field_schema import fits_schema
from ktt.messages.iplos_3_7.layout import CONTACT, FaultKind, XmlElement, XmlField, layout
from ktt.rules.annual import examples, texts
from ktt.rules.annual.record_types import PARENT_KEY, SINGLE_KEY, YEAR_END, YEAR_START, record_types
from ktt.rules.rule import Cause, Consequence, Rule

CONSEQUENCES: dict[str, Consequence] = {
    "reject": Consequence.REJECT_MESSAGE,
    "drop": Consequence.DROP_RECORD,
    "clear": Consequence.CLEAR_FIELD,
    "note": Consequence.NOTE,
    "unstated": Consequence.NOTE,  # the check is active, and no consequence is published
}
_SUFFIX: dict[FaultKind, str] = {"form": "FORM", "missing": "MANGLER", "code": "KODE", "range": "GRENSE"}
_LABEL: dict[FaultKind, str] = {"form": "type", "missing": "obligation", "code": "code list", "range": "range"}
_DAY = (
    r"^(?:(?:19|20)[0-9]{2}(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)"
    r"|02(?:0[1-9]|1[0-9]|2[0-8]))|(?:(?:19|20)(?:0[48]|[2468][048]|[13579][26])|2000)0229|99991231)$"
)
"""A day that exists, in the years 1900–2099, or the open end."""

_MONTH = r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])$"
_ID = r"^[0-9]{1,10}$"
_EMPTY = ""


def id_part(one: XmlField) -> str:
    """The part of a rule's id that names its field."""
    return f"KONTAKT-{one.name.upper()}" if one.element == CONTACT else one.name.upper()


def table_rules() -> Iterator[Rule]:
    """All rules that the table gives, element by element."""
    for element in layout().elements:
        if element.parent is None:
            continue
        for one in element.fields:
            yield from _field_rules(element, one)
        yield from _orders(element)
        yield from _only_when(element)
        yield from _keys(element)


def _field_rules(element: XmlElement, one: XmlField) -> Iterator[Rule]:
    form = _form(one)
    if form is not None:
        yield _rule(one, "form", form, (texts.form_says(one), texts.form_remedy(one)), Cause.EXTRACTION)
    missing = _missing(element, one)
    if missing is not None:
        cause = Cause.REGISTRATION if one.required_for else Cause.EXTRACTION
        yield _rule(one, "missing", missing, (texts.missing_says(one), texts.missing_remedy(one)), cause)
    code = _code(one)
    if code is not None:
        yield _rule(one, "code", code, (texts.code_says(one), texts.code_remedy(codes(one))), Cause.CODE_MAPPING)
    if one.noted:
        yield _noted(one)
    within = _range(one)
    if within is not None:
        cause = Cause.EXTRACTION if one.first == one.last else Cause.REGISTRATION
        yield _rule(one, "range", within, (texts.range_says(one), texts.range_remedy(one)), cause)


def _rule(one: XmlField, fault: FaultKind, holds: pl.Expr, says_and_remedy: tuple[Text, Text], cause: Cause) -> Rule:
    return Rule(
        f"IPLOS-{id_part(one)}-{_SUFFIX[fault]}",
        on=record_types()[one.element],
        holds=holds if fault == "missing" else _where_schema_fits(one, holds),
        concerns=(one.name,),
        consequence=CONSEQUENCES[one.faults.get(fault, "unstated")],
        says=says_and_remedy[0],
        remedy=says_and_remedy[1],
        cause=cause,
        source=f"IPLOS 3.7 control rules 3.7.17b, {one.element}.{one.name}, {_LABEL[fault]}",
        examples=examples.of(one, fault, codes(one)),
    )


def _where_schema_fits(one: XmlField, holds: pl.Expr) -> pl.Expr:
    """Only values that the schema accepts are looked at, so that one mistake is one finding."""
    fitting = fits_schema(one)
    return holds if fitting is None else ~fitting | holds


def _form(one: XmlField) -> pl.Expr | None:
    text = pl.col(one.name)
    if one.type == "date":
        return text.str.contains(_DAY)
    if one.type == "month":
        return (text == _EMPTY) | text.str.contains(_MONTH)
    implied = one.length is not None and one.form == f".{{0,{one.length[1]}}}"
    if one.form is None or one.fixed or implied or (codes(one) and not _form_is_worse(one)):
        return None
    return (text == _EMPTY) | text.str.contains(f"^(?:{one.form})$".replace(r"\d", "[0-9]"))


def _form_is_worse(one: XmlField) -> bool:
    """Whether a wrong form has a worse consequence than a wrong code; if not, the rule on the code covers both."""
    form, code = (CONSEQUENCES[one.faults.get(fault, "unstated")] for fault in ("form", "code"))
    return form.value < code.value


def _missing(element: XmlElement, one: XmlField) -> pl.Expr | None:
    """Only where the schema itself does not demand a value."""
    text = pl.col(one.name)
    empty = text == _EMPTY
    if one.required_for:
        obligatory = pl.col("tjTjenType").is_in(list(one.required_for))
        filled = text.is_not_null() if fits_schema(one) is not None else text.is_not_null() & ~empty
        waived = [_state(element.states[name]) for name in one.waived]
        return pl.any_horizontal(~obligatory, filled, *waived)
    free = fits_schema(one) is None or (one.length is not None and not one.length[0])
    return ~empty if one.required and free else None


def _state(state: Mapping[str, Any]) -> pl.Expr:
    if "is" in state:
        return (pl.col(str(state["field"])) == pl.lit(str(state["is"]))).fill_null(value=False)
    has = [pl.col(name).is_not_null() for name in state["has"]]
    return pl.all_horizontal(*has, *(pl.col(name).is_null() for name in state["lacks"]))


def codes(one: XmlField) -> list[str]:
    """Every value that a coded field may hold; empty where the list is not published or the field has none."""
    known = [code for name in one.lists for code in code_list(name).values()]
    return list(dict.fromkeys([*known, *one.also]))


def _code(one: XmlField) -> pl.Expr | None:
    text = pl.col(one.name)
    if one.forms_by:
        return (text == _EMPTY) | pl.all_horizontal(
            (pl.col(one.forms_by["field"]) != system) | text.str.contains(f"^(?:{form})$".replace(r"\d", "[0-9]"))
            for system, form in one.forms_by.items()
            if system != "field"
        )
    if not codes(one):
        return None
    empty = text.is_null() | (text == _EMPTY)
    if one.lists_by:
        return empty | _listed_by(one)
    if one.valid_on:
        return empty | _valid(one) | ~text.str.contains(f"^(?:{one.form})$".replace(r"\d", "[0-9]"))
    return empty | text.is_in(codes(one))


def _listed_by(one: XmlField) -> pl.Expr:
    """The list depends on another field."""
    chosen = pl.col(one.lists_by["field"])
    others = {value: name for value, name in one.lists_by.items() if value != "field"}
    here = (~chosen.is_in(list(others))).fill_null(value=True) & pl.col(one.name).is_in(codes(one))
    listed = [(chosen == value) & pl.col(one.name).is_in(code_list(name).values()) for value, name in others.items()]
    return pl.any_horizontal(here, *listed)


def _valid(one: XmlField) -> pl.Expr:
    """A code of its time: valid when the year began, or on the row's own day where that lies before the year."""
    text = pl.col(one.name)
    own = pl.min_horizontal(pl.coalesce(pl.col(name) for name in one.valid_on), pl.col(YEAR_START))
    valid = []
    always = []
    for code in (code for name in one.lists for code in code_list(name).codes):
        if (code.valid_from, code.valid_to) == (FIRST_DAY, LAST_DAY):
            always.append(code.code)
            continue
        first, last = f"{code.valid_from:%Y%m%d}".zfill(8), f"{code.valid_to:%Y%m%d}"
        valid.append((text == code.code) & (pl.col(YEAR_START) >= first) & (own <= last))
    return pl.any_horizontal(text.is_in(always), *valid)


def _noted(one: XmlField) -> Rule:
    name = texts.named(one)
    shown = ", ".join(one.noted)
    return Rule(
        f"IPLOS-{id_part(one)}-UTGATT",
        on=record_types()[one.element],
        holds=~pl.col(one.name).is_in(list(one.noted)),
        concerns=(one.name,),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"{name.nb} har en verdi som leses, men ikke skal brukes: {shown}.",
            en=f"{name.en} has a value that is read but should not be used: {shown}.",
        ),
        remedy=Text(
            nb="Rett kodekoblingen, eller la feltet være borte.", en="Correct the code mapping, or leave the field out."
        ),
        cause=Cause.CODE_MAPPING,
        source=f"IPLOS 3.7, {one.element}.{one.name}, remarks and change log",
        examples=examples.of_values(one, [code for code in codes(one) if code not in one.noted][:1], one.noted),
    )


def _range(one: XmlField) -> pl.Expr | None:
    if one.first is None or one.last is None:
        return None
    text = pl.col(one.name)
    if one.type == "decimal":
        number = text.cast(pl.Float64, strict=False)
        return number.is_between(float(one.first), float(one.last))
    least, most = (_limit(limit) for limit in (one.first, one.last))
    if one.type == "month":
        within = text.is_between(least.str.head(6), most.str.head(6))
        return ~text.str.contains(_MONTH) | within
    within = text.is_between(least, most)
    # Only one day is right here. A value that is not a day is left to the rule on its form.
    return ~text.str.contains(_DAY) | within if one.first == one.last else within


def _limit(limit: str) -> pl.Expr:
    named = {"year_start": pl.col(YEAR_START), "year_end": pl.col(YEAR_END)}
    return named.get(limit, pl.lit(limit.replace("-", "")))


def _orders(element: XmlElement) -> Iterator[Rule]:
    for first, then in element.orders:
        early, late = element.find(first), element.find(then)
        one, other = texts.named(early), texts.named(late)
        # Eight digits compare as text as the days do. A value that is not a day is left to the rule on its form.
        holds = pl.col(first) <= pl.col(then)
        both = pl.all_horizontal(pl.col(name).str.contains(_DAY) for name in (first, then))
        yield Rule(
            f"IPLOS-{id_part(late)}-REKKE",
            on=record_types()[element.name],
            holds=~both | holds,
            concerns=(then, first),
            consequence=Consequence.NOTE,
            says=Text(nb=f"{other.nb} er før {one.nb}.", en=f"{other.en} is before {one.en}."),
            remedy=Text(nb="Rett den datoen som er feil i EPJ.", en="Correct the wrong date in the EPJ."),
            cause=Cause.REGISTRATION,
            source=f"IPLOS 3.7, remarks: {first} ≤ {then}; no active check, so noted",
            examples=examples.order(first, then),
        )


def _only_when(element: XmlElement) -> Iterator[Rule]:
    for name, when, value in element.only_when:
        one, other = texts.named(element.find(name)), texts.named(element.find(when))
        yield Rule(
            f"IPLOS-{id_part(element.find(name))}-HVIS",
            on=record_types()[element.name],
            holds=pl.col(name).is_null() | (pl.col(when) == value).fill_null(value=False),
            concerns=(name, when),
            consequence=Consequence.NOTE,
            says=Text(
                nb=f"{one.nb} er fylt ut, men {other.nb} er ikke {value}.",
                en=f"{one.en} is filled in, but {other.en} is not {value}.",
            ),
            remedy=Text(
                nb="Rett det feltet som er feil i EPJ, eller la det første være tomt.",
                en="Correct the wrong field in the EPJ, or leave the first one empty.",
            ),
            cause=Cause.REGISTRATION,
            source=f"IPLOS 3.7, {element.name}.{name}: only when {when} = {value}; no consequence published",
            examples=examples.only_when(name, when, value),
        )


def _keys(element: XmlElement) -> Iterator[Rule]:
    if not element.key:
        return
    kind = record_types()[element.name]
    drop = partial(Rule, on=kind, consequence=Consequence.DROP_RECORD, cause=Cause.EXTRACTION)
    yield drop(
        f"IPLOS-{element.name}-NOKKEL",
        holds=pl.col(SINGLE_KEY),
        concerns=element.key[::-1],
        says=Text(
            nb=f"En tidligere {element.nb} i meldingen har samme nøkkel: {' og '.join(element.key)}.",
            en=f"An earlier {element.en} in the message has the same key: {' and '.join(element.key)}.",
        ),
        remedy=Text(
            nb="La uttrekket gi hver rad sitt eget nummer, og skrive hver rad én gang.",
            en="Make the export give each row a number of its own, and write each row once.",
        ),
        source=f"IPLOS 3.7, key of {element.name}; consequence ours, as for a key that is missing",
        examples=examples.keys(element.key),
    )
    if element.key[0] != element.key[-1]:
        yield drop(
            f"IPLOS-{element.name}-EIER",
            holds=~pl.col(element.key[0]).str.contains(_ID) | (pl.col(element.key[0]) == pl.col(PARENT_KEY)),
            concerns=(element.key[0],),
            says=Text(
                nb=f"Person-ID-en ({element.key[0]}) er en annen enn pePeID på personen rundt.",
                en=f"The person id ({element.key[0]}) is another than pePeID of the person around it.",
            ),
            remedy=Text(
                nb="La uttrekket skrive samme nummer på personen og alt som hører til den.",
                en="Make the export write the same number on the person and everything that belongs to it.",
            ),
            source=f"IPLOS 3.7, {element.key[0]} refers to pePeID; consequence ours, as for a key that is missing",
            examples=examples.owner(element.key[0]),
        )
