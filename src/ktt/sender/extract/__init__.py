"""Reading a record system: `open_source(url, mapping).read(unit, day, environment)` gives an `Extract`."""

from ktt.sender.extract.completeness.source_checks import check_row_drop
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import SqlSource, open_source

__all__ = ["Extract", "SqlSource", "check_row_drop", "open_source"]
