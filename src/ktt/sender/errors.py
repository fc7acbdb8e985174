"""Why a run of the sender does not begin."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, EXIT_QUEUE, KttError
from ktt.core.text import Text


class LoadNotFinished(KttError):
    """A daily run before all of the initial load is accepted."""

    code, exit_code = "KTT-SND-01", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} kan ikke sende daglig ennå: initiell last er ikke ferdig.",
        en="Unit {unit} cannot report daily yet: its initial load is not finished.",
    )
    remedy = Text(
        nb="Kjør «ktt load» til den melder at initiell last er ferdig. Er historikken sendt før, og lageret tapt, kjør "
        "«ktt reconcile --mend» i stedet. Ingenting er sendt.",
        en="Run `ktt load` until it says that the initial load is finished. If the history was sent before and the store is "
        "lost, run `ktt reconcile --mend` instead. Nothing was sent.",
    )


class ExtractRejected(KttError):
    """Something was found that makes the whole extract unfit to be sent."""

    code, exit_code = "KTT-SND-02", EXIT_CONTENT
    what = Text(
        nb="Ingenting av uttrekket er sendt: {count} avvik gjør at hele meldingen ville blitt avvist: {rules}.",
        en="Nothing of the extract was sent: {count:finding|findings} would have the whole message rejected: {rules}.",
    )
    remedy = Text(
        nb="«ktt findings» sier hvor, og hva dere gjør. Rett det, og kjør på nytt.",
        en="`ktt findings` says where, and what to do. Correct it, and run again.",
    )
