"""The guides for municipal operations name every setting and every key that the program reads."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from ktt.sender.extract.mapping import complete, field_forms, file
from ktt.sender.fleet.settings import Fleet, FleetSection
from ktt.sender.settings import SenderSettings

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def code_words(page: str) -> set[str]:
    """The words that stand as code on a page, in a block or in a sentence."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return set(re.findall(r"\w+", " ".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))))


def settings(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation)


def mapping_keys() -> set[str]:
    """The names that the reader of the mapping file allows."""
    source = "".join(map(inspect.getsource, (complete, field_forms, file)))
    allowed = " ".join(re.findall(r"\.allow_only\(([^)]*)\)", source))
    found = set(re.findall(r'"(\w+)"', allowed)) | set(field_forms.FORM_OF) | set(complete.WAYS)
    assert len(found) > 20, "the names are not found in the source any more"
    return found


@pytest.mark.parametrize("name", sorted(set(settings(SenderSettings))))
def test_every_setting_of_the_sender_is_explained(name):
    assert name in code_words("send-fra-kommunen.md")


@pytest.mark.parametrize("name", sorted(mapping_keys()))
def test_every_key_of_the_mapping_file_is_explained(name):
    assert name in code_words("koblingsfilen.md")


@pytest.mark.parametrize("name", sorted(FleetSection.model_fields))
def test_every_setting_of_a_fleet_is_explained(name):
    assert name in code_words("mange-enheter.md")


def test_the_guides_fleet_is_read_as_it_stands(tmp_path):
    text = (HOW_TO / "mange-enheter.md").read_text(encoding="utf-8")
    (tmp_path / "fleet.toml").write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    fleet = Fleet.load(tmp_path / "fleet.toml")
    assert [unit.fault for unit in fleet.units] == [None, None]
    assert fleet.units[1].settings.source.url == "postgresql://epj.kommunen.no/epj"
