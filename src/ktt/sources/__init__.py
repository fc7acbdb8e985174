"""Reading a record system through a mapping."""
