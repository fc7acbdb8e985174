"""What Typer itself says, in both languages: the heads of a help text, and what is wrong with a command line.

Typer says it in English alone. A sentence that is not known here is passed on as it is, so nothing is ever left unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import typer

from ktt.core.text import Text

_FORMAT = {"%Y-%m-%d": Text(nb="ÅÅÅÅ-MM-DD", en="YYYY-MM-DD")}
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (r"Missing command\.", "det mangler en kommando.", "a command is missing."),
    (r"Missing \w+ '(.+)'\.", "«{a}» mangler.", "“{a}” is missing."),
    (
        r"Missing \w+ '(.+?)'\. Choose from:\s+(.+)",
        "«{a}» mangler. Velg en av {b}",
        "“{a}” is missing. Choose from {b}",
    ),
    (r"No such command '(.+)'\.", "kommandoen «{a}» finnes ikke.", "there is no command “{a}”."),
    (
        r"No such command '(.+)'\. Did you mean (.+)\?",
        "kommandoen «{a}» finnes ikke. Mente du {b}?",
        "there is no command “{a}”. Did you mean {b}?",
    ),
    (r"No such option: (\S+)", "valget {a} finnes ikke.", "there is no option {a}."),
    (
        r"No such option: (\S+) \(Possible options: (.+)\)",
        "valget {a} finnes ikke. Mente du {b}?",
        "there is no option {a}. Did you mean {b}?",
    ),
    (r"Option '(.+)' requires an argument\.", "valget {a} skal ha en verdi etter seg.", "option {a} takes a value."),
    (r"Option '(.+)' does not take a value\.", "valget {a} skal stå uten verdi.", "option {a} takes no value."),
    (
        r"Got unexpected extra argument\(?s?\)? \((.+)\)",
        "det er ikke plass til «{a}» her.",
        "there is no place for “{a}” here.",
    ),
    (r"Invalid value for '?(.+?)'?: (.+)", "{a}: {b}", "{a}: {b}"),
    (r"(?:Value error, )?'(.*)' is not one of (.+)\.", "«{a}» er ikke en av {b}.", "“{a}” is not one of {b}."),
    (r"Input should be a valid integer.*", "det skal være et helt tall.", "it must be a whole number."),
    (r"Input should be a valid number.*", "det skal være et tall.", "it must be a number."),
    (r"Input should be greater than or equal to (\S+)", "det skal være minst {a}.", "it must be at least {a}."),
    (r"Input should be less than or equal to (\S+)", "det skal være høyst {a}.", "it must be at most {a}."),
    (r"Input should be greater than (\S+)", "det skal være mer enn {a}.", "it must be more than {a}."),
    (r"Input should be less than (\S+)", "det skal være mindre enn {a}.", "it must be less than {a}."),
    (
        r"(?:Value error, )?'(.*)' does not match the formats? '(.+)'\.",
        "«{a}» er ikke en dag skrevet som {b}.",
        "“{a}” is not a day written as {b}.",
    ),
)
_HEADS = {"Options": "Valg", "Arguments": "Argumenter", "Commands": "Kommandoer"}
_HELP = {
    "Show this message and exit.": "Vis denne teksten.",
    "default: ": "ellers: ",
    "required]": "må med]",
    "[OPTIONS]": "[VALG]",
    "COMMAND": "KOMMANDO",
    "[ARGS]": "[ARGUMENTER]",
    "<int>": "<tall>",
    "<int range>": "<tall>",
    "<float>": "<tall>",
    "<float range>": "<tall>",
    "<str>": "<tekst>",
    "<list[str]>": "<tekst>",
    "<path>": "<sti>",
    "<%Y-%m-%d>": "<ÅÅÅÅ-MM-DD>",
}


def reason(said: str) -> Text:
    """What Typer says is wrong, in both languages."""
    for sentence, nb, en in _SENTENCES:
        found = re.fullmatch(sentence, said, re.DOTALL)
        if found is not None:
            return Text(nb=nb, en=en).format(**dict(zip("ab", map(_inner, found.groups()), strict=False)))
    return Text(nb=said, en=said)


def _inner(part: str) -> Text:
    """A part of a sentence: a sentence itself, names to choose from, or a value."""
    known = _FORMAT.get(part)
    if known is not None:
        return known
    names = re.findall(r"'([^']*)'", part)
    if names and re.sub(r"'[^']*'|[ ,]", "", part) == "":
        return Text(nb=", ".join(names), en=", ".join(names))
    return reason(part)


class _Formatter(typer.Context.formatter_class):  # type: ignore[valid-type,misc]  # Typer's own, by its public name
    """Help in bokmål."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        super().write_usage(prog, _in_bokmal(args), prefix or "Bruk: ")

    def section(self, name: str) -> Any:
        """A head, and what stands below it."""
        return super().section(_HEADS.get(name, name))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Names, and what each is."""
        super().write_dl([(_in_bokmal(name), _in_bokmal(says)) for name, says in rows], *args, **options)


def _in_bokmal(words: str) -> str:
    for english, nb in _HELP.items():
        words = words.replace(english, nb)
    return words


class _Context(typer.Context):
    formatter_class = _Formatter


def speak_bokmal(command: Any) -> None:
    """Let a command's help be in bokmål to its last word."""
    command.context_class = _Context
