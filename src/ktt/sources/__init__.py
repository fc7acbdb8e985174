"""Ways of reading a record system. `open_source(url, mapping).read(unit, day, environment)` gives an `Extract`."""

from ktt.sources.extract import Extract
from ktt.sources.proof import guard_drop
from ktt.sources.sql import SqlSource, open_source

__all__ = ["Extract", "SqlSource", "guard_drop", "open_source"]
