"""Reading a record system: `open_source(url, mapping).read(unit, day, environment)` of `sources.sql` gives an `Extract`."""
