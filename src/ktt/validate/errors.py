"""Why a file or an extract cannot be validated at all. Each error is one sentence, and none shows content."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, EXIT_SOURCE, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text

_RESAVE = Text(
    nb="Lagre filen på nytt som UTF-8 uten BOM, eller rett programmet som skriver den.",
    en="Save the file anew as UTF-8 without a byte order mark, or correct the program that writes it.",
)


class FileUnreadable(KttError):
    """The file or folder is not there, or may not be read."""

    code, exit_code = "KTT-VAL-03", EXIT_SOURCE
    what = Text(nb="«{file}» kan ikke leses: {reason_nb}.", en="“{file}” cannot be read: {reason_en}.")
    remedy = Text(
        nb="Kontroller at navnet stemmer, og at dere har tilgang.", en="Check the name, and that you have access."
    )


class FileEmpty(KttError):
    """There is nothing in the file but blanks."""

    code, exit_code = "KTT-VAL-04", EXIT_CONTENT
    what = Text(nb="«{file}» er tom.", en="“{file}” is empty.")
    remedy = Text(
        nb="Se om programmet som skriver filen, stoppet underveis.",
        en="See whether the program that writes the file stopped on the way.",
    )


class ByteOrderMark(KttError):
    """The file begins with the mark of UTF-8."""

    code, exit_code = "KTT-VAL-05", EXIT_CONTENT
    what = Text(
        nb="«{file}» begynner med et BOM-merke, som mottaket ikke godtar.",
        en="“{file}” begins with a byte order mark, which the receiver does not accept.",
    )
    remedy = _RESAVE


class WrongEncoding(KttError):
    """The file is not UTF-8; `encoding` is what it seems to be."""

    code, exit_code = "KTT-VAL-06", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke UTF-8, men ser ut til å være {encoding} (linje {line}, tegn {column}).",
        en="“{file}” is not UTF-8 but seems to be {encoding} (line {line}, character {column}).",
    )
    remedy = _RESAVE


class NotJson(KttError):
    """The text breaks the grammar of JSON."""

    code, exit_code = "KTT-VAL-07", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke gyldig JSON: det stopper på linje {line}, tegn {column}.",
        en="“{file}” is not valid JSON: it stops at line {line}, character {column}.",
    )
    remedy = Text(
        nb="Se etter et komma, et anførselstegn eller en parentes som mangler eller er til overs.",
        en="Look for a comma, a quotation mark or a bracket that is missing or superfluous.",
    )


class FieldTwice(KttError):
    """An object has two fields of the same name, and readers would differ on which counts."""

    code, exit_code = "KTT-VAL-08", EXIT_CONTENT
    what = Text(
        nb="«{file}» har samme felt to ganger i samme objekt (linje {line}, tegn {column}).",
        en="“{file}” has the same field twice in one object (line {line}, character {column}).",
    )
    remedy = Text(nb="Send hvert felt én gang.", en="Send each field once.")


class NumberUnusable(KttError):
    """NaN, infinity, or a number of more than 64 bits."""

    code, exit_code = "KTT-VAL-09", EXIT_CONTENT
    what = Text(
        nb="«{file}» har et tall som ikke kan brukes (linje {line}, tegn {column}).",
        en="“{file}” has a number that cannot be used (line {line}, character {column}).",
    )
    remedy = Text(
        nb="Tallet er for stort, eller det er NaN eller uendelig. La feltet være borte når det ikke har noen verdi.",
        en="The number is too large, or it is NaN or infinite. Leave the field out when it has no value.",
    )


class NestedTooDeep(KttError):
    """More brackets inside each other than any message has."""

    code, exit_code = "KTT-VAL-10", EXIT_CONTENT
    what = Text(
        nb="«{file}» har for mange nivåer (linje {line}, tegn {column}).",
        en="“{file}” has too many levels inside each other (line {line}, character {column}).",
    )
    remedy = Text(
        nb="Ingen melding har så mange nivåer. Rett programmet som skriver filen.",
        en="No message is that deep. Correct the program that writes the file.",
    )


class CharacterUnusable(KttError):
    """A text holds NUL, or half of a pair of surrogates."""

    code, exit_code = "KTT-VAL-11", EXIT_CONTENT
    what = Text(
        nb="«{file}» har et tegn som ingen tekst kan ha (linje {line}, tegn {column}).",
        en="“{file}” has a character that no text can hold (line {line}, character {column}).",
    )
    remedy = Text(
        nb="Fjern NUL-tegn og halve surrogatpar fra teksten.",
        en="Remove NUL characters and half surrogate pairs from the text.",
    )


class NotWhatItSays(KttError):
    """The content is of another kind than the name says, or of a kind that is no message."""

    code, exit_code = "KTT-VAL-13", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke en melding i JSON. Innholdet ser ut til å være {kind_nb}.",
        en="“{file}” is not a message in JSON. Its content seems to be {kind_en}.",
    )
    remedy = Text(
        nb="Velg filen med selve meldingen, ukryptert og upakket, og gi den endelsen .json.",
        en="Choose the file with the message itself, not encrypted or packed, and name it .json.",
    )


class MessageTypeUnclear(KttError):
    """JSON without any message's list in it."""

    code, exit_code = "KTT-VAL-14", EXIT_CONTENT
    what = Text(
        nb="«{file}» er JSON, men ikke noen av meldingene vi kjenner.",
        en="“{file}” is JSON but none of the messages we know.",
    )
    remedy = Text(
        nb="En melding har en av listene {known}. Er den tom, oppgi typen med --type.",
        en="A message has one of the lists {known}. If it is empty, say the type with --type.",
    )


class FolderWithoutMessages(KttError):
    """The folder holds no file that could be judged."""

    code, exit_code = "KTT-VAL-15", EXIT_USAGE
    what = Text(
        nb="Mappen «{file}» har ingen JSON- eller XML-filer.", en="The folder “{file}” has no JSON or XML files."
    )
    remedy = Text(
        nb="Velg en annen mappe. Et uttrekk kontrolleres med --mapping, --source og --unit.",
        en="Choose another folder. An extract is validated with --mapping, --source and --unit.",
    )


class MappingNeeded(KttError):
    """An extract was handed in without what explains it."""

    code, exit_code = "KTT-VAL-16", EXIT_USAGE
    what = Text(
        nb="Et uttrekk kan ikke kontrolleres uten {missing}.", en="An extract cannot be validated without {missing}."
    )
    remedy = Text(
        nb="Oppgi alle tre: --mapping mapping.toml --source sqlite:///epj.sqlite --unit ORGNR-KOMMUNENR[-BYDELNR].",
        en="Say all three: --mapping mapping.toml --source sqlite:///epj.sqlite --unit ORGNR-KOMMUNENR[-BYDELNR].",
    )


class FileTooLarge(KttError):
    """Larger than any message may be, many times over."""

    code, exit_code = "KTT-VAL-17", EXIT_CONTENT
    what = Text(
        nb="«{file}» er større enn {megabytes} MB. En melding er på det meste 11 MB.",
        en="“{file}” is larger than {megabytes} MB. A message has at most 11 MB.",
    )
    remedy = Text(nb="Del filen, eller velg riktig fil.", en="Split the file, or choose the right one.")


class ChoiceUnknown(KttError):
    """`--only` names nothing that rules can be chosen by."""

    code, exit_code = "KTT-VAL-18", EXIT_USAGE
    what = Text(
        nb="«{choice}» er verken regel, tema, konsekvens eller årsak.",
        en="“{choice}” is neither rule, theme, consequence nor cause.",
    )
    remedy = Text(nb="Mente dere {near}?", en="Did you mean {near}?")


class FieldUnknown(KttError):
    """No message and no record has a field of that name, or no rule is about it."""

    code, exit_code = "KTT-VAL-25", EXIT_USAGE
    what = Text(nb="Ingen regel gjelder et felt som heter «{field}».", en="No rule is about a field called “{field}”.")
    remedy = Text(nb="Mente dere {near}?", en="Did you mean {near}?")


class ReportUnwritable(KttError):
    """The report cannot be put where it was asked for."""

    code, exit_code = "KTT-VAL-19", EXIT_STORE
    what = Text(
        nb="Rapporten kan ikke skrives til «{file}»: {reason}.", en="The report cannot go to “{file}”: {reason}."
    )
    remedy = Text(nb="Velg en annen fil med --out.", en="Choose another file with --out.")


class OutNeeded(KttError):
    """A workbook cannot be shown on a screen."""

    code, exit_code = "KTT-VAL-20", EXIT_USAGE
    what = Text(nb="Et regneark må skrives til en fil.", en="A workbook must be written to a file.")
    remedy = Text(nb="Legg til --out avvik.xlsx.", en="Add --out findings.xlsx.")


class UnitUnclear(KttError):
    """`--unit` does not name a reporting unit."""

    code, exit_code = "KTT-VAL-21", EXIT_USAGE
    what = Text(nb="«{unit}» er ikke en rapporterende enhet.", en="“{unit}” is not a reporting unit.")
    remedy = Text(
        nb="Skriv ORGNR-KOMMUNENR eller ORGNR-KOMMUNENR-BYDELNR, som 312000563-0301-03.",
        en="Write ORGNR-KOMMUNENR or ORGNR-KOMMUNENR-BYDELNR, as 312000563-0301-03.",
    )


class NothingToValidate(KttError):
    """Neither a file nor a record system is named."""

    code, exit_code = "KTT-VAL-23", EXIT_USAGE
    what = Text(nb="Kommandoen sier ikke hva som skal kontrolleres.", en="Nothing to validate is named.")
    remedy = Text(
        nb="Oppgi en fil eller en mappe, «-» for standard inn, eller et uttrekk med --source, --mapping og --unit.",
        en="Name a file or a folder, `-` for standard input, or an extract by --source, --mapping and --unit.",
    )


class UnitNotTold(KttError):
    """Neither the command nor the mapping says whose the source is."""

    code, exit_code = "KTT-VAL-24", EXIT_USAGE
    what = Text(
        nb="Kommandoen sier ikke hvem kilden tilhører, og koblingsfilen har ingen «source.unit».",
        en="It is not said whose the source is: the mapping has no `source.unit`.",
    )
    remedy = Text(
        nb="Legg til --unit ORGNR-KOMMUNENR, eller skriv «unit» under [source] i koblingsfilen.",
        en="Add --unit ORGNR-KOMMUNENR, or write `unit` under [source] in the mapping.",
    )
