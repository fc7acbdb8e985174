"""Why a message pack cannot be used. `file` is a path inside the pack's folder, `place` a JSON pointer in that file."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class PackError(KttError):
    """A pack that is refused. Nothing has been changed."""

    exit_code = EXIT_USAGE


class PackUnreadable(PackError):
    """There is no such folder, it is no folder, or it may not be read."""

    code = "KTT-PACK-01"
    what = Text(nb="Mappen «{folder}» kan ikke leses: {why}.", en="The folder “{folder}” cannot be read: {why}.")
    remedy = Text(
        nb="Oppgi mappen som har pack.toml eller skjemafilene, og gi lesetilgang til den.",
        en="Name the folder that has pack.toml or the schema files, and allow it to be read.",
    )


class PackEmpty(PackError):
    """A folder with neither pack.toml nor a schema file."""

    code = "KTT-PACK-02"
    what = Text(
        nb="Mappen «{folder}» har verken pack.toml eller skjemafiler.",
        en="The folder “{folder}” has neither pack.toml nor schema files.",
    )
    remedy = Text(
        nb="Legg skjemafilene (*.json) rett i mappen eller i undermappen schema.",
        en="Put the schema files (*.json) in the folder itself or in its folder schema.",
    )


class PackNotToml(PackError):
    """`file` is not TOML in UTF-8."""

    code = "KTT-PACK-03"
    what = Text(nb="«{file}» er ikke gyldig TOML: {why}.", en="“{file}” is not valid TOML: {why}.")
    remedy = Text(nb="Rett filen, og lagre den i UTF-8.", en="Correct the file and save it in UTF-8.")


class PackFileWrong(PackError):
    """`file` is TOML, but a member is missing, unknown or not what it has to be."""

    code = "KTT-PACK-04"
    what = Text(nb="«{file}» har en feil ved «{place}»: {why}.", en="“{file}” is wrong at “{place}”: {why}.")
    remedy = Text(
        nb="Rett det som er nevnt. Pakken har name, publisher, valid_from, valid_to og messages, "
        "og hver melding type, version og schema.",
        en="Correct what is named. A pack has name, publisher, valid_from, valid_to and messages, "
        "and each message type, version and schema.",
    )


class PackMessageTwice(PackError):
    """Two messages of the same type and version."""

    code = "KTT-PACK-05"
    what = Text(
        nb="Pakken «{pack}» har {message_type} versjon {version} to ganger.",
        en="The pack “{pack}” has {message_type} version {version} twice.",
    )
    remedy = Text(
        nb="Gi den ene en annen type eller versjon, eller fjern den.",
        en="Give one of them another type or version, or remove it.",
    )


class PackPathOutside(PackError):
    """A path in pack.toml, or a link it leads to, goes out of the folder."""

    code = "KTT-PACK-06"
    what = Text(
        nb="«{path}» i «{file}» viser til noe utenfor pakkens mappe.",
        en="“{path}” in “{file}” leads out of the pack's folder.",
    )
    remedy = Text(nb="Legg filen i mappen, og pek på den der.", en="Put the file in the folder and name it there.")


class PackFileUnreadable(PackError):
    """A file of the pack is missing or may not be read."""

    code = "KTT-PACK-07"
    what = Text(
        nb="Filen «{file}» i pakken kan ikke leses: {why}.", en="The pack's file “{file}” cannot be read: {why}."
    )
    remedy = Text(
        nb="Kontroller at filen finnes med det navnet, og gi lesetilgang til den.",
        en="See that the file exists by that name, and allow it to be read.",
    )


class PackTooLarge(PackError):
    """A file, or the number of files, is beyond what any pack needs."""

    code = "KTT-PACK-08"
    what = Text(nb="«{file}» er for stor: mer enn {most}.", en="“{file}” is too large: more than {most}.")
    remedy = Text(nb="Fjern det som ikke hører til pakken.", en="Remove what does not belong to the pack.")


class SchemaNotJson(PackError):
    """A schema file is not JSON in UTF-8, or says one thing twice."""

    code = "KTT-PACK-09"
    what = Text(nb="Skjemaet «{file}» er ikke gyldig JSON: {why}.", en="The schema “{file}” is not valid JSON: {why}.")
    remedy = Text(
        nb="Hent filen på nytt fra den som gir den ut, i UTF-8.", en="Get the file anew from its publisher, in UTF-8."
    )


class SchemaDraftUnknown(PackError):
    """`$schema` names a dialect that is not read."""

    code = "KTT-PACK-10"
    what = Text(
        nb="Skjemaet «{file}» er skrevet i «{draft}», som ikke leses her.",
        en="The schema “{file}” is written in “{draft}”, which is not read here.",
    )
    remedy = Text(
        nb="Bruk JSON Schema draft 2020-12, 2019-09 eller 07, og samme i alle filer som viser til hverandre.",
        en="Use JSON Schema draft 2020-12, 2019-09 or 07, and the same in all files that refer to each other.",
    )


class SchemaInvalid(PackError):
    """JSON, but no JSON Schema."""

    code = "KTT-PACK-11"
    what = Text(
        nb="«{file}» er ikke et gyldig JSON Schema: ved «{place}» brytes «{keyword}».",
        en="“{file}” is not a valid JSON Schema: at “{place}” it breaks “{keyword}”.",
    )
    remedy = Text(
        nb="Rett skjemaet der, eller pek på en annen fil i pack.toml.",
        en="Correct the schema there, or name another file in pack.toml.",
    )


class ReferenceOutside(PackError):
    """A `$ref` to another machine or to a file outside the folder; nothing is fetched."""

    code = "KTT-PACK-12"
    what = Text(
        nb="«{file}» viser ved «{place}» til noe utenfor pakkens mappe: «{reference}».",
        en="“{file}” refers out of the pack's folder at “{place}”: “{reference}”.",
    )
    remedy = Text(
        nb="Legg filen det vises til i mappen. Den finnes da ved $id eller ved relativ sti. Ingenting hentes fra nettet.",
        en="Put the file referred to in the folder. It is then found by its $id or a relative path. "
        "Nothing is fetched from the network.",
    )


class ReferenceUnresolved(PackError):
    """A `$ref` to something that is not there."""

    code = "KTT-PACK-13"
    what = Text(
        nb="«{file}» viser ved «{place}» til «{reference}», som ikke finnes.",
        en="“{file}” refers at “{place}” to “{reference}”, which does not exist.",
    )
    remedy = Text(nb="Rett henvisningen, eller legg til det som mangler.", en="Correct it, or add what is missing.")


class ReferenceDynamic(PackError):
    """`$dynamicRef` or `$recursiveRef`: what they mean depends on where they are used from."""

    code = "KTT-PACK-14"
    what = Text(
        nb="«{file}» bruker «{keyword}» ved «{place}», som ikke kan brukes her.",
        en="“{file}” uses “{keyword}” at “{place}”, which cannot be used here.",
    )
    remedy = Text(nb="Bruk $ref i stedet.", en="Use $ref instead.")


class SchemaRecursive(PackError):
    """A definition that contains itself: messages of any depth would fit."""

    code = "KTT-PACK-15"
    what = Text(
        nb="«{file}» er rekursivt: henvisningen ved «{place}» til «{reference}» kommer tilbake til seg selv.",
        en="“{file}” is recursive: the reference at “{place}” to “{reference}” comes back to itself.",
    )
    remedy = Text(
        nb="En melding har begrenset dybde. Skriv ut nivåene som finnes, uten at en definisjon inneholder seg selv.",
        en="A message has a bounded depth. Write out the levels there are, so that no definition contains itself.",
    )


class SchemaTooLarge(PackError):
    """Too deep, or too many values when every reference is written out."""

    code = "KTT-PACK-16"
    what = Text(
        nb="«{file}» blir for stort når henvisningene skrives ut (ved «{place}»): mer enn {most} {unit_nb}.",
        en="“{file}” grows too large when its references are written out (at “{place}”): more than {most} {unit_en}.",
    )
    remedy = Text(
        nb="Del opp meldingen, eller bruk færre henvisninger inni hverandre.",
        en="Split the message, or use fewer references inside each other.",
    )


class PatternUnsupported(PackError):
    """A regular expression that cannot be matched in time proportional to the text."""

    code = "KTT-PACK-17"
    what = Text(
        nb="«{file}» har ved «{place}» et regulært uttrykk som ikke kan brukes ({why_nb}): {pattern}",
        en="“{file}” has a regular expression at “{place}” that cannot be used ({why_en}): {pattern}",
    )
    remedy = Text(
        nb="Skriv uttrykket uten dette. «not» med et eget «pattern» kan ofte erstatte det.",
        en="Write the expression without it. A “not” with a “pattern” of its own can often replace it.",
    )


class PatternTooLarge(PackError):
    """A regular expression whose counted repetitions make it too large."""

    code = "KTT-PACK-18"
    what = Text(
        nb="«{file}» har ved «{place}» et regulært uttrykk med for store gjentakelser: {pattern}",
        en="“{file}” has a regular expression at “{place}” with too large repetitions: {pattern}",
    )
    remedy = Text(
        nb="Bruk maxLength for lengden i stedet for en stor gjentakelse {{n,m}}.",
        en="Use maxLength for the length instead of a large repetition {{n,m}}.",
    )


class PatternExplodes(PackError):
    """A regular expression that a backtracking engine needs exponential time for."""

    code = "KTT-PACK-19"
    what = Text(
        nb="«{file}» har ved «{place}» et regulært uttrykk som kan ta svært lang tid: {pattern}",
        en="“{file}” has a regular expression at “{place}” that explodes: {pattern}",
    )
    remedy = Text(
        nb="En gjentakelse inni en gjentakelse kan lese samme tekst på mange måter. Skriv den slik at det er én måte.",
        en="A repetition inside a repetition can read the same text in many ways. Write it so that there is one way.",
    )
