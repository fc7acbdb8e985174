"""What can be wrong when the controller writes something down about coverage."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class DeclarationUnexplained(KttError):
    """A declaration, or its undoing, must say who and why, since it is kept."""

    code, exit_code = "KTT-COV-01", EXIT_USAGE
    what = Text(
        nb="En erklæring krever både hvem som gjør den, og hvorfor.",
        en="A declaration is written down only when it is stated who does so, and why.",
    )
    remedy = Text(
        nb="Skriv kommunens egen grunn, for eksempel --reason «byttet EPJ i mars 2019, eldre data finnes ikke».",
        en="Write the municipality's own reason, for example --reason “changed EPJ in March 2019, nothing older exists”.",
    )


class MonthsTurned(KttError):
    """The months of a declaration are no period since January 2017."""

    code, exit_code = "KTT-COV-02", EXIT_USAGE
    what = Text(
        nb="{first}–{last} er ikke en periode fra og med 2017-01: den første måneden må ikke være etter den siste.",
        en="{first}–{last} are not months from 2017-01 on, in order.",
    )
    remedy = Text(nb="Skriv første og siste måned som 2017-01.", en="Write the first and the last month as 2017-01.")


class DeclarationUnknown(KttError):
    """Somebody wants to undo a declaration that does not hold."""

    code, exit_code = "KTT-COV-03", EXIT_USAGE
    what = Text(
        nb="Erklæring {number} finnes ikke, eller er opphevet.", en="There is no declaration {number} that holds."
    )
    remedy = Text(
        nb="Se erklæringene med «ktt registry declarations».",
        en="See the declarations with `ktt registry declarations`.",
    )


class UnitUnknown(KttError):
    """Nothing is known of a unit."""

    code, exit_code = "KTT-COV-04", EXIT_USAGE
    what = Text(nb="Registeret har aldri hørt fra enhet {unit}.", en="The registry has never heard of unit {unit}.")
    remedy = Text(
        nb="Skriv enheten slik «ktt registry units» viser den.", en="Write the unit as `ktt registry units` shows it."
    )


class MetricsUnwritable(KttError):
    """The file of metrics cannot be written."""

    code, exit_code = "KTT-COV-05", EXIT_STORE
    what = Text(
        nb="Måletallene kan ikke skrives til {path} ({reason}).",
        en="The metrics cannot be written to {path} ({reason}).",
    )
    remedy = Text(
        nb="Velg en mappe som finnes og kan skrives til.", en="Choose a folder that is there and can be written to."
    )
