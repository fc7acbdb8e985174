"""Rendering a page: templates escape what they are given, and a name that is missing is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from markupsafe import Markup, escape

from ktt.core.html.stylesheet import DOCUMENT, stylesheet
from ktt.core.text import Language, Text

if TYPE_CHECKING:  # importing jinja2 takes a tenth of a second, which only the one who writes a page shall wait
    from jinja2 import Environment

_SHARED = Path(__file__).parent / "templates"
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Translator:
    """The words of one language, called `t` in a template: `t("Regel", "Rule")`, or `t(text)` for a Text."""

    language: Language

    def __call__(self, nb: str | Text, en: str = "") -> str:
        """The words in this language."""
        return (nb if isinstance(nb, Text) else Text(nb, en)).in_(self.language)


def render(folder: Path | tuple[Path, ...], template: str, **facts: object) -> bytes:
    """A page as HTML in UTF-8, from a template in `folder`, or in the first of several folders that has it.

    Every page is given the stylesheet and a translator for each language. Raises UndefinedError when the template
    names what is not in `facts`.
    """
    folders = folder if isinstance(folder, tuple) else (folder,)
    return _environment(folders).get_template(template).render(facts).encode()


@cache
def _environment(folders: tuple[Path, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([*folders, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"marked": marked, "both": both, "pretty": pretty}
    made.globals |= {
        "both": lambda nb, en: both(Text(nb, en)),
        "style": Markup(stylesheet(*DOCUMENT)),  # noqa: S704 - files of ours
        "translators": (Translator("nb"), Translator("en")),
    }
    return made


def marked(words: str) -> Markup:
    """Text as HTML; what stands between grave accents is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words))))  # noqa: S704 - escaped here


def both(text: Text) -> Markup:
    """The words in each language, of which the page shows the one that is chosen; once when they are the same."""
    nb, en = marked(text.nb), marked(text.en)
    return nb if nb == en else Markup(f'<span lang="nb">{nb}</span><span lang="en">{en}</span>')  # noqa: S704 - escaped above


def pretty(value: Any) -> str:
    """A value as indented JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
