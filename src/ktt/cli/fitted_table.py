"""A table that fits the terminal: its headings are folded first, and then each row stands below itself.

Rich would cut identifiers and instants to their first letters to fit, and what is cut cannot be copied or compared.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import pairwise

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text as Line

__all__ = ["FittedTable"]

_PROSE = 24  # characters: a longer cell with spaces is a sentence, which may be folded
_BETWEEN = 3  # columns of the terminal between two columns of a table


class FittedTable(Table):
    """A table of texts, drawn as Rich draws it when the terminal is wide enough for it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As it is, with folded headings, or row by row."""
        widths = [max(_widths(column), default=0) for column in self.columns]
        if _sum(max(width, len(str(one.header))) for width, one in zip(widths, self.columns, strict=True)) > (
            options.max_width
        ):
            least = [_least(column) for column in self.columns]
            if _sum(least) > options.max_width:
                yield from self._row_by_row()
                return
            for column, width in zip(self.columns, least, strict=True):
                column.header = textwrap.fill(str(column.header), max(width, 1), break_long_words=False)
                column.no_wrap = not _is_prose(column)
        drawn = super().__rich_console__(console, options)
        yield from drawn if console.is_terminal else _without_margin(drawn)

    def _row_by_row(self) -> Iterator[Table | Line]:
        """Each row as lines of heading and value, below what stands first in it; empty cells are left out."""
        if self.title:
            yield Line(str(self.title), style="table.title")
        headings = [str(column.header) for column in self.columns[1:]]
        for first, *rest in zip(*(map(str, column.cells) for column in self.columns), strict=True):
            marks = [value for heading, value in zip(headings, rest, strict=True) if not heading]
            yield Line("\n" + " ".join([first, *marks]), style="bold")
            grid = Table.grid(padding=(0, _BETWEEN, 0, 0))
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            for heading, value in zip(headings, rest, strict=True):
                if heading and value:
                    grid.add_row(f"  {heading}", value)
            yield grid
        yield Line()


def _without_margin(drawn: RenderResult) -> RenderResult:
    """The table without the space that stands before each line, which would be data for a program that reads it.

    Rich begins each line of a table with a part of its own, the table's left edge.
    """
    begins = True
    for part in drawn:
        if isinstance(part, Segment):
            yield Segment(part.text[1:], part.style) if begins and part.text.startswith(" ") else part
            begins = part.text.endswith("\n")
        else:
            yield part


def _widths(column: Column) -> Iterator[int]:
    return (len(str(cell)) for cell in column.cells)


def _is_prose(column: Column) -> bool:
    return any(len(str(cell)) > _PROSE and " " in str(cell) for cell in column.cells)


def _least(column: Column) -> int:
    """As narrow as it can be without cutting a value or a word of the heading."""
    words = [len(word) for word in str(column.header).split()]
    return max([_PROSE if _is_prose(column) else max(_widths(column), default=0), *words], default=0)


def _sum(widths: Iterator[int] | list[int]) -> int:
    every = list(widths)
    return sum(every) + _BETWEEN * len(list(pairwise(every))) + 2
