"""What a sign says that a mapping reads something other than is meant, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ktt.core.text import Language, Text
from ktt.validate.mapping_check.doubts import Doubt
from ktt.validate.report.words import record_word

_NEAR = Text(
    nb="{rows} av {among:rad|rader} i «{place}» finner ingen rad i «{other}» ({key}), men ville gjort det om det ikke var forskjell på store og små bokstaver, blanke, klammer, bindestreker eller nuller foran. Skriv «upper», «strip» eller «pad» på de to tabellene.",
    en="{rows} of {among:row|rows} in “{place}” find no row in “{other}” ({key}), but would if there were no difference of capitals, blanks, braces, dashes or noughts in front. Write `upper`, `strip` or `pad` for the two tables.",
)
_UNLIKE = Text(
    nb="I «{place}» er {rows} av {among:periode|perioder} satt sammen av rader som ikke er like i «{other}», som leses: verdien i den siste raden gjelder da hele perioden. Ta kolonnen med i «periods.of».",
    en="In “{place}”, {rows} of {among:period|periods} are put together of rows that are unlike in “{other}”, which is read: what the last row has then holds for the whole period. Name the column in `periods.of` too.",
)
_TOUCHING = Text(
    nb="{rows} av {among:periode|perioder} ({place}) slutter samme dag som den neste starter. Er sluttdagen i EPJ den første dagen det ikke gjelder, skriv «days = -1» på alle felt som leser den.",
    en="{rows} of {among:period|periods} ({place}) end on the day that the next one starts. If the last day in the record system is the first on which it does not hold, write `days = -1` for all fields that read it.",
)
_APART = Text(
    nb="{rows} av {among:vedtakslinje|vedtakslinjer} slutter en dag før eller etter tjenesten sin. Er én av sluttdagene i EPJ den første dagen det ikke gjelder, skriv «days = -1» på den.",
    en="{rows} of {among:decision line|decision lines} end a day before or after their service. If one of the two last days in the record system is the first on which it does not hold, write `days = -1` for it.",
)
_DAYS = Text(
    nb="«{place}» leser «{other}» uten «days», men {rows} av {among:felt|felt} som leser en kolonne med det navnet, har det.",
    en="“{place}” reads “{other}” without `days`, but {rows} of {among:field|fields} that read a column of that name have it.",
)
_EXTENDED = Text(
    nb="{rows} av {among:forlengelse|forlengelser} viser til et vedtak som selv er en forlengelse. «original_decision_id» er det første vedtaket i rekken, ikke det forrige: følg rekken med en «lookup» for hvert ledd.",
    en="{rows} of {among:extension|extensions} refer to a decision that is itself an extension. `original_decision_id` is the first decision of the chain, not the one before: follow the chain with a `lookup` for each step.",
)
_BEYOND = Text(
    nb="«{place}» leser {rows:kolonne|kolonner} ved siden av hverandre, men tabellen har også «{other}». Skal den være med, rett «n».",
    en="“{place}” reads {rows:column|columns} side by side, but the table has “{other}” too. If it belongs, correct `n`.",
)
_WORDS = {
    "near miss": _NEAR,
    "unlike together": _UNLIKE,
    "ends when the next starts": _TOUCHING,
    "ends a day apart": _APART,
    "days differ": _DAYS,
    "extends an extension": _EXTENDED,
    "beyond the range": _BEYOND,
}


def doubt_words(doubts: Iterable[Doubt], language: Language) -> Iterator[str]:
    """A sentence or two for each sign."""
    for one in doubts:
        key, _, other = one.of.partition(" ") if one.kind == "near miss" else ("", "", one.of)
        place = record_word(one.place, language) if one.kind == "ends when the next starts" else one.place
        said = _WORDS[one.kind].format(rows=one.rows, among=one.among, place=place, other=other, key=key)
        yield said.in_(language)
