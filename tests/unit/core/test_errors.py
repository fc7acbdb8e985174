"""The tree of faults, drawn whole: each has its own code, both languages, advice, and every fact it speaks of."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import docs
import ktt
from ktt.core.errors import KttError

TREE = [error for error in docs.error_tree() if "what" in vars(error)]


@cache
def _nodes():
    """Every call, raise, class, name and attribute of the program: kind → name → nodes."""
    found = defaultdict(lambda: defaultdict(list))
    for path in sorted(Path(ktt.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call | ast.Raise | ast.ClassDef | ast.Name | ast.Attribute):
                found[type(node)][_name(node)].append(node)
    return found


def _name(node):
    """What is called, raised, defined or used; empty where it has no name of its own."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Raise):
        return node.exc.id if isinstance(node.exc, ast.Name) else ""
    return next((getattr(node, part) for part in ("id", "attr", "name") if hasattr(node, part)), "")


def _placeholders(*texts):
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}


def _makings(error):
    """The names of the facts at each place in the program where the fault is made; `None` stands for `**facts`."""
    name = error.__name__
    if "__init__" in vars(error):  # it words its own facts: what it hands on to the root counts
        calls = [node for body in _nodes()[ast.ClassDef][name] for node in ast.walk(body) if isinstance(node, ast.Call)]
        return [{word.arg for word in call.keywords} for call in calls if _name(call) == "__init__"]
    called, bare = _nodes()[ast.Call][name], _nodes()[ast.Raise][name]
    return [*({word.arg for word in call.keywords} for call in called), *(set() for _ in bare)]


def test_codes_are_unique_and_well_formed():
    codes = [error.code for error in TREE if "code" in vars(error)]
    assert len(codes) > 20
    assert sorted(codes) == sorted(set(codes))
    assert [code for code in codes if not re.fullmatch(r"KTT-[A-Z]{3,4}-\d\d", code)] == []


@pytest.mark.parametrize("error", TREE, ids=lambda error: f"{error.code}-{error.__name__}")
def test_a_fault_explains_itself(error):
    for text in (error.what, error.remedy):
        assert text.nb.strip()
        assert text.en.strip()
        assert text is not KttError.what
        assert text is not KttError.remedy
    assert 1 <= error.exit_code <= 125
    assert error.__doc__


@pytest.mark.parametrize("error", TREE, ids=lambda error: f"{error.code}-{error.__name__}")
def test_both_languages_tell_the_same_facts_and_are_given_them(error):
    spoken = {language: _placeholders(*texts) for language, texts in _texts(error).items()}
    own = {name.removesuffix("_nb").removesuffix("_en") for name in spoken["nb"]}
    assert own == {name.removesuffix("_nb").removesuffix("_en") for name in spoken["en"]}
    for names in _makings(error):
        assert None in names or spoken["nb"] | spoken["en"] <= names


def test_every_fault_can_happen():
    used = _nodes()[ast.Name].keys() | _nodes()[ast.Attribute].keys()
    assert [error.__name__ for error in TREE if error.__name__ not in used] == []


def _texts(error):
    return {"nb": (error.what.nb, error.remedy.nb), "en": (error.what.en, error.remedy.en)}
