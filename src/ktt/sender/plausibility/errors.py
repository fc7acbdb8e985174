"""A run that stops because a person must answer first."""

from __future__ import annotations

from ktt.core.errors import EXIT_QUESTION, EXIT_USAGE, KttError
from ktt.core.text import Text


class QuestionsOpen(KttError):
    """Something is odd, and nobody has accepted it."""

    code, exit_code = "KTT-ASK-01", EXIT_QUESTION
    what = Text(
        nb="Ingenting er sendt eller slettet: {count:spørsmål|spørsmål} må besvares først.{questions}",
        en="Nothing was sent or deleted: {count:question|questions} must be answered first.{questions}",
    )
    remedy = Text(
        nb='Finn ut hva som har skjedd. Er alt riktig, kjør igjen med {accept} --reason "hvorfor det er riktig".',
        en='Find out what has happened. If all of it is right, run again with {accept} --reason "why it is right".',
    )


class ReasonMissing(KttError):
    """Questions are accepted without a reason, or a reason is given without a question."""

    code, exit_code = "KTT-ASK-02", EXIT_USAGE
    what = Text(
        nb="--accept og --reason hører sammen, og begge må ha innhold.",
        en="--accept and --reason belong together, and neither may be empty.",
    )
    remedy = Text(
        nb="Oppgi navnet på spørsmålet, og hvorfor det er riktig. Det skrives ned med hvem og når.",
        en="Give the question's name, and why it is right. It is written down with who and when.",
    )
