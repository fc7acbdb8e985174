"""What can be wrong when rules are asked for."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class RuleUnknown(KttError):
    """There is no rule with that id."""

    code, exit_code = "KTT-VAL-01", EXIT_USAGE
    what = Text(nb="Det finnes ingen regel «{rule}».", en="There is no rule “{rule}”.")
    remedy = Text(
        nb="Mente du {near}? «ktt rules list» viser alle.", en="Did you mean {near}? `ktt rules list` shows them all."
    )


class RuleSetUnknown(KttError):
    """There is no rule set with that version."""

    code, exit_code = "KTT-VAL-02", EXIT_USAGE
    what = Text(nb="Det finnes ingen regelutgave «{version}».", en="There is no rule set “{version}”.")
    remedy = Text(nb="Utgavene er: {versions}.", en="The versions are: {versions}.")
