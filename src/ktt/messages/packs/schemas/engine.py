"""The schema engine, set so that no schema can make it slow, ask the network or pass over a format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

MOST_PATTERN = 16 << 20
"""Bytes of one compiled regular expression; 255 letters of any alphabet, as a name may have, take twelve million."""

PATTERNS = jsonschema_rs.RegexOptions(size_limit=MOST_PATTERN)
"""The engine that never backtracks: its time is in proportion to the text, whatever the pattern."""


Schema = Mapping[str, Any] | bool


class Engine:
    """Compiles schemas of one draft, the draft that a whole schema names in `$schema`."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._draft: Any = jsonschema_rs.validator_cls_for(dict(schema))

    def compiled(self, schema: Schema) -> jsonschema_rs.Validator:
        """A validator of the schema, or of a part of it. Formats are demanded, not only noted."""
        whole = schema if isinstance(schema, bool) else dict(schema)
        found: jsonschema_rs.Validator = self._draft(
            whole, validate_formats=True, pattern_options=PATTERNS, offline=True
        )
        return found
