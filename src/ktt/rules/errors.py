"""What can be wrong when a rule or a rule set is looked up."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class RuleUnknown(KttError):
    """There is no rule with that id."""

    code, exit_code = "KTT-VAL-01", EXIT_USAGE
    what = Text(nb="Regelen «{rule}» finnes ikke.", en="There is no rule “{rule}”.")
    remedy = Text(
        nb="Mente dere {near}? «ktt rules list» viser alle.", en="Did you mean {near}? `ktt rules list` shows them all."
    )


class RuleSetUnknown(KttError):
    """There is no rule set with that version."""

    code, exit_code = "KTT-VAL-02", EXIT_USAGE
    what = Text(nb="Regelversjonen «{version}» finnes ikke.", en="There is no rule set “{version}”.")
    remedy = Text(nb="Versjonene er: {versions}.", en="The versions are: {versions}.")


class RuleSetNotKept(KttError):
    """An older rule set has rules that the program no longer has as they were published."""

    code, exit_code = "KTT-VAL-22", EXIT_USAGE
    what = Text(
        nb="Regelversjon {version} kan ikke kjøres: {count} av reglene er endret eller trukket tilbake siden ({rules} …).",
        en="Rule set {version} cannot be run: {count} of its rules have been changed or withdrawn since ({rules} …).",
    )
    remedy = Text(
        nb="Velg en dag der versjon {newest} gjelder, eller bruk programmet slik det var da den gamle versjonen gjaldt.",
        en="Choose a day on which {newest} applies, or use the program as it was when the older set applied.",
    )
