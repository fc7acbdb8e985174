"""What can stop the suites, and how they end when a case did not hold."""

from __future__ import annotations

from ktt.core.errors import EXIT_NOT_MET, EXIT_USAGE, KttError
from ktt.core.text import Text


class TargetUnreadable(KttError):
    """The file that names the receiver to test is missing or is something else."""

    code, exit_code = "KTT-CNF-01", EXIT_USAGE
    what = Text(
        nb="Filen «{path}» sier ikke hvem det skal prøves mot ({reason}).",
        en="The file “{path}” does not say whom to test ({reason}).",
    )
    remedy = Text(
        nb="Bruk filen som «ktt sandbox up --config-out» skriver, eller en med de samme feltene.",
        en="Use the file that `ktt sandbox up --config-out` writes, or one with the same fields.",
    )


class NoSuchCase(KttError):
    """A case was asked for that is not in the suite."""

    code, exit_code = "KTT-CNF-02", EXIT_USAGE
    what = Text(nb="Prøven «{case}» finnes ikke.", en="There is no case “{case}”.")
    remedy = Text(nb="Se navnene med «--list».", en="See the names with `--list`.")


class NotConformant(KttError):
    """Some cases did not hold."""

    code, exit_code = "KTT-CNF-03", EXIT_NOT_MET
    what = Text(nb="{failed} av {run:prøve|prøver} ble ikke bestått.", en="{failed} of {run:case|cases} did not hold.")
    remedy = Text(
        nb="Se hver av dem i tabellen, eller med forespørslene i rapporten («--html FIL»).",
        en="See each of them in the table, or with its requests in the report (`--html FILE`).",
    )


class NothingToTest(KttError):
    """The other end does not answer, or gives no token."""

    code, exit_code = "KTT-CNF-04", EXIT_USAGE
    what = Text(nb="Prøvene har ingen å prøve mot: {reason}.", en="There is nobody to test: {reason}.")
    remedy = Text(
        nb="Kontroller at adressene, klienten og nøkkelen i filen er de riktige, og at den andre enden kjører.",
        en="Check that addresses, client and key in the file are right, and that the other end is running.",
    )


class CommandUnusable(KttError):
    """The command that is to start the sender cannot be started."""

    code, exit_code = "KTT-CNF-05", EXIT_USAGE
    what = Text(
        nb="Kommandoen i «{option}» kan ikke brukes ({reason}).",
        en="The command in `{option}` cannot be used ({reason}).",
    )
    remedy = Text(
        nb="Skriv den som i et skall, med plassholdere fra «ktt conformance sender --help»; «{{{{» er en krøllparentes.",
        en="Write it as in a shell, with placeholders of `ktt conformance sender --help`; `{{{{` is a brace.",
    )


class ListenUnfit(KttError):
    """The suite cannot listen there."""

    code, exit_code = "KTT-CNF-06", EXIT_USAGE
    what = Text(
        nb="Prøvene kan ikke lytte på «{address}».",
        en="The suite cannot listen on “{address}”.",
    )
    remedy = Text(
        nb="Bruk 127.0.0.1:PORT. Sendingen er uten TLS og blir på maskinen; en avsender et annet sted kommer gjennom en tunnel.",
        en="Use 127.0.0.1:PORT. It speaks without TLS and stays on this machine; a sender elsewhere comes through a tunnel.",
    )


class PageUnwritable(KttError):
    """The report cannot be written where it was asked for."""

    code, exit_code = "KTT-CNF-07", EXIT_USAGE
    what = Text(
        nb="Rapporten kan ikke skrives til «{file}»: {reason}.",
        en="The report cannot be written to “{file}”: {reason}.",
    )
    remedy = Text(nb="Velg en fil i en mappe som finnes.", en="Choose a file in a folder that exists.")


class ExpectationsUnreadable(KttError):
    """The file of failures that are known cannot be read."""

    code, exit_code = "KTT-CNF-08", EXIT_USAGE
    what = Text(
        nb="Filen med ventede feil, «{path}», kan ikke brukes: {reason}.",
        en="The file of expected failures, “{path}”, cannot be used: {reason}.",
    )
    remedy = Text(
        nb="Skriv den som i «docs/how-to/conformance.md», med prøvens navn, en grunn og en siste dato.",
        en="Write it as in `docs/how-to/conformance.md`, with the case's name, a reason and a last day.",
    )


class ExpectationsOutdated(KttError):
    """A case that is in the file of known failures held after all."""

    code, exit_code = "KTT-CNF-09", EXIT_NOT_MET
    what = Text(
        nb="Prøver som står blant de ventede feilene, ble bestått: {cases}.",
        en="Cases among the expected failures held: {cases}.",
    )
    remedy = Text(nb="Ta dem ut av filen.", en="Take them out of the file.")


class ResultUnreadable(KttError):
    """A file is no result of the suites, or cannot be read."""

    code, exit_code = "KTT-CNF-10", EXIT_USAGE
    what = Text(nb="«{path}» kan ikke leses: {reason}.", en="“{path}” cannot be read: {reason}.")
    remedy = Text(
        nb="Bruk en fil fra «ktt conformance … --out», med «.jws»-filen ved siden av når den skal kontrolleres.",
        en="Use a file of `ktt conformance … --out`, with the `.jws` file beside it when it is to be verified.",
    )


class ResultAltered(KttError):
    """A result is not as it was signed."""

    code, exit_code = "KTT-CNF-11", EXIT_NOT_MET
    what = Text(nb="«{path}» er ikke slik den ble signert.", en="“{path}” is not as it was signed.")
    remedy = Text(
        nb="Be om resultatet og signaturen på nytt fra den som kjørte prøvene.",
        en="Ask whoever ran the suite for the result and its signature again.",
    )


class MoreFailing(KttError):
    """Some cases fail in the second of two results, and did not in the first."""

    code, exit_code = "KTT-CNF-12", EXIT_NOT_MET
    what = Text(
        nb="{count:prøve|prøver} bestås ikke lenger: {cases}.", en="{count:case|cases} no longer hold: {cases}."
    )
    remedy = Text(
        nb="Se hver av dem i den siste rapporten.",
        en="See each of them in the latest report.",
    )
