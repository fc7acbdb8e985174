"""National numbers that stand in two columns, the birthday and the rest, often as numbers that have lost their noughts."""

from __future__ import annotations

from itertools import permutations

import polars as pl

from ktt.domain.identifiers import parse_person_number

BIRTHDAY, REST = 6, 5
_SAMPLE = 60
_FEWEST = 5
_NEARLY_ALL = 0.8


class SplitNumbers:
    """Looks at the first rows of a table for the two columns. No value is kept when they have been looked at."""

    def __init__(self) -> None:
        self._pair: tuple[str, ...] = ()
        self._is_asked = False

    def add(self, block: pl.DataFrame) -> None:
        """Take some rows more; those after the first that have digits say nothing new."""
        if self._is_asked or block.is_empty():
            return
        texts = block.head(_SAMPLE).select(pl.all().str.strip_chars())
        of_day = [name for name in texts.columns if _are_digits(texts[name], BIRTHDAY)]
        of_rest = [name for name in texts.columns if _are_digits(texts[name], REST)]
        for day, rest in permutations(dict.fromkeys((*of_day, *of_rest)), 2):
            if day in of_day and rest in of_rest and self._are_numbers(texts, day, rest):
                self._pair = day, rest
        self._is_asked = True

    @staticmethod
    def _are_numbers(texts: pl.DataFrame, day: str, rest: str) -> bool:
        filled = texts.select(day, rest).drop_nulls().filter((pl.col(day) != "") & (pl.col(rest) != ""))
        numbers = [one.zfill(BIRTHDAY) + other.zfill(REST) for one, other in filled.iter_rows()]
        return len(numbers) >= _FEWEST and sum(parse_person_number(one).valid for one in numbers) >= _NEARLY_ALL * len(
            numbers
        )

    @property
    def pair(self) -> tuple[str, ...]:
        """The columns of the birthday and of the rest; none where there are no such two."""
        return self._pair


def _are_digits(column: pl.Series, most: int) -> bool:
    """Whether a column has whole numbers of so many digits, or of a few less where noughts are lost."""
    filled = column.drop_nulls()
    filled = filled.filter(filled != "")
    return (
        len(filled) >= _FEWEST
        and bool(filled.str.contains(rf"^\d{{1,{most}}}$").all())
        and bool((filled.str.len_chars() >= most - 1).any())
    )
