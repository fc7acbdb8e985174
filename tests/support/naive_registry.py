"""The registry as anybody would write it first: dictionaries, one record at a time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class NaiveRegistry:
    """Care services alone, whose content is their type. `take` is told of messages in order."""

    current: dict[tuple[str, str], tuple[int, str | None, int]] = field(default_factory=dict)
    history: list[tuple[str, str, int, str | None, int, int]] = field(default_factory=list)

    def take(self, at, unit, upserts, deletions):
        stated = dict.fromkeys(deletions) | upserts
        for name, content in stated.items():
            version, held, since = self.current.get((unit, name), (0, None, 0))
            if content != held:
                if version:
                    self.history.append((unit, name, version, held, since, at))
                self.current[unit, name] = (version + 1, content, at)

    def lines(self, unit):
        now = [(n, v, c, since, None) for (u, n), (v, c, since) in self.current.items() if u == unit]
        then = [(n, v, c, since, to) for u, n, v, c, since, to in self.history if u == unit]
        return sorted(now + then, key=lambda line: line[:2])
