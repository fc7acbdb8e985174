"""How a command shows its answer: data alone on stdout; progress on stderr, and only when a person looks at it."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from ktt.cli.language import language, told
from ktt.core.clock import OSLO
from ktt.core.text import Text

if TYPE_CHECKING:  # rich takes 0.1 s to import and is not needed for --json
    from rich.console import Console, RenderableType
    from rich.table import Table

__all__ = ["JsonFlag", "Steps", "emit", "language", "note", "progress", "table", "told"]

JsonFlag = Annotated[
    bool, typer.Option("--json", help=told(nb="Svar med JSON på standard ut.", en="Answer with JSON on standard out."))
]
"""The `--json` of every command: `def list_(*, json: JsonFlag = False) -> None`."""

_WIDE = 160  # columns when nobody is looking, as under a scheduler: a table in a log is not squeezed


def emit(data: Any, *, json: bool, render: Callable[[], RenderableType] | None = None) -> None:
    """Show a command's answer on stdout: as one JSON document, or as what `render` returns (default: the data).

    Text is written as it is; a table is drawn to fit the terminal. In a pipe or a file it has no padding: no line ends in
    spaces, and none is empty before or after the whole.
    """
    answer = as_json(data) if json else data if render is None else render()
    if isinstance(answer, str):
        sys.stdout.write(answer + "\n")
    elif sys.stdout.isatty():
        _console(sys.stdout).print(answer, highlight=False, markup=False)
    else:
        sys.stdout.write(_without_padding(answer))


def _without_padding(drawn: RenderableType) -> str:
    text = io.StringIO()
    _console(text).print(drawn, highlight=False, markup=False)
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n")).strip("\n") + "\n"


def table(columns: Sequence[Text | str], rows: Iterable[Sequence[object]], *, title: Text | str = "") -> Table:
    """A table for people, with instants as clocks in Norway show them.

    A column where every cell is a number stands to the right; None is an empty cell. A terminal that is too narrow gets
    each row below itself, with nothing cut.
    """
    from rich import box

    from ktt.cli.fitted_table import FittedTable

    cells = [list(row) for row in rows]
    drawn = FittedTable(box=box.SIMPLE_HEAD, title=_said(title) or None, title_justify="left", pad_edge=False)
    for place, heading in enumerate(columns):
        numeric = bool(cells) and all(isinstance(row[place], int | float | Decimal | None) for row in cells)
        drawn.add_column(_said(heading), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(_cell(cell) for cell in row))
    return drawn


def note(text: Text | str) -> None:
    """A remark beside the data, on stderr."""
    _console(sys.stderr).print(_said(text), highlight=False, markup=False)


class Steps(Protocol):
    """A running progress line."""

    def __call__(self, done: int, total: int | None = None, text: str = "") -> None:
        """Say how far it has come; `text` replaces the words beside the bar."""
        ...


@contextmanager
def progress(text: Text | str, total: int | None = None) -> Iterator[Steps]:
    """A live line on stderr while the block runs, or nothing at all when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task(_said(text), total=total)

        def step(done: int, total: int | None = None, text: str = "") -> None:
            bar.update(task, completed=done, total=total, description=text or None)

        yield step


def _silent(done: int, total: int | None = None, text: str = "") -> None:
    """Nobody is looking."""


def _said(text: Text | str) -> str:
    return text if isinstance(text, str) else text.in_(language())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
    if isinstance(value, float):
        return Text(nb="{n}", en="{n}").format(n=value).in_(language())
    if isinstance(value, dt.datetime):
        return value.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def as_json(data: Any) -> str:
    """A command's answer as one JSON document, with texts in both languages."""
    import orjson

    return orjson.dumps(data, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return value.both()
    if isinstance(value, Decimal | PurePath):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(type(value).__name__)


def _console(stream: Any) -> Console:
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else _width())


def _width() -> int:
    """Columns where the answer is not on a terminal: what COLUMNS says, else the terminal that the command was typed in."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stderr__.fileno()).columns or _WIDE  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):  # stderr is no terminal, closed, or taken by a test
        return _WIDE
