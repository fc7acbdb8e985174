"""What can be wrong when the sender is watched over."""

from __future__ import annotations

from ktt.core.errors import EXIT_NOT_MET, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class MetricsUnwritable(KttError):
    """The file for Prometheus cannot be written."""

    code, exit_code = "KTT-MON-01", EXIT_USAGE
    what = Text(
        nb="Filen «{path}» for Prometheus kan ikke skrives: {reason}.",
        en="The file “{path}” for Prometheus cannot be written: {reason}.",
    )
    remedy = Text(
        nb="Oppgi en fil i en mappe som brukeren kan skrive i.",
        en="Name a file in a folder that the user may write in.",
    )


class ReceiptsIncomplete(KttError):
    """A message is delivered without a receipt, has one without being delivered, or has another's."""

    code, exit_code = "KTT-MON-03", EXIT_STORE
    what = Text(
        nb="Melding {sequence} fra enhet {unit} og kvitteringen for den stemmer ikke med hverandre.",
        en="Message {sequence} of unit {unit} and its receipt do not agree.",
    )
    remedy = Text(
        nb="Databasen er endret utenom ktt. Gjenopprett fra kopi, og kjør «ktt reconcile».",
        en="The database was changed by something other than ktt. Restore from backup, and run `ktt reconcile`.",
    )


class ExportUnwritable(KttError):
    """The file of receipts or its signature cannot be written."""

    code, exit_code = "KTT-MON-04", EXIT_USAGE
    what = Text(nb="«{path}» kan ikke skrives: {reason}.", en="“{path}” cannot be written: {reason}.")
    remedy = Text(nb="Oppgi en fil i en mappe som finnes.", en="Name a file in a folder that is there.")


class ExportUnreadable(KttError):
    """The file of receipts or its signature is missing or is none."""

    code, exit_code = "KTT-MON-05", EXIT_USAGE
    what = Text(
        nb="Kvitteringene i «{path}» kan ikke leses: {reason}.", en="The receipts in “{path}” cannot be read: {reason}."
    )
    remedy = Text(
        nb="Oppgi filen slik «ktt receipts export» skrev den, med «.jws»-filen ved siden av.",
        en="Name the file as `ktt receipts export` wrote it, with the `.jws` file beside it.",
    )


class ExportAltered(KttError):
    """The file of receipts is not as it was signed."""

    code, exit_code = "KTT-MON-06", EXIT_NOT_MET
    what = Text(nb="«{path}» er ikke slik den ble signert.", en="“{path}” is not as it was signed.")
    remedy = Text(
        nb="Be om filen og signaturen på nytt fra den som eksporterte dem.",
        en="Ask whoever exported it for the file and its signature again.",
    )


class BundleUnwritable(KttError):
    """The bundle for support cannot be written."""

    code, exit_code = "KTT-MON-07", EXIT_USAGE
    what = Text(nb="«{path}» kan ikke skrives: {reason}.", en="“{path}” cannot be written: {reason}.")
    remedy = Text(nb="Oppgi en fil i en mappe som finnes.", en="Name a file in a folder that is there.")


class LogUnreadable(KttError):
    """The log that was to be in the bundle cannot be read."""

    code, exit_code = "KTT-MON-08", EXIT_USAGE
    what = Text(nb="Loggen «{path}» kan ikke leses: {reason}.", en="The log “{path}” cannot be read: {reason}.")
    remedy = Text(nb="Oppgi riktig fil, eller utelat «--log».", en="Name the right file, or leave `--log` out.")
