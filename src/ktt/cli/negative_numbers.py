"""Numbers below zero as arguments: `ktt sandbox clock -90` means a number, and no option named `-9`."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperOption

_NEGATIVE = re.compile(r"-\d+([.,]\d+)?")


class NumberCommand(TyperCommand):
    """A command with a number as its argument."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Numbers that are no option's value are put behind `--`, where nothing is an option."""
        if "--" in args:
            return super().parse_args(ctx, args)
        taking = {name for option in self.params if _takes_value(option) for name in option.opts}
        before = ["", *args]
        numbers = [
            place for place, word in enumerate(args) if _NEGATIVE.fullmatch(word) and before[place] not in taking
        ]
        rest = [word for place, word in enumerate(args) if place not in numbers]
        return super().parse_args(ctx, [*rest, "--", *(args[place] for place in numbers)] if numbers else args)


def _takes_value(option: Any) -> bool:
    return isinstance(option, TyperOption) and not option.is_flag
