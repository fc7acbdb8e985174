"""What Typer itself says, in both languages: the heads of a help text, and what is wrong with a command line.

Typer says it in English alone: its own copy of click has no gettext (docs/adr/0014). So this is the catalogue, with
Typer's sentences as they are, `{a}` and `{b}` for what it fills in. A sentence that is not known is passed on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import typer

from ktt.core.text import Language, Text

# Where one sentence is the beginning of another, the longer one stands first.
_SENTENCES: Mapping[str, Text] = {
    "Missing command.": Text(nb="kommandoen mangler.", en="a command is missing."),
    "Missing argument {a}. Choose from:{b}": Text(
        nb="«{a}» mangler. Velg en av {b}", en="“{a}” is missing. Choose from {b}"
    ),
    "Missing argument {a}.": Text(nb="«{a}» mangler.", en="“{a}” is missing."),
    "Missing option {a}. Choose from:{b}": Text(
        nb="«{a}» mangler. Velg en av {b}", en="“{a}” is missing. Choose from {b}"
    ),
    "Missing option {a}.": Text(nb="«{a}» mangler.", en="“{a}” is missing."),
    "No such command {a}.": Text(nb="kommandoen «{a}» finnes ikke.", en="there is no command “{a}”."),
    "No such command {a}. Did you mean {b}?": Text(
        nb="kommandoen «{a}» finnes ikke. Mente dere {b}?", en="there is no command “{a}”. Did you mean {b}?"
    ),
    "No such option: {a} (Possible options: {b})": Text(
        nb="valget {a} finnes ikke. Mente dere {b}?", en="there is no option {a}. Did you mean {b}?"
    ),
    "No such option: {a}": Text(nb="valget {a} finnes ikke.", en="there is no option {a}."),
    "Option {a} requires an argument.": Text(nb="valget {a} krever en verdi.", en="option {a} takes a value."),
    "Option {a} does not take a value.": Text(nb="valget {a} tar ingen verdi.", en="option {a} takes no value."),
    "Got unexpected extra argument(s) ({a})": Text(
        nb="«{a}» er ett argument for mye.", en="“{a}” is one argument too many."
    ),
    "Invalid value for {a}: {b}": Text(nb="{a}: {b}", en="{a}: {b}"),
    "Value error, {a}": Text(nb="{a}", en="{a}"),
    "{a} is not one of {b}.": Text(nb="«{a}» er ikke en av {b}.", en="“{a}” is not one of {b}."),
    "Input should be a valid integer{a}": Text(nb="verdien skal være et helt tall.", en="it must be a whole number."),
    "Input should be a valid number{a}": Text(nb="verdien skal være et tall.", en="it must be a number."),
    "Input should be greater than or equal to {a}": Text(
        nb="verdien skal være minst {a}.", en="it must be at least {a}."
    ),
    "Input should be less than or equal to {a}": Text(nb="verdien skal være høyst {a}.", en="it must be at most {a}."),
    "Input should be greater than {a}": Text(nb="verdien skal være mer enn {a}.", en="it must be more than {a}."),
    "Input should be less than {a}": Text(nb="verdien skal være mindre enn {a}.", en="it must be less than {a}."),
    "{a} does not match the formats {b}.": Text(
        nb="«{a}» er ikke en dag skrevet som {b}.", en="“{a}” is not a day written as {b}."
    ),
    "'%Y-%m-%d'": Text(nb="ÅÅÅÅ-MM-DD", en="YYYY-MM-DD"),
    "'%Y-%m'": Text(nb="ÅÅÅÅ-MM", en="YYYY-MM"),
    "'%Y-%m-%d', '%Y-%m'": Text(nb="ÅÅÅÅ-MM-DD eller ÅÅÅÅ-MM", en="YYYY-MM-DD or YYYY-MM"),
}
_DAYS = {"<%Y-%m-%d>": "<YYYY-MM-DD>", "<%Y-%m>": "<YYYY-MM>", "<%Y-%m-%d|%Y-%m>": "<YYYY-MM-DD|YYYY-MM>"}
_HEADS = {"Options": "Valg", "Arguments": "Argumenter", "Commands": "Kommandoer"}
_HELP = {
    "Show this message and exit.": "Vis denne teksten.",
    "default: ": "standard: ",
    "required]": "påkrevd]",
    "[OPTIONS]": "[VALG]",
    "COMMAND": "KOMMANDO",
    "[ARGS]": "[ARGUMENTER]",
    "<int>": "<tall>",
    "<int range>": "<tall>",
    "<float>": "<tall>",
    "<float range>": "<tall>",
    "<str>": "<tekst>",
    "<list[str]>": "<tekst>",
    "<list[Path]>": "<sti>",
    "<path>": "<sti>",
    "<%Y-%m-%d>": "<ÅÅÅÅ-MM-DD>",
    "<%Y-%m>": "<ÅÅÅÅ-MM>",
    "<%Y-%m-%d|%Y-%m>": "<ÅÅÅÅ-MM-DD|ÅÅÅÅ-MM>",
}


def reason(said: str) -> Text:
    """What Typer says is wrong, in both languages."""
    for sentence, text in _patterns():
        found = sentence.fullmatch(said)
        if found is not None:
            return text.format(**{name: reason(part) for name, part in found.groupdict().items()})
    quoted = re.findall(r"'([^']*)'", said)
    if quoted and not re.sub(r"'[^']*'|[ ,/]", "", said):  # names to choose from, or one value
        said = ", ".join(quoted)
    return Text(nb=said.strip(), en=said.strip())


@cache
def _patterns() -> list[tuple[re.Pattern[str], Text]]:
    """Each sentence as a pattern that finds what was filled in."""
    return [
        (re.compile(re.sub(r"\\\{(\w)\\\}", r"(?P<\1>.*?)", re.escape(sentence)), re.DOTALL), text)
        for sentence, text in _SENTENCES.items()
    ]


class _English(typer.Context.formatter_class):  # type: ignore[valid-type,misc]  # Typer's own, by its public name
    """Typer's help, with days as people write them."""

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Names, and what each is."""
        super().write_dl([(_in(_DAYS, name), says) for name, says in rows], *args, **options)


class _Bokmal(typer.Context.formatter_class):  # type: ignore[valid-type,misc]
    """Help in bokmål."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        super().write_usage(prog, _in(_HELP, args), prefix or "Bruk: ")

    def section(self, name: str) -> Any:
        """A head, and what stands below it."""
        return super().section(_HEADS.get(name, name))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Names, and what each is."""
        super().write_dl([(_in(_HELP, name), _in(_HELP, says)) for name, says in rows], *args, **options)


def _in(replacements: Mapping[str, str], words: str) -> str:
    for written, shown in replacements.items():
        words = words.replace(written, shown)
    return words


class _EnglishContext(typer.Context):
    formatter_class = _English


class _BokmalContext(typer.Context):
    formatter_class = _Bokmal


def speak(command: Any, language: Language) -> None:
    """Let a command's help be in that language to its last word."""
    command.context_class = _BokmalContext if language == "nb" else _EnglishContext
