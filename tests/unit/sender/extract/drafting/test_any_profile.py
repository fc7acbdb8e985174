"""Whatever a source is like, a draft of it is a mapping that can be read: what it says wrong, only a person can know."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.sender.extract.drafting.draft import draft_mapping
from ktt.sender.extract.drafting.written import write_draft
from ktt.sender.extract.mapping import errors
from ktt.sender.extract.mapping.file import examined
from ktt.sender.extract.profiling.disclosure import ShownValues
from ktt.sender.extract.profiling.model import KIND_WORDS, ColumnProfile, Join, SourceProfile, TableProfile

TABLES = (
    "BRUKER",
    "SAK",
    "HENDELSE",
    "VEDTAK",
    "TJENESTE",
    "TJENESTE_LOGG",
    "SVAR",
    "SKJEMA",
    "AVDELING",
    "ENHET",
    "SLETTET_RAD",
    "x.y z",
)
COLUMNS = (
    "ID", "BRUKER_NR", "FNR", "SAK_NR", "LINJE", "VERSJON", "TYPE", "STATUS", "TJENESTETYPE", "START", "SLUTT", "DATO", "ENDRET", "GJELDER",
    "SPORSMAL", "VERDI", "ORGNR", "KOMMUNE", "ENHET_NR", "TABELL", "RAD", "SLETTET", "TEKST", "SIGNERT", "TIMER", "F01", "a.b",
)  # fmt: skip
VALUES = (
    ("SØKN", "VEDT", "KLAG", "KLSV", "TLF"),
    tuple(f"IPL.{number:02}" for number in range(1, 19)),
    ("1 - Ingen", "2 - Litt", "3 - Middels", "- Ikke utfylt"),
    ("HUSSTAND", "OMSORG_BARN", "EGNET_BOLIG", "PRIVAT_HJELP"),
    ("0", "-1"),
    ("BRUKER", "SAK", "HENDELSE", "TJENESTE"),
    ("IPLOS", "FALL", "FEILREG"),
    ("J", "N"),
    ("1",),
)
FORMS = {"day": ("%Y-%m-%d", "%d.%m.%y"), "instant": ("%Y-%m-%d %H:%M:%S",), "month": ("%m.%Y",)}


@st.composite
def columns(draw, name):
    kind = draw(st.sampled_from(sorted(KIND_WORDS)))
    rows = 40
    has_values = kind in {"code", "yes_no", "table_name"}
    values = draw(st.sampled_from(VALUES)) if has_values else ()
    forms = draw(st.lists(st.sampled_from(FORMS[kind]), max_size=2, unique=True)) if kind in FORMS else []
    return ColumnProfile(
        name,
        kind,
        rows,
        draw(st.sampled_from((0, 0, 3, 40))),
        draw(st.sampled_from((1, 4, 40))),
        longest=draw(st.integers(1, 12)),
        formats=dict.fromkeys(forms, 20),
        shapes=draw(st.sampled_from(({}, {"9999": 40}, {"{A9}": 30}, {"99:99": 40}))),
        open_ends={"31.12.99": 3} if forms and draw(st.booleans()) else {},
        shown=ShownValues(is_code=has_values, values=dict.fromkeys(values, 9)),
        mixed_case=draw(st.booleans()),
    )


@st.composite
def profiles(draw):
    names = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=6, unique=True))
    tables = []
    for name in names:
        its = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=9, unique=True))
        profiled = tuple(draw(columns(one)) for one in its)
        key = tuple(its[: draw(st.integers(0, min(3, len(its))))])
        tables.append(TableProfile(name, draw(st.sampled_from((0, 1, 3, 40))), profiled, key))
    joined = [_joined(draw, table, tables) for table in tables]
    return SourceProfile(draw(st.sampled_from(("sql", "files"))), "sqlite:///x", "2026-03-01", 5, tuple(joined))


def _joined(draw, table, tables):
    joins = []
    for column in table.columns:
        other = draw(st.sampled_from([None, None, *tables]))
        if other is not None and other.key:
            joins.append(Join(column.name, other.name, other.key[0], 0.9, alike=draw(st.booleans())))
    plain = [one.name for one in table.columns if "{" not in one.name]
    split = tuple(plain[:2]) if len(plain) > 1 and draw(st.booleans()) else ()
    return TableProfile(table.name, table.rows, table.columns, table.key, tuple(joins), split, file=f"{table.name}.csv")


MAY_BE_WRONG = {errors.FieldUnmapped, errors.CodeRowWrong, errors.CodesUnreadable}


@settings(max_examples=80, deadline=None)
@given(profiles())
def test_a_draft_of_anything_can_be_read(tmp_path_factory, profile):
    draft = draft_mapping(profile, "utkast")
    tomllib.loads(draft.text)
    folder = tmp_path_factory.mktemp("any")
    write_draft(draft, folder / "utkast.toml")
    _, faults = examined(folder / "utkast.toml")
    assert not [fault for fault in faults if type(fault) not in MAY_BE_WRONG], draft.text
