"""Reading a record system: `open_source(url, mapping).read(unit, day, environment)` gives an `Extract`."""

from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import MappedSource, open_source

__all__ = ["Extract", "MappedSource", "open_source"]
