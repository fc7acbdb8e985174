"""What people ask the registry: how it stands with each unit, and the story of one person. Each by two clocks."""

from __future__ import annotations

from ktt.registry.questions.look_ups import LookUp, Wanted, look_ups
from ktt.registry.questions.person import Stories, Story, StoryLine
from ktt.registry.questions.units import RegistryState, UnitState, registry_state

__all__ = [
    "LookUp",
    "RegistryState",
    "Stories",
    "Story",
    "StoryLine",
    "UnitState",
    "Wanted",
    "look_ups",
    "registry_state",
]
