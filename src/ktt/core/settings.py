"""Settings are read from a TOML file into frozen objects, and a setting that is unknown is refused by name.

Each role has its settings beside its code (`sender.settings`, `receiver.service.settings`, …). What is here knows none
of them: it reads a file, resolves what is relative in it, and says in one sentence what is wrong.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.core.toml_faults import toml_reason

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Environment = Literal["sandbox", "et", "qa", "production"]
_DIGITS = re.compile(r"\^\[0-9\]\{(\d+)\}\$")
_ON_DISK = ("sqlite:///", "files:///", "messages:///")


def _beside(path: Path, info: ValidationInfo) -> Path:
    return path if info.context is None else Path(info.context) / path


def _address_beside(url: str, info: ValidationInfo) -> str:
    start = next((one for one in _ON_DISK if url.startswith(one)), None)
    if info.context is None or start is None or url.removeprefix(start).startswith("/"):
        return url
    return f"{start}{Path(info.context) / url.removeprefix(start)}"


def _pack_beside(name: str, info: ValidationInfo) -> str:
    is_path = "/" in name or "\\" in name or name.startswith(".")
    return str(Path(info.context) / name) if is_path and info.context is not None else name


FilePath = Annotated[Path, AfterValidator(_beside)]
"""A file or folder. A relative one lies beside the settings file, so that a run may start anywhere."""
PackName = Annotated[str, AfterValidator(_pack_beside)]
"""A message pack: the name of a known one, or the path of its folder, which has a slash and is as a `FilePath`."""
DatabaseUrl = Annotated[str, AfterValidator(_address_beside)]
"""The address of a database, or of a folder of files; a path in it is as a `FilePath`. It may hold a password: `Field(repr=False)`."""


class SettingsFileUnreadable(KttError):
    """The settings file is missing or not TOML."""

    code, exit_code = "KTT-CFG-01", EXIT_USAGE
    what = Text(
        nb="Innstillingsfilen «{path}» kan ikke leses: {reason}.",
        en="The settings file “{path}” cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Oppgi riktig fil med «--config», eller rett TOML-feilen på linjen som er nevnt.",
        en="Name the right file with `--config`, or correct the TOML fault on the line that is named.",
    )


class SettingsFileMissing(KttError):
    """There is no settings file of that name, or not yet: the sandbox writes its own when it is up."""

    code, exit_code = "KTT-CFG-03", EXIT_USAGE
    what = Text(nb="Innstillingsfilen «{path}» finnes ikke.", en="The settings file “{path}” does not exist.")
    remedy = Text(
        nb="Oppgi riktig fil med «--config». Er «ktt sandbox up» nettopp startet, så vent til den viser adressene sine, og kjør på nytt.",
        en="Name the right file with `--config`. If `ktt sandbox up` was just started, wait until it shows its addresses, and run again.",
    )


class SettingWrong(KttError):
    """A setting is missing, unknown or has a value that cannot be used."""

    code, exit_code = "KTT-CFG-02", EXIT_USAGE
    what = Text(
        nb="Innstillingen «{setting}» i «{path}» er feil: {reason_nb}.",
        en="The setting “{setting}” in “{path}” is wrong: {reason_en}.",
    )
    remedy = Text(nb="Rett den i filen.{hint_nb}", en="Correct it in the file.{hint_en}")


class SettingsSection(BaseModel):
    """A part of a settings file. What is not a field of it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SettingsFile(SettingsSection):
    """A whole settings file."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file; SettingsFileMissing, SettingsFileUnreadable or SettingWrong."""
        raw = read_settings(path)
        try:
            return cls.model_validate(raw, context=path.parent.absolute())
        except ValidationError as fault:
            raise explained(path, faults_of(fault)[0], cls) from fault


def read_settings(path: Path) -> dict[str, Any]:
    """What a settings file says, not judged; SettingsFileMissing or SettingsFileUnreadable."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise SettingsFileMissing(path=path) from fault
    except OSError as fault:
        raise SettingsFileUnreadable(path=path, reason=os_reason(fault)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsFileUnreadable(path=path, reason=toml_reason(fault)) from fault


def faults_of(fault: ValidationError) -> list[ErrorDetails]:
    """Everything that is wrong with the settings, without the values: they may be secrets.

    Names without meaning are first: a setting that is missing was often only spelled wrong.
    """
    return sorted(
        fault.errors(include_url=False, include_input=False), key=lambda one: one["type"] != "extra_forbidden"
    )


_REASONS = {
    "missing": Text(nb="den mangler", en="it is missing"),
    "extra_forbidden": Text(nb="den finnes ikke", en="there is no such setting"),
    "string_type": Text(nb="den skal være tekst i anførselstegn", en="it must be text in quotation marks"),
    "string_pattern_mismatch": Text(nb="den skal være {form_nb}", en="it must be {form_en}"),
    "literal_error": Text(nb="den skal være en av {choices}", en="it must be one of {choices}"),
    "bool_type": Text(nb="den skal være true eller false", en="it must be true or false"),
    "bool_parsing": Text(nb="den skal være true eller false", en="it must be true or false"),
    "int_type": Text(nb="den skal være et helt tall", en="it must be a whole number"),
    "int_parsing": Text(nb="den skal være et helt tall", en="it must be a whole number"),
    "float_type": Text(nb="den skal være et tall", en="it must be a number"),
    "float_parsing": Text(nb="den skal være et tall", en="it must be a number"),
    "greater_than": Text(nb="den skal være større enn {gt}", en="it must be greater than {gt}"),
    "greater_than_equal": Text(nb="den skal være minst {ge}", en="it must be at least {ge}"),
    "less_than_equal": Text(nb="den kan være høyst {le}", en="it may be at most {le}"),
    "model_type": Text(nb="den skal være en seksjon, [navn]", en="it must be a section, [name]"),
}
"""What pydantic finds wrong, by its error type. The value itself is never shown: it may be a secret."""


def explained(path: Path, first: ErrorDetails, *models: type[BaseModel], within: str = "") -> SettingWrong:
    """One fault in words. `models` have the names that a setting without meaning may have been meant as; `within` is the part of the file it stands in."""
    setting = within + ".".join(str(part) for part in first["loc"])
    names = [name for model in models for name in _names(model)]
    near = difflib.get_close_matches(str(first["loc"][-1]), names, n=1) if first["type"] == "extra_forbidden" else []
    reason = _REASONS.get(first["type"], Text(nb="verdien kan ikke brukes", en=first["msg"]))
    reason = reason.format(**_filled_in(first.get("ctx", {})))
    return SettingWrong(
        path=path,
        setting=setting,
        reason_nb=reason.nb,
        reason_en=reason.en,
        hint_nb=f" Mente dere «{near[0]}»?" if near else "",
        hint_en=f" Did you mean “{near[0]}”?" if near else "",
    )


def _filled_in(context: dict[str, Any]) -> dict[str, Any]:
    """What pydantic says about the value that is wanted, in words: no expression, and no English list."""
    pattern = str(context.get("pattern", ""))
    digits = _DIGITS.fullmatch(pattern)
    form = Text(nb="{n} siffer", en="{n} digits").format(n=digits[1]) if digits else Text(nb=pattern, en=pattern)
    choices = ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    return {**context, "form_nb": form.nb, "form_en": form.en, "choices": choices}


def _names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += _names(field.annotation)
    return names
