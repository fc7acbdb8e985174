"""`ktt version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as installed

from ktt.cli.show import JsonFlag, emit


def version(*, json: JsonFlag = False) -> None:
    """Which version of ktt this is, and of the Python it runs on."""
    data = {"ktt": installed("ktt"), "python": platform.python_version()}
    emit(data, json=json, render=lambda: f"ktt {data['ktt']} (Python {data['python']})")
