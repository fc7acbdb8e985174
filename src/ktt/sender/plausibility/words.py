"""The questions in words."""

from __future__ import annotations

from ktt.core.text import Text

FALL = Text(
    nb="Tjenestetype {code}{name}: {then} tjenester sist, {now} nå. Inntil {usual} færre er vanlig.",
    en="Service type {code}{name}: {then} services last time, {now} now. Up to {usual} fewer is usual.",
)
ALL_GONE = Text(
    nb="Tjenestetype {code}{name}: {then} tjenester sist, ingen nå.",
    en="Service type {code}{name}: {then} services last time, none now.",
)
JUMP = Text(
    nb="Tjenestetype {code}{name}: {then} tjenester sist, {now} nå. Inntil {usual} flere er vanlig.",
    en="Service type {code}{name}: {then} services last time, {now} now. Up to {usual} more is usual.",
)
IDENTITY = Text(
    nb="Mottakere uten fødselsnummer, D-nummer eller DUF-nummer: {then} sist, {now} av {recipients} nå. Inntil {usual} flere er vanlig.",
    en="Recipients without a national, D- or DUF-number: {then} last time, {now} of {recipients} now. Up to {usual} more is usual.",
)
CHANGES = Text(
    nb="{now} poster er nye, endret eller borte, av {size}. Inntil {usual} er vanlig.",
    en="{now} records are new, changed or gone, of {size}. Up to {usual} is usual.",
)
OLDER = Text(
    nb="Nyeste registrering er fra {now}; i forrige kjøring var den fra {then}. Er EPJ gjenopprettet fra en eldre kopi?",
    en="The newest registration is of {now}; in the last run it was of {then}. Was the record system restored from an older copy?",
)
DAY_AHEAD = Text(
    nb="Uttaksdagen {now} er ikke kommet ennå; i dag er det {then}.",
    en="The extraction day {now} has not come yet; today is {then}.",
)
DAY_BEFORE = Text(
    nb="Uttaksdagen {now} er før forrige kjørings dag, {then}.",
    en="The extraction day {now} is before the last run's day, {then}.",
)
DROP = Text(
    nb="{gone} av {then} poster av typen «{record_type}» er borte fra EPJ og vil bli slettet. ktt spør når flere enn {usual} blir borte, og alltid når alle blir det.",
    en="{gone} of {then} records of the type “{record_type}” are gone from the record system and would be deleted. It is asked when more than {usual} go, and always when all do.",
)
TABLE = Text(
    nb="Tabellen «{table}» har gått fra {then} til {now:rad|rader}. ktt spør når flere enn {usual} blir borte, og alltid når tabellen blir tom.",
    en="The table “{table}” went from {then} to {now:row|rows}. It is asked when more than {usual} go, and always when the table becomes empty.",
)
