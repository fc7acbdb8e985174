"""What can be wrong with the proof that an extract is whole. When one is raised, nothing was sent."""

from __future__ import annotations

from ktt.core.errors import EXIT_SOURCE, KttError
from ktt.core.text import Text


class NotYetThrough(KttError):
    """The source has not come as far as the extraction day, by its own watermark."""

    code, exit_code = "KTT-SRC-22", EXIT_SOURCE
    what = Text(
        nb="EPJ sier ikke at eksporten for {extracted_on} er ferdig: {reason}.",
        en="The record system does not say that the export of {extracted_on} is finished: {reason}.",
    )
    remedy = Text(
        nb="Vent til EPJ har fullført dagens eksport, eller rett «watermark» i koblingsfilen. Ingenting er sendt eller slettet.",
        en="Wait until the record system has finished the day's export, or correct `watermark` in the mapping. Nothing was sent or deleted.",
    )


class DoneFileMissing(KttError):
    """The file that says that the export is finished is not there."""

    code, exit_code = "KTT-SRC-23", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» viser at eksporten for {extracted_on} er ferdig, men kan ikke leses: {reason}.",
        en="The file “{file}” tells that the export of {extracted_on} is finished, but it cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Vent til EPJ har fullført dagens eksport, eller rett «done_file» i koblingsfilen. Ingenting er sendt eller slettet.",
        en="Wait until the record system has finished the day's export, or correct `done_file` in the mapping. Nothing was sent or deleted.",
    )


class DoneFileOld(KttError):
    """The file that says that the export is finished was written before the extraction day."""

    code, exit_code = "KTT-SRC-24", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» ble skrevet {at}, før uttaksdagen {extracted_on} begynte.",
        en="The file “{file}” was written at {at}, before the extraction day {extracted_on} began.",
    )
    remedy = Text(
        nb="Kontroller om eksporten har gått i dag. Ingenting er sendt eller slettet.",
        en="See whether the export has run today. Nothing was sent or deleted.",
    )


class DoneFileChanged(KttError):
    """The file that says that the export is finished was written anew while the tables were read."""

    code, exit_code = "KTT-SRC-25", EXIT_SOURCE
    what = Text(
        nb="Filen «{file}» ble skrevet på nytt mens EPJ ble lest: en eksport til ble ferdig.",
        en="The file “{file}” was written anew while the record system was read: one more export was finished.",
    )
    remedy = Text(
        nb="Kjør på nytt, og på et tidspunkt da ingen eksport går. Ingenting er sendt eller slettet.",
        en="Run again, at a time when no export runs. Nothing was sent or deleted.",
    )


class ReadsDiffer(KttError):
    """A table had other rows the second time it was read."""

    code, exit_code = "KTT-SRC-26", EXIT_SOURCE
    what = Text(
        nb="{table} ble lest to ganger og var ikke lik: {first:rad|rader}, så {second:rad|rader}. EPJ endres mens den leses.",
        en="{table} was read twice and was not the same: {first:row|rows}, then {second:row|rows}. The record system changes while it is read.",
    )
    remedy = Text(
        nb="Kjør på nytt på et tidspunkt da EPJ og eksporten står stille. Ingenting er sendt eller slettet.",
        en="Run again at a time when the record system and its export stand still. Nothing was sent or deleted.",
    )
