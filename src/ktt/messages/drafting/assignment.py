"""The best total match of members with columns, each at most once."""

from __future__ import annotations

from collections.abc import Sequence

_FAR = 1e9


def best_match(scores: Sequence[Sequence[float]]) -> list[int | None]:
    """For each row the column it gets, so that the sum of the scores is the largest; a score of 0 or less is no match.

    The method is the Hungarian one, by shortest augmenting paths; it goes through the shorter of the two sides.
    """
    if not scores or len(scores) <= len(scores[0]):
        return _by_rows(scores)
    row_of = _by_rows(list(zip(*scores, strict=True)))
    found: list[int | None] = [None] * len(scores)
    for column, row in enumerate(row_of):
        if row is not None:
            found[row] = column
    return found


def _by_rows(scores: Sequence[Sequence[float]]) -> list[int | None]:
    rows = len(scores)
    columns = len(scores[0]) if rows else 0
    wide = columns + rows  # a column of nothing for each row
    costs = [[-max(score, 0.0) for score in row] + [0.0] * rows for row in scores]
    row_of = [0] * (wide + 1)
    of_rows, of_columns = [0.0] * (rows + 1), [0.0] * (wide + 1)
    for row in range(1, rows + 1):
        _augment(row, costs, row_of, of_rows, of_columns)
    found: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        row = row_of[column]
        if row and scores[row - 1][column - 1] > 0:
            found[row - 1] = column - 1
    return found


def _augment(
    row: int, costs: Sequence[Sequence[float]], row_of: list[int], of_rows: list[float], of_columns: list[float]
) -> None:
    """Give one more row a column, moving others along the cheapest path."""
    wide = len(row_of) - 1
    row_of[0] = row
    here = 0
    least, way, used = [_FAR] * (wide + 1), [0] * (wide + 1), [False] * (wide + 1)
    while row_of[here]:
        used[here] = True
        at, step, nearest = row_of[here], _FAR, 0
        for column in range(1, wide + 1):
            if used[column]:
                continue
            cost = costs[at - 1][column - 1] - of_rows[at] - of_columns[column]
            if cost < least[column]:
                least[column], way[column] = cost, here
            if least[column] < step:
                step, nearest = least[column], column
        for column in range(wide + 1):
            if used[column]:
                of_rows[row_of[column]] += step
                of_columns[column] -= step
            else:
                least[column] -= step
        here = nearest
    while here:
        row_of[here] = row_of[way[here]]
        here = way[here]
